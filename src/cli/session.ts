/** What a command works with: a gateway, a terminal, a clock. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Api } from "./api.ts";
import { createApi } from "./api.ts";
import { Misuse } from "./failure.ts";
import type { Document } from "./faults.ts";
import { createPrinter, type Printer, type PrinterOptions } from "./printer.ts";
import { createQuestions, type Questions } from "./questions.ts";
import { isHearsay, readToken, readUrl, SETTINGS_FILE } from "./settings.ts";

export interface GlobalOptions extends PrinterOptions {
  url?: string;
  tokenFile?: string;
  input?: boolean;
}

/** The process, as far as a command may see it. */
export interface World {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  environment: Readonly<Record<string, string | undefined>>;
  /** In which paths are looked for. */
  folder: string;
  fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  now(): number;
  /** Never the same twice. */
  newId(): string;
  /** Rejects once the reader interrupts. */
  pause(milliseconds: number): Promise<void>;
}

export interface Session {
  api: Api;
  printer: Printer;
  questions: Questions;
  now(): number;
  newId(): string;
  pause(milliseconds: number): Promise<void>;
  fetch: typeof globalThis.fetch;
  /** A file's text, or with `-` standard input's. */
  open(path: string): Promise<Document>;
}

export async function openSession(options: GlobalOptions, world: World): Promise<Session> {
  const { stdin, stderr, environment, folder } = world;
  const questions = createQuestions(stdin, stderr, options.input !== false);
  const read = (path: string): string => {
    try {
      return readFileSync(resolve(folder, path), "utf8");
    } catch (error) {
      throw new Misuse(`${path} cannot be read (${(error as { code?: string }).code ?? "not a file"})`);
    }
  };
  const open = async (path: string): Promise<Document> =>
    path === "-" ? { name: "stdin", text: await questions.input() } : { name: path, text: read(path) };
  const settings = existsSync(resolve(folder, SETTINGS_FILE)) ? read(SETTINGS_FILE) : undefined;
  const url = readUrl(options.url, environment, settings);
  if (isHearsay(url, options.url, environment))
    await questions.confirm(
      `Send the token to ${url}, as ${SETTINGS_FILE} says?`,
      `${SETTINGS_FILE} names ${url}, and whoever wrote that would be sent the token. If it is your gateway, say --url ${url}, or set GATEPOST_URL.`,
    );
  const tokenFile = options.tokenFile === undefined ? undefined : (await open(options.tokenFile)).text;
  return {
    api: createApi(url, readToken(tokenFile, environment), world.fetch),
    printer: createPrinter(world, options, environment["TERM"]),
    questions,
    now: world.now,
    newId: world.newId,
    pause: world.pause,
    fetch: world.fetch,
    open,
  };
}

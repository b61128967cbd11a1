/** The command line's real process against a gateway, in a folder of its own. Nothing that it prints is ever a secret. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { ADMIN_TOKEN, SIGNING_SECRET, type Gateway } from "./gateway.ts";

const PROGRAM = fileURLToPath(new URL("../../src/cli/gatepost.ts", import.meta.url));

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** @param secrets that nothing may print, besides the tests' own */
export function openCommandLine({ url }: Pick<Gateway, "url">, secrets: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-command-line-"));
  const start = (words: readonly string[], environment: Environment = {}) => {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, GATEPOST_URL: url, GATEPOST_TOKEN: ADMIN_TOKEN, ...environment };
    return spawn(process.execPath, [PROGRAM, ...words], { cwd: folder, env });
  };
  return {
    start,
    /** @param input of standard input, which is no terminal */
    async run(words: readonly string[], input = "", environment: Environment = {}): Promise<Ran> {
      const child = start(words, environment);
      child.stdin.end(input);
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close") as Promise<[number | null]>,
      ]);
      const printed = `${stdout}${stderr}`;
      for (const secret of [ADMIN_TOKEN, SIGNING_SECRET, ...secrets]) expect(printed).not.toContain(secret);
      expect(printed, "no colours where nobody looks").not.toContain("\u001b");
      return { code, stdout, stderr };
    },
    write(name: string, document: unknown): string {
      writeFileSync(join(folder, name), typeof document === "string" ? document : JSON.stringify(document, null, 2));
      return name;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

export type CommandLine = ReturnType<typeof openCommandLine>;

/** With `--json` every line of stdout is JSON. */
export const records = ({ stdout }: Ran): Record<string, unknown>[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

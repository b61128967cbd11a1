/** `gatepost config`: the one document that says what the gateway does. */
import type { Command } from "commander";
import { parseText } from "../../core/json.ts";
import { eachItem } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { check, inEffect, numberOf, PATH, textOf, VERSION } from "../document.ts";
import { Failure, Misuse, Silent } from "../failure.ts";
import { readDocument } from "../faults.ts";
import { readLimit } from "../listing.ts";
import { tellDifference, type Side } from "../hunks.ts";
import type { Session } from "../session.ts";
import { headings, styled } from "../table.ts";
import { count, moment } from "../times.ts";
import { push, rollback } from "./apply.ts";

interface Version {
  version: number;
  at: string;
  by: string;
  message?: string;
  current?: true;
}

export function addConfig(program: Command, act: Act): void {
  const config = describe(program.command("config"), "the document that says what the gateway does");

  describe(config.command("get"), "print the document in effect, or an earlier version of it", [
    "config get > config.json",
    "config get 16",
  ])
    .argument("[version]", "a version's number")
    .action(act<object, [string?]>(get));
  describe(config.command("validate"), "say what is wrong with a document; nothing is changed", [
    "config validate config.json",
  ])
    .argument("<file>", "the document, or - for standard input")
    .action(act<object, [string]>(validate));
  describe(
    config.command("diff"),
    "show what differs between two documents",
    ["config diff config.json", "config diff 16", "config diff 16 17 --exit-code"],
    "A file is compared with what is in effect, a version with what is in effect now; without either, the last change is shown.",
  )
    .argument("[from]", "a version's number, or a file")
    .argument("[to]", "a version's number, or a file")
    .option("--exit-code", "end with 1 where they differ")
    .action(act(diff));
  describe(config.command("push"), "put a document into effect, after showing what that changes", [
    'config push config.json -m "a second subscriber"',
    "config push config.json --yes",
  ])
    .argument("<file>", "the document, or - for standard input")
    .option("-m, --message <text>", "why, kept with the version")
    .option("-y, --yes", "apply without a question")
    .action(act(push));
  describe(config.command("rollback"), "put an earlier version into effect again, as a new one", ["config rollback 16"])
    .argument("<version>", "its number; `gatepost config versions` lists them")
    .option("-m, --message <text>", "why, kept with the version")
    .option("-y, --yes", "apply without a question")
    .action(act(rollback));
  describe(config.command("versions"), "list the versions, newest first", [
    "config versions",
    "config versions --limit 5 --json",
  ])
    .option("--limit <number>", "how many", "20")
    .action(act(versions));
}

async function get(session: Session, _options: object, version?: string): Promise<void> {
  if (version !== undefined && !VERSION.test(version)) throw new Misuse("a version is a number, as in `config get 16`");
  const text = version === undefined ? (await inEffect(session)).text : await textOf(session, version);
  if (text === undefined) throw new Failure("no configuration has been put yet", "gatepost config push config.json");
  session.printer.line(session.printer.isJson ? JSON.stringify(parseText(text)) : text.trimEnd());
}

async function validate(session: Session, _options: object, file: string): Promise<void> {
  const document = await session.open(file);
  const { changes, warnings = [] } = await check(session, document);
  if (session.printer.isJson) return session.printer.record({ valid: true, changes, warnings });
  session.printer.success(`${document.name} is valid; ${count(changes.length, "change")} to what is in effect`);
  if (changes.length > 0) session.printer.note(`  Look at them: gatepost config diff ${file}`);
}

async function diff(session: Session, options: { exitCode?: true }, from?: string, to?: string): Promise<void> {
  const [before, after] = await sidesOf(session, from, to);
  const isDifferent = tellDifference(session.printer, before, after);
  if (isDifferent && options.exitCode) throw new Silent("they differ");
}

async function sidesOf(session: Session, from: string | undefined, to: string | undefined): Promise<[Side, Side]> {
  const effective = async (): Promise<Side> => {
    const { text, etag } = await inEffect(session);
    return { name: `in effect${numberOf(etag)}`, document: text === undefined ? undefined : parseText(text) };
  };
  const open = async (given: string): Promise<Side> => {
    if (VERSION.test(given)) return { name: `version ${given}`, document: parseText(await textOf(session, given)) };
    const document = await session.open(given);
    return { name: document.name, document: readDocument(document) };
  };
  if (from !== undefined && to !== undefined) return [await open(from), await open(to)];
  if (from !== undefined)
    return VERSION.test(from) ? [await open(from), await effective()] : [await effective(), await open(from)];
  const [newest, previous] = (await session.api.get<{ items: Version[] }>(`${PATH}/versions`, { limit: 2 })).items;
  const nothing: Side = { name: "nothing", document: undefined };
  return [previous ? await open(`${previous.version}`) : nothing, newest ? await open(`${newest.version}`) : nothing];
}

async function versions({ api, printer }: Session, options: { limit: string }): Promise<void> {
  const found = eachItem<Version>(api, `${PATH}/versions`, {}, readLimit(options.limit));
  const rows = [headings("version", "at (UTC)", "by", "message")];
  for await (const each of found) {
    if (printer.isJson) printer.record(each);
    const { version, at, by, message, current } = each;
    rows.push([
      styled(current ? ["bold", "green"] : "bold", `${version}${current ? " *" : ""}`),
      moment(at),
      by,
      message,
    ]);
  }
  if (printer.isJson) return;
  printer.table(rows);
  printer.note("\n* in effect. What a version changed: gatepost config diff <before> <version>");
}

/** Lists: the flags that filter them, rows as they come, and how to go on. */
import { Option, type Command } from "commander";
import { eachItem, type Query } from "./api.ts";
import { Misuse } from "./failure.ts";
import type { Session } from "./session.ts";
import type { Cell } from "./table.ts";
import { readTime, toIso } from "./times.ts";

export interface ListOptions {
  since?: string;
  until?: string;
  limit?: string;
  cursor?: string;
}

const DEFAULT_LIMIT = "20";

export function addListOptions(command: Command): Command {
  return command
    .option("--since <time>", "received since: 15m, 2h, 3d ago, or 2026-02-03, or 2026-02-03T09:00Z")
    .option("--until <time>", "received before")
    .option("--limit <number>", "how many at most", DEFAULT_LIMIT)
    .option("--cursor <cursor>", "go on where another list ended");
}

/** One of the words that the API takes. */
export const choice = (flags: string, description: string, words: readonly string[]): Option =>
  new Option(flags, description).choices(words);

export const timesOf = ({ since, until }: ListOptions, now: number): { from?: string; to?: string } => ({
  ...(since === undefined ? {} : { from: toIso(readTime(since, now, "--since")) }),
  ...(until === undefined ? {} : { to: toIso(readTime(until, now, "--until")) }),
});

export function readLimit(text = DEFAULT_LIMIT): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Misuse("--limit is a whole number from 1 on");
  return Number(text);
}

/** Rows as the API has them, or one JSON text each; then whether there are more. */
export async function tellList(
  session: Session,
  path: string,
  query: Query,
  options: ListOptions,
  shown: { head: readonly Cell[]; row(item: never): Cell[]; nouns: string },
): Promise<void> {
  const { api, printer, now } = session;
  const items = eachItem<never>(
    api,
    path,
    { ...query, ...timesOf(options, now()), cursor: options.cursor },
    readLimit(options.limit),
  );
  const rows: Cell[][] = [];
  let next = await items.next();
  for (; !next.done; next = await items.next()) {
    if (printer.isJson) printer.record(next.value);
    else rows.push(shown.row(next.value));
  }
  if (rows.length > 0) printer.table([shown.head, ...rows]);
  else if (!printer.isJson) printer.note(`no ${shown.nouns}${next.value === undefined ? "" : " so far"}`);
  if (next.value !== undefined) printer.note(`\nThere are more: the same with --cursor ${next.value}`);
}

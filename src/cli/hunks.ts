/** A difference on the terminal, in the colours of git's. */
import { hunksBetween, type Line } from "./difference.ts";
import { plain } from "./plain.ts";
import type { Style } from "./paint.ts";
import type { Printer } from "./printer.ts";

const COLOURS: Readonly<Record<Exclude<Line["sign"], " ">, Style>> = { "-": "red", "+": "green" };

export interface Side {
  name: string;
  /** `undefined` where there is none. */
  document: unknown;
}

/** Returns whether there is one; for machines each hunk is a record. */
export function tellDifference(printer: Printer, before: Side, after: Side): boolean {
  const hunks = hunksBetween(before.document, after.document);
  if (printer.isJson) {
    for (const { within, lines } of hunks)
      printer.record({ path: within, lines: lines.map(({ sign, text }) => `${sign}${text}`) });
    return hunks.length > 0;
  }
  const { paint, line } = printer;
  if (hunks.length > 0) {
    line(paint("bold", `--- ${plain(before.name)}`));
    line(paint("bold", `+++ ${plain(after.name)}`));
  }
  for (const { within, lines } of hunks) {
    line(paint("cyan", `@@ ${plain(within === "" ? "/" : within)} @@`));
    for (const { sign, text } of lines)
      line(sign === " " ? ` ${plain(text)}` : paint(COLOURS[sign], `${sign}${plain(text)}`));
  }
  return hunks.length > 0;
}

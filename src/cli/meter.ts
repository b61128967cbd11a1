/** How far long work has come: one line that is written over where there is a terminal, else a line each tenth, else objects. */
import { jsonLine } from "./plain.ts";
import type { Printer } from "./printer.ts";
import { howLong } from "./times.ts";

export interface Progress {
  done: number;
  /** Unknown where nobody has counted. */
  of?: number | undefined;
  /** Not taken. */
  dead: number;
}

/** `412/1,204  34/s  eta 23 s  dead 3` @param elapsed milliseconds */
export function progressLine({ done, of, dead }: Progress, elapsed: number): string {
  const perSecond = elapsed > 0 ? (done * 1000) / elapsed : 0;
  const left = of === undefined ? 0 : of - done;
  return [
    of === undefined ? done.toLocaleString("en-US") : `${done.toLocaleString("en-US")}/${of.toLocaleString("en-US")}`,
    perSecond >= 0.1 ? `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s` : undefined,
    left > 0 && perSecond >= 0.1 ? `eta ${howLong((left / perSecond) * 1000)}` : undefined,
    dead > 0 ? `dead ${dead}` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join("  ");
}

/** @returns tells how far it has come, as often as it is called */
export function createMeter(printer: Printer, now: () => number): (progress: Progress) => void {
  const startedAt = now();
  let tenth = -1;
  return (progress) => {
    const line = progressLine(progress, now() - startedAt);
    if (printer.status) return printer.status(line);
    const { done, of } = progress;
    const reached = of ? Math.floor((done * 10) / of) : Number(done > 0);
    if (reached <= tenth) return;
    tenth = reached;
    printer.note(printer.isJson ? jsonLine(progress) : line);
  };
}

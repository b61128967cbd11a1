/** The story that `npm start` tells, in aligned lines; in colour where a terminal shows it (and NO_COLOR is not set). */
import { styleText } from "node:util";

export interface Line {
  vendor: string;
  step:
    | "received"
    | "token issued"
    | "token obtained"
    | "session read"
    | "files stored"
    | "delivered"
    | "verified"
    | "refused"
    | "file opened";
  what: string;
  /** An outcome, or what proves the webhook, or what opened the vendor's API. */
  how?: string;
  id?: string;
}

type Colour = Parameters<typeof styleText>[0];

const STEP_COLOURS: Readonly<Record<Line["step"], Colour>> = {
  received: "cyan",
  "token issued": "cyan",
  "token obtained": "magenta",
  "session read": "magenta",
  "files stored": "magenta",
  delivered: "blue",
  verified: "green",
  refused: "red",
  "file opened": "green",
};

const WIDTHS = { vendor: 8, step: 16, what: 32, how: 17 } as const;

export function tell({ vendor, step, what, how = "", id = "" }: Line): void {
  const columns = [
    styleText("bold", vendor.padEnd(WIDTHS.vendor)),
    styleText(STEP_COLOURS[step], step.padEnd(WIDTHS.step)),
    what.padEnd(WIDTHS.what),
    how.padEnd(WIDTHS.how),
    styleText("dim", id),
  ];
  console.log(`  ${columns.join("")}`.trimEnd());
}

export function say(text = ""): void {
  console.log(text);
}

export function headline(text: string): void {
  console.log(`\n${styleText("bold", text)}\n`);
}

export function success(text: string): void {
  console.log(`\n  ${styleText(["bold", "green"], text)}\n`);
}

export function complain(text: string): void {
  console.error(`\n  ${styleText(["bold", "red"], text)}\n`);
}

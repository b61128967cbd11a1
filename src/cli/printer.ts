/** Data goes to stdout, everything said about it to stderr, so that a pipe carries nothing but data. */
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { Paint } from "./paint.ts";
import { jsonLine, plain } from "./plain.ts";
import { layOut, type Cell } from "./table.ts";

export interface Printer {
  isJson: boolean;
  /** Of stdout, of stderr. */
  paint: Paint;
  paintNote: Paint;
  line(text?: string): void;
  /** For machines: one JSON text a line. */
  record(value: unknown): void;
  table(rows: readonly (readonly Cell[])[]): void;
  /** A hint, a summary, a warning; not with `--quiet`. */
  note(text: string): void;
  complain(text: string): void;
  success(text: string): void;
  /** Writes over itself; only where stderr is a terminal that can. */
  status: ((text: string) => void) | undefined;
}

export interface PrinterOptions {
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  /** `false` with `--no-color`. */
  color?: boolean | undefined;
}

/** `stdout` and `stderr` may be pipes. */
export interface Streams {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

const ERASE_LINE = "\r\u001b[K";

export function createPrinter({ stdout, stderr }: Streams, options: PrinterOptions, terminal?: string): Printer {
  const painter =
    (stream: NodeJS.WritableStream): Paint =>
    (style, text) =>
      options.color === false ? text : styleText(style, text, { stream, validateStream: true });
  const [paint, paintNote] = [painter(stdout), painter(stderr)];
  const isQuiet = options.quiet === true;
  const rewrites = (stderr as WriteStream).isTTY && terminal !== "dumb" && !isQuiet && options.json !== true;
  const note = (text: string) => void (isQuiet || stderr.write(`${text}\n`));
  const line = (text = "") => void stdout.write(`${text}\n`);
  return {
    isJson: options.json === true,
    paint,
    paintNote,
    line,
    record: (value) => line(jsonLine(value)),
    table: (rows) => {
      for (const each of layOut(rows, paint)) line(each);
    },
    note,
    complain: (text) => void stderr.write(`${text}\n`),
    success: (text) => note(`${paintNote("green", "✓")} ${text}`),
    status: rewrites ? (text) => void stderr.write(`${ERASE_LINE}${plain(text)}`) : undefined,
  };
}

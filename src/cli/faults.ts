/** Faults of a document as compilers print them: where, what, what else it may be. */
import { parseText } from "../core/json.ts";
import { valueAt } from "../core/pointer.ts";
import { Failure } from "./failure.ts";
import { findPlaces, placeOf } from "./places.ts";
import { plain } from "./plain.ts";
import type { Paint } from "./paint.ts";

/** As the admin API tells it. */
export interface ToldFault {
  path: string;
  message: string;
  /** Names that may stand there. */
  expected?: readonly string[];
  /** The nearest of them. */
  suggestion?: string;
}

export interface Document {
  /** As the reader calls it. */
  name: string;
  text: string;
}

/** More names than these are a page of the reference, not a hint. */
const MOST_NAMES = 12;

/** A line for each, in the order of the document. */
export function tellFaults(
  faults: readonly ToldFault[],
  document: Document,
  kind: "error" | "warning",
  paint: Paint,
): string[] {
  const places = findPlaces(document.text);
  const value = parseText(document.text);
  const what = paint(kind === "error" ? ["bold", "red"] : ["bold", "yellow"], `${kind}:`);
  const placed = faults.map((fault) => ({
    fault,
    place: isOfName(fault) ? places.nameAt(fault.path) : places.valueAt(fault.path),
  }));
  placed.sort((one, other) => one.place.line - other.place.line || one.place.column - other.place.column);
  return placed.map(({ fault, place }) => {
    const { path } = fault;
    const where = paint("bold", `${document.name}:${place.line}:${place.column}:`);
    const words = plain(wordsOf(fault, valueAt(value, path)));
    return `${where} ${what} ${paint("cyan", plain(path === "" ? "/" : path))}  ${words}`;
  });
}

/** Its path names a member that nobody knows; what that holds is beside the point. */
const isOfName = ({ message }: ToldFault): boolean => message.startsWith("unknown key");

/**
 * What stands in the document is repeated only where it is nearly a valid name: anything else may be a secret that was put into the
 * wrong place, and the terminal's output may end up in a log.
 */
function wordsOf(fault: ToldFault, value: unknown): string {
  const { message, expected = [], suggestion } = fault;
  const isListed = expected.length > 0 && expected.length <= MOST_NAMES && !message.includes(expected[0] ?? "");
  const names = isListed ? ` (${expected.join(" | ")})` : "";
  if (suggestion === undefined) return `${message}${names}`;
  const meant = ` (did you mean ${suggestion}?)`;
  if (isOfName(fault)) return `${message}${meant}`;
  return `${message}${names}${typeof value === "string" ? `, got "${value}"` : ""}${meant}`;
}

/** Text that is no JSON is not worth a request. */
export function readDocument({ name, text }: Document): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // V8 quotes a piece of the text, which may be a secret; of its sentence only the position is used.
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const { line, column } = placeOf(text, at === undefined ? text.trimEnd().length : Number(at));
    throw new Failure(
      `${name}:${line}:${column}: this is not JSON`,
      "A comma too many or too few, or a quote that does not end?",
    );
  }
}

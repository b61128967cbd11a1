/** Where a list goes on. To its reader a cursor is opaque; what it holds is a position and nothing of the filter. */
import { fromBase64, toBase64Url } from "./base64.ts";
import { parseJson } from "./json.ts";

/** A row's place in a list that is ordered by time of receipt: rows that come in meanwhile do not move it. */
export interface Position {
  /** ULID of the receipt. */
  sequence: string;
  id: string;
}

export function writeCursor({ sequence, id }: Position): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify([sequence, id])));
}

/** Longer than any that is written. */
const MAX_LENGTH = 400;

/** `undefined` where nobody has written such a cursor. */
export function readCursor(cursor: string): Position | undefined {
  const bytes = cursor.length <= MAX_LENGTH ? fromBase64(cursor) : undefined;
  const parsed = bytes && parseJson(bytes);
  if (!parsed?.ok || !Array.isArray(parsed.value)) return undefined;
  const [sequence, id, ...more]: unknown[] = parsed.value;
  return typeof sequence === "string" && typeof id === "string" && more.length === 0 ? { sequence, id } : undefined;
}

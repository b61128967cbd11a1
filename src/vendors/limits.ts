/**
 * How much of a session one event may hold, about a megabyte in all. An answer may have ten: the vendor's own mistake, or
 * somebody's who filled a session until whoever reads it breaks. What is left out is said to be missing.
 */
import type { Missing, Scalar, Statement } from "../core/event.ts";
import type { JsonObject } from "../core/json.ts";
import type { SessionRead, SessionReading } from "./session.ts";

/** Of a listing. */
export const MAX_FILES = 500;
/** With those that no listing names: pictures within an answer, and what every session has. */
const MAX_FILES_IN_ALL = MAX_FILES + 50;
/** Characters of an id, an action, a file's name, the path of a field. */
export const MAX_NAME = 256;
export const MAX_CHECKS = 500;
export const MAX_EXTRACTED = 1000;
/** Characters. */
const MAX_TEXT = 4096;

const KIB = 1024;
/** Bytes as JSON. */
const MAX_BYTES = { checks: 128 * KIB, hits: 256 * KIB, extracted: 256 * KIB, vendorData: 512 * KIB };
const MAX_HITS = 1000;

/** The beginning of a text; a character is not cut in two. */
export function cut(text: string, most = MAX_NAME): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, "");
}

/** The same reading, of which an event can be made whatever the vendor answers. */
export function* withinLimits(reading: SessionReading): SessionReading {
  return limit(yield* reading);
}

type Lose = (what: string) => void;

function limit(read: SessionRead): SessionRead {
  const lost = new Set<string>();
  const lose: Lose = (what) => void lost.add(what);
  const statement = limitStatement(read.statement, lose);
  const vendorData = limitAnswers(read.vendorData, lose);
  const missing = [...lost].map((what): Missing => ({ what, why: "too_large" }));
  const isListLong =
    read.files.length > MAX_FILES_IN_ALL && !statement.missing?.some(({ why }) => why === TOO_MANY_FILES.why);
  if (isListLong) missing.push(TOO_MANY_FILES);
  return {
    ...read,
    statement: missing.length > 0 ? { ...statement, missing: [...(statement.missing ?? []), ...missing] } : statement,
    files: read.files.slice(0, MAX_FILES_IN_ALL),
    vendorData,
  };
}

/** What is said of a listing that has more files than are read. */
export const TOO_MANY_FILES: Missing = { what: "files", why: "too_many" };

function limitStatement(statement: Statement, lose: Lose): Statement {
  const { session, person, document, checks, watchlist, extracted } = statement;
  return {
    ...statement,
    // Another id would be another session's.
    session: { ...limitTexts(session, () => lose("session")), id: session.id },
    person: person && limitTexts(person, () => lose("person")),
    document: document && limitTexts(document, () => lose("document")),
    checks: checks && fitting(checks, MAX_CHECKS, MAX_BYTES.checks, () => lose("checks")),
    watchlist: watchlist?.hits
      ? { ...watchlist, hits: fitting(watchlist.hits, MAX_HITS, MAX_BYTES.hits, () => lose("watchlist/hits")) }
      : watchlist,
    extracted: extracted && limitExtracted(extracted, () => lose("extracted")),
  };
}

function limitExtracted(extracted: Readonly<Record<string, Scalar>>, lose: () => void): Record<string, Scalar> {
  const entries = Object.entries(limitTexts(extracted, lose));
  return Object.fromEntries(fitting(entries, MAX_EXTRACTED, MAX_BYTES.extracted, lose));
}

/** Together, so that two answers take no more than one. */
function limitAnswers(answers: SessionRead["vendorData"], lose: Lose): Record<string, JsonObject> {
  let left = MAX_BYTES.vendorData;
  const kept = Object.entries(answers).map(([name, answer]): [string, JsonObject] => {
    const size = sizeOf(answer);
    if (size > left) {
      lose(`vendorData/${name}`);
      return [name, {}];
    }
    left -= size;
    return [name, answer];
  });
  return Object.fromEntries(kept);
}

/** In their order, without those that there is no room left for. */
function fitting<Item>(items: readonly Item[], most: number, bytes: number, lose: () => void): Item[] {
  const kept: Item[] = [];
  let left = bytes;
  for (const item of items) {
    if (kept.length === most) break;
    const size = sizeOf(item);
    if (size > left) continue;
    left -= size;
    kept.push(item);
  }
  if (kept.length < items.length) lose();
  return kept;
}

function limitTexts<Value>(value: Value, lose: () => void): Value {
  if (typeof value === "string" && value.length > MAX_TEXT) {
    lose();
    return cut(value, MAX_TEXT) as Value;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, limitTexts(member, lose)])) as Value;
}

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/** A vendor's answer as it may be kept in an event: credentials are gone, and so are bytes, whose place is a file. */
import type { Json } from "../core/event.ts";
import type { JsonObject } from "../core/json.ts";
import { scrubUrls } from "../core/scrub.ts";

/** Characters. A key or a hash is shorter; a picture is longer. */
const MIN_BINARY_LENGTH = 512;
const BASE64 = /^(?:data:[^,]{0,200},)?[A-Za-z0-9+/_\-\r\n]+={0,2}[\r\n]{0,4}$/;

/**
 * The same answer without long base64 strings, and without the query of any URL, whole or relative. All that is said of a session
 * is read from this copy; only the URLs that are asked next are read from the answer itself.
 */
export function toVendorData(answer: JsonObject): JsonObject {
  return withoutBinary(scrubUrls(answer)) as JsonObject;
}

/** Whether a text is so long, and so little of a text, that it can only stand for bytes. */
export function isBinary(value: Json): boolean {
  return typeof value === "string" && value.length >= MIN_BINARY_LENGTH && BASE64.test(value);
}

function withoutBinary(value: Json): Json {
  if (typeof value === "string") return withoutQueries(value);
  if (Array.isArray(value)) return value.filter((item) => !isBinary(item)).map(withoutBinary);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => !isBinary(member));
  return Object.fromEntries(kept.map(([key, member]) => [withoutQueries(key), withoutBinary(member)]));
}

/** Of URLs that are relative to the vendor's own: what is signed there is a credential too. */
function withoutQueries(text: string): string {
  return text.includes("?") ? text.replaceAll(/\S+/g, withoutQuery) : text;
}

function withoutQuery(word: string): string {
  const query = word.indexOf("?");
  return query >= 0 && word.includes("=", query) ? word.slice(0, query) : word;
}

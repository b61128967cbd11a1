/** Signed URLs are credentials: whoever has the query string has the file. */
import type { Json } from "./event.ts";
import type { JsonObject } from "./json.ts";

/** The same value with the query and fragment of every absolute URL in it gone. */
export function scrubUrls(value: JsonObject): JsonObject {
  return scrub(value) as JsonObject;
}

/**
 * A URL may hold line breaks and tabs: whoever reads it leaves them out. Taken whole and cut afterwards: a pattern that looked for
 * the query itself would go over the same characters again and again, and a body made for it would stop the consumer.
 */
const URL_IN_TEXT = /https?:\/\/[^ "'<>]+/gi;

const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? "";

function scrub(value: Json): Json {
  if (typeof value === "string") return value.replaceAll(URL_IN_TEXT, withoutQuery);
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, scrub(member)]));
}

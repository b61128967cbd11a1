/** Signed URLs are credentials: whoever has the query string has the file. */
import type { Json } from "./event.ts";
import type { JsonObject } from "./json.ts";

/** The same value with the query and fragment of every absolute URL in it gone. */
export function scrubUrls(value: JsonObject): JsonObject {
  return scrub(value) as JsonObject;
}

/** A URL may hold line breaks and tabs: whoever reads it leaves them out. */
const QUERY_OF_URL = /(https?:\/\/[^ ?#"'<>]+)[?#][^ "'<>]*/gi;

function scrub(value: Json): Json {
  if (typeof value === "string") return value.replaceAll(QUERY_OF_URL, "$1");
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, scrub(member)]));
}

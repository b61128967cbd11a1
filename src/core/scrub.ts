/** Signed URLs are credentials: whoever has the query string has the file. */
import type { Json } from "./event.ts";
import type { JsonObject } from "./json.ts";

/** The same value with the query and fragment of every absolute URL in it gone. */
export function scrubUrls(value: JsonObject): JsonObject {
  return scrub(value) as JsonObject;
}

function scrub(value: Json): Json {
  if (typeof value === "string") return /^https?:\/\/[^\s?#]+[?#]/i.test(value) ? value.replace(/[?#].*$/s, "") : value;
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, scrub(member)]));
}

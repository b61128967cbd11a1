/** URLs may be credentials: whoever has the query of a signed one has the file, and some carry a user and a password. */
import type { Json } from "./event.ts";
import type { JsonObject } from "./json.ts";

/** The same value with the query, the fragment and the user of every absolute URL in it gone, from names as well as from texts. */
export function scrubUrls(value: JsonObject): JsonObject {
  return scrub(value) as JsonObject;
}

/**
 * A URL may hold line breaks and tabs: whoever reads it leaves them out. Taken whole and cut afterwards: a pattern that looked for
 * the query itself would go over the same characters again and again, and a body made for it would stop the consumer.
 */
const URL_IN_TEXT = /https?:\/\/[^ "'<>]+/gi;

/**
 * The scheme with however many slashes, and what stands before the last `@` of the host's part. It matches whether or not there
 * is any, so that it never tries again from another place.
 */
const HEAD = /^(https?:[/\\\t\r\n]*)(?:[^/\\]*@)?/i;

function withoutCredentials(url: string): string {
  const [address = ""] = url.split(/[?#]/, 1);
  return address.replace(HEAD, "$1");
}

const scrubText = (text: string): string => text.replaceAll(URL_IN_TEXT, withoutCredentials);

function scrub(value: Json): Json {
  if (typeof value === "string") return scrubText(value);
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [scrubText(key), scrub(member)]));
}

/**
 * URLs may be credentials: whoever has the query of a signed one has the file, and some carry a user and a password. What other
 * credentials are, their names tell.
 */
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

/** In whatever style it is written: `access_token`, `apiKey`, `X-Api-Key`. */
const CREDENTIAL =
  /(?:token|secret|password|passwd|passphrase|authorization|cookie|jwt|(?:api|access|private|secret|signing)key)s?(?:\.|$)/i;

/** @param path the names down to a member, with dots between them */
export const isCredentialAt = (path: string): boolean => CREDENTIAL.test(path.replaceAll(/[^a-z0-9.]/gi, ""));

/** The same value without the members whose names say that they open a door. */
export function dropCredentials<Value extends Json>(value: Value): Value {
  if (Array.isArray(value)) return value.map(dropCredentials) as unknown as Value;
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !isCredentialAt(key));
  return Object.fromEntries(kept.map(([key, member]) => [key, dropCredentials(member)])) as Value;
}

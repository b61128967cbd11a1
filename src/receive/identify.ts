/** What a webhook is about, as its vendor's adapter reads it. */
import type { Source } from "../config/config.ts";
import { isObject, parseJson } from "../core/json.ts";
import type { Identified } from "../vendors/adapter.ts";
import { adapters } from "../vendors/registry.ts";

/** A vendor's URL-validation ping is a body of at most 1 KiB. */
const MAX_PING_BYTES = 1024;

export function isPing(source: Source, body: Uint8Array): boolean {
  const adapter = adapters[source.vendor];
  if (!adapter.isPing || body.byteLength > MAX_PING_BYTES) return false;
  const parsed = parseJson(body);
  return parsed.ok && isObject(parsed.value) && adapter.isPing(parsed.value);
}

export function identify(source: Source, body: Uint8Array): Identified {
  const parsed = parseJson(body);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) return { ok: false, reason: "not_an_object" };
  return adapters[source.vendor].identify(parsed.value, source.adapterOptions);
}

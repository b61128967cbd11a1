/** Bytes from a stranger to JSON values, without losing digits and without a depth that would overflow a stack later. */
import type { Json } from "./event.ts";

export type JsonObject = { readonly [key: string]: Json };

export type Parsed = { ok: true; value: Json } | { ok: false; reason: "not_utf8" | "not_json" | "too_deep" };

const MAX_DEPTH = 64;
/** Sixteen digits, or an exponent that may stand for them. */
const LONG_NUMBER = /\d{16}|\d[eE]/;

/** RFC 8259 text in UTF-8. A number that a double cannot hold becomes the string of its digits. */
export function parseJson(bytes: Uint8Array): Parsed {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return { ok: false, reason: "not_utf8" };
  }
  let value: Json;
  try {
    value = LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: error instanceof RangeError ? "too_deep" : "not_json" };
  }
  return isTooDeep(value) ? { ok: false, reason: "too_deep" } : { ok: true, value };
}

function keepDigits(_key: string, value: Json, context?: { source?: string }): Json {
  const isLossy = typeof value === "number" && !Number.isSafeInteger(value) && !isFraction(value);
  return isLossy ? (context?.source ?? value) : value;
}

const isFraction = (value: number): boolean => Number.isFinite(value) && !Number.isInteger(value);

/** Level by level, so that the check itself needs no deep stack. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item): unknown[] => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `undefined` where the text is not JSON. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The same said in another order of members is the same. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, inOrder(member)]));
}

/**
 * The trace that a webhook belongs to (W3C Trace Context, level 2): continued where its sender gave one, else its own, made of
 * the receipt's id, so that every record of one webhook names the same trace without anything being remembered for it.
 */
import { shortHash } from "./digest.ts";

export interface Trace {
  /** 32 lower-case hex digits. */
  id: string;
  /** 2 lower-case hex digits. */
  flags: string;
}

/** version, trace id, parent id, flags, and what a later version may have after them (section 3.2) */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NOTHING = /^0+$/;
/** Sampled and random; what other flags mean is not known, and they are not passed on (section 3.2.2.5). */
const KNOWN_FLAGS = 0x03;
/** Every unit of work has its record. */
const SAMPLED = "01";

/** `undefined` where it is absent or malformed: a malformed one starts a new trace (section 3.2). */
export function readTraceparent(header: string | undefined): Trace | undefined {
  const [, version, id = "", parent = "", flags = "", rest] = TRACEPARENT.exec(header ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (NOTHING.test(id) || NOTHING.test(parent)) return undefined;
  return { id, flags: (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16).padStart(2, "0") };
}

/** @param id of a receipt or, where that is not at hand, an event: a prefix and 32 hex digits */
export function traceOf(id: string, traceparent?: string): Trace {
  return readTraceparent(traceparent) ?? { id: id.slice(-32), flags: SAMPLED };
}

export const writeTraceparent = ({ id, flags }: Trace, span: string): string => `00-${id}-${span}-${flags}`;

/** 16 hex digits; of the same unit of work always the same. */
export async function spanOf(...unit: string[]): Promise<string> {
  return (await shortHash("span", ...unit)).slice(0, 16);
}

/** What a subscriber gets to see of an event. What it may not see is absent, not masked. */
import type { CanonicalEvent } from "./event.ts";
import { parsePointer } from "./pointer.ts";

/** The members of `data` that a subscriber can ask for; `session` and `missing` always stay. */
export const INCLUDABLE = [
  "person",
  "document",
  "checks",
  "timeline",
  "files",
  "watchlist",
  "extracted",
  "vendorData",
] as const;

export type Includable = (typeof INCLUDABLE)[number];

export interface Projection {
  /** Absent: everything but `vendorData`. */
  include?: readonly Includable[] | undefined;
  /** JSON Pointers from the event's root, `*` for the elements of a list. */
  redact: readonly string[];
}

export function project(event: CanonicalEvent, projection: Projection): object {
  const wanted = new Set<string>(projection.include ?? INCLUDABLE.filter((member) => member !== "vendorData"));
  const isKept = (member: string) => member === "session" || member === "missing" || wanted.has(member);
  const data = Object.fromEntries(Object.entries(event.data).filter(([member]) => isKept(member)));
  return projection.redact.reduce<object>(
    (redacted, pointer) => {
      const segments = parsePointer(pointer);
      return segments && segments.length > 0 ? (without(redacted, segments) as object) : redacted;
    },
    { ...event, data },
  );
}

function without(value: unknown, [segment, ...rest]: readonly string[]): unknown {
  if (segment === undefined || typeof value !== "object" || value === null) return value;
  const isTarget = (key: string) => key === segment || (segment === "*" && Array.isArray(value));
  const entries = Object.entries(value)
    .filter(([key]) => !(isTarget(key) && rest.length === 0))
    .map(([key, member]): [string, unknown] => [key, isTarget(key) ? without(member, rest) : member]);
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

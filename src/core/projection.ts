/** What a subscriber gets to see of an event. What it may not see is absent, not masked. */
import type { CanonicalEvent } from "./event.ts";
import { parsePointer } from "./pointer.ts";

/** The members of `data` that a subscriber can ask for; the others always stay. */
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

const ALWAYS: ReadonlySet<string> = new Set(["session", "supersedes", "missing"]);

export type Includable = (typeof INCLUDABLE)[number];

export interface Projection {
  /** Absent: everything but `vendorData`. */
  include?: readonly Includable[] | undefined;
  /** JSON Pointers from the event's root, `*` for the elements of a list. */
  redact: readonly string[];
}

export function project(event: CanonicalEvent, projection: Projection): object {
  const wanted = new Set<string>(projection.include ?? INCLUDABLE.filter((member) => member !== "vendorData"));
  const isKept = (member: string) => ALWAYS.has(member) || wanted.has(member);
  const data = Object.fromEntries(Object.entries(event.data).filter(([member]) => isKept(member)));
  const targets = projection.redact.map((pointer) => parsePointer(pointer) ?? []).filter((target) => target.length > 0);
  return without({ ...event, data }, targets) as object;
}

/** All at once, so that an index in one pointer is not moved by what another one takes away. */
function without(value: unknown, targets: readonly (readonly string[])[]): unknown {
  if (targets.length === 0 || typeof value !== "object" || value === null) return value;
  const isList = Array.isArray(value);
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const rests = targets
      .filter(([segment]) => segment === key || (isList && segment === "*"))
      .map(([, ...rest]) => rest);
    return rests.some((rest) => rest.length === 0) ? [] : [[key, without(member, rests)]];
  });
  return isList ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

/** Where SEON's fields stand: under `details`, or at the top level beside `event` and `date`. */
import type { Scalar } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { createReader, type Reader } from "../reader.ts";

export interface Payload {
  envelope: Reader;
  /** The places that a field may stand in, the likelier first. */
  places: readonly Reader[];
}

export function openPayload(payload: JsonObject): Payload {
  const envelope = createReader(payload);
  const details = envelope.object("details");
  return { envelope, places: details === undefined ? [envelope] : [details, envelope] };
}

/** What the first place that has it says. */
export function firstOf<Value>(
  places: readonly Reader[],
  read: (place: Reader) => Value | undefined,
): Value | undefined {
  for (const place of places) {
    const value = read(place);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function readText(places: readonly Reader[], names: readonly string[]): string | undefined {
  return firstOf(places, (place) => place.text(...names));
}

const DETAILS = "details.";

/** What nobody read, without the `details.` that most of it stands under, unless that would hide another field. */
export function readLeftovers(envelope: Reader): Record<string, Scalar> {
  const left = envelope.leftovers();
  const shorten = (name: string): string => {
    const short = name.startsWith(DETAILS) ? name.slice(DETAILS.length) : name;
    return Object.hasOwn(left, short) ? name : short;
  };
  return Object.fromEntries(Object.entries(left).map(([name, value]) => [shorten(name), value]));
}

/**
 * A webhook that is about nobody: of a session that does not exist, under an event's name that no vendor uses, so that whatever
 * becomes of it decides nothing about a person.
 */
import { parsePointer } from "../core/pointer.ts";
import type { Source } from "./source.ts";

export const SAMPLE_EVENT = "gatepost.test";

/** @param id one of its own @param at ISO 8601 */
export function sampleOf({ vendor, webhook = {} }: Source, event: string, id: string, at: string): object {
  switch (vendor) {
    case "seon":
      return { event, date: at, details: { sessionId: id } };
    case "incode":
      return { interviewId: id, onboardingStatus: event };
    case "unico":
      return { processId: id, state: event };
    case "regula":
      return { sessionId: id, event };
    default:
      return customSample(webhook, event, id);
  }
}

/** Built from where the configuration will look. */
function customSample(
  { event: eventAt, session, delivery }: NonNullable<Source["webhook"]>,
  event: string,
  id: string,
): object {
  const sample: Record<string, unknown> = {};
  put(sample, first(delivery), `${id}-delivery`);
  put(sample, first(eventAt) ?? "/event", event);
  put(sample, first(session) ?? "/session", id);
  return sample;
}

const first = (at: string | readonly string[] | undefined): string | undefined =>
  typeof at === "string" ? at : at?.[0];

function put(into: Record<string, unknown>, pointer: string | undefined, value: string): void {
  const path = parsePointer(pointer ?? "") ?? [];
  const last = path.pop();
  if (last === undefined) return;
  let place = into;
  for (const name of path) {
    if (typeof place[name] !== "object") place[name] = {};
    place = place[name] as Record<string, unknown>;
  }
  place[last] = value;
}

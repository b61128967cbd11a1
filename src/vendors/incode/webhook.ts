/**
 * The three kinds of Incode webhook, told apart by what they carry: an event type (session), an onboarding status, or
 * the references of a watchlist search.
 * Source: Incode's page "Web hooks" and developer.incode.com/docs/webhooks.
 */
import type { JsonObject } from "../../core/json.ts";
import { createReader, type Reader } from "../reader.ts";

export const WATCHLIST_UPDATED = "WATCHLIST_UPDATED";

/** The names of a field in the spellings that were seen. */
export const FIELDS = {
  interviewId: ["interviewId"],
  externalId: ["externalId", "externalCustomerId"],
  onboardingStatus: ["onboardingStatus"],
  eventType: ["event_type", "eventType"],
  ref: ["ref"],
  searchId: ["search_id"],
} as const;

/** What a webhook calls itself. */
export interface Heading {
  eventType: string | undefined;
  onboardingStatus: string | undefined;
  isWatchlist: boolean;
}

export function readHeading(payload: JsonObject): Heading {
  const reader = createReader(payload);
  const eventType = readEventType(reader);
  const onboardingStatus = reader.text(...FIELDS.onboardingStatus);
  const namesNothing = eventType === undefined && onboardingStatus === undefined;
  return { eventType, onboardingStatus, isWatchlist: namesNothing && hasReference(reader) };
}

/** In one spelling: environments send `SESSION_SUCCEEDED` as well as `Session Succeeded`. */
export function readEventType(reader: Reader): string | undefined {
  return reader
    .text(...FIELDS.eventType)
    ?.trim()
    .toUpperCase()
    .replaceAll(/[ -]/g, "_");
}

/** Most specific first; with no name at all only `*` is left. */
export function namesOf(heading: Heading): [string, ...string[]] {
  if (heading.isWatchlist) return [WATCHLIST_UPDATED];
  const [first = "*", ...rest] = [heading.eventType, heading.onboardingStatus].filter((name) => name !== undefined);
  return [first, ...rest];
}

function hasReference(reader: Reader): boolean {
  return reader.text(...FIELDS.ref, ...FIELDS.searchId) !== undefined;
}

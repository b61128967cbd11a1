/**
 * Incode Omni. A status webhook is a milestone, a session webhook may be a verdict, a watchlist notice says that a search
 * has new results; none of them carries data about the person.
 * Source: Incode's page "Web hooks" and developer.incode.com/docs/webhooks.
 */
import type { Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { readOutcome, type OutcomeTable } from "../../core/outcome.ts";
import type { AdapterOptions, Identified, VendorAdapter } from "../adapter.ts";
import { notSent } from "../missing.ts";
import { createReader, type Reader } from "../reader.ts";
import { MEANINGS, OUTCOMES, UNHEARD_OF } from "./meanings.ts";
import { FIELDS, namesOf, readEventType, readHeading, WATCHLIST_UPDATED, type Heading } from "./webhook.ts";

const HOUR_SECONDS = 3_600;

export const incode: VendorAdapter = {
  vendor: "incode",
  dedupeSeconds: HOUR_SECONDS,
  eventWords: [...MEANINGS.keys(), WATCHLIST_UPDATED],
  identify,
  normalize,
};

function identify(payload: JsonObject): Identified {
  const sessionId = findAnyId(createReader(payload));
  if (sessionId === undefined) return { ok: false, reason: "no_session_id" };
  return { ok: true, identity: { names: namesOf(readHeading(payload)), sessionId } };
}

/** The interview, or whatever else tells this webhook from others; only the interview becomes the event's session. */
function findAnyId(reader: Reader): string | undefined {
  return reader.text(...FIELDS.interviewId, ...FIELDS.ref, ...FIELDS.searchId, ...FIELDS.externalId);
}

function normalize(payload: JsonObject, options: AdapterOptions): Statement {
  const heading = readHeading(payload);
  const reader = createReader(payload);
  return heading.isWatchlist ? readWatchlist(reader) : readSession(reader, heading, options.outcomes);
}

function readWatchlist(reader: Reader): Statement {
  const id = reader.text(...FIELDS.interviewId);
  const watchlist = { ref: reader.text(...FIELDS.ref), searchId: reader.text(...FIELDS.searchId) };
  return {
    type: "idv.watchlist.updated",
    outcome: "unknown",
    session: { id, ...readReferences(reader), vendorEvent: WATCHLIST_UPDATED },
    watchlist: {
      ...(watchlist.ref && { ref: watchlist.ref }),
      ...(watchlist.searchId && { searchId: watchlist.searchId }),
    },
    missing: notSent({ interviewId: id, ref: watchlist.ref, search_id: watchlist.searchId }),
    extracted: reader.leftovers(),
  };
}

function readSession(reader: Reader, heading: Heading, overrides: OutcomeTable): Statement {
  const id = reader.text(...FIELDS.interviewId);
  const eventType = readEventType(reader);
  const word = readDecidingWord(reader, eventType, overrides);
  const { type, decidedBy } = MEANINGS.get(word ?? "") ?? UNHEARD_OF;
  return {
    type,
    outcome: word === undefined ? "unknown" : readOutcome(word, overrides, OUTCOMES),
    session: {
      id,
      ...readReferences(reader),
      vendorEvent: eventType ?? heading.onboardingStatus,
      vendorStatus: word,
      decidedBy,
    },
    missing: notSent({ interviewId: id, onboardingStatus: eventType ?? heading.onboardingStatus }),
    extracted: reader.leftovers(),
  };
}

/**
 * The word that the outcome is read from: a session webhook's event type where it is known to mean something, else the
 * onboarding status. An event type nobody has heard of says nothing, and the status beside it still does.
 */
function readDecidingWord(reader: Reader, eventType: string | undefined, overrides: OutcomeTable): string | undefined {
  const decides = eventType !== undefined && (MEANINGS.has(eventType) || Object.hasOwn(overrides, eventType));
  return decides ? eventType : (reader.text(...FIELDS.onboardingStatus) ?? eventType);
}

function readReferences(reader: Reader): Pick<Statement["session"], "externalId" | "flow"> {
  return { externalId: reader.text(...FIELDS.externalId), flow: reader.text("flowId") };
}

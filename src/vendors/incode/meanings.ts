/**
 * Incode's words for how far a session is, and what each means. Most are milestones: even the end of the onboarding has
 * no verdict before the score is read back. The set is open.
 * Source: Incode's page "Web hooks" and developer.incode.com/docs/webhooks.
 */
import type { EventType } from "../../core/event.ts";
import type { Outcome, OutcomeTable } from "../../core/outcome.ts";

export interface Meaning {
  type: EventType;
  outcome: Outcome;
  decidedBy?: "human";
}

const milestone: Meaning = { type: "idv.session.progress", outcome: "pending" };

/** Of a word that is not in the tables: a milestone at most. Its outcome is nowhere written, and so `unknown`. */
export const UNHEARD_OF: Omit<Meaning, "outcome"> = { type: "idv.session.progress" };

/** Values of `onboardingStatus`. */
const STATUSES: Readonly<Record<string, Meaning>> = {
  UNKNOWN: milestone,
  ID_VALIDATION_FINISHED: milestone,
  ID_VALIDATION_FINISHED_SECOND_ID: milestone,
  GOVERNMENT_VALIDATION_FINISHED: milestone,
  POST_PROCESSING_FINISHED: milestone,
  FACE_VALIDATION_FINISHED: milestone,
  ONBOARDING_FINISHED: { type: "idv.session.finished", outcome: "unknown" },
  MANUAL_REVIEW_APPROVED: { type: "idv.session.updated", outcome: "approved", decidedBy: "human" },
  MANUAL_REVIEW_REJECTED: { type: "idv.session.updated", outcome: "declined", decidedBy: "human" },
  EXPIRED: { type: "idv.session.finished", outcome: "expired" },
};

/** Event types of session webhooks, in their normalized spelling. */
const SESSION_EVENTS: Readonly<Record<string, Meaning>> = {
  SESSION_STARTED: milestone,
  SESSION_PROGRESS: milestone,
  SESSION_PENDING_REVIEW: { type: "idv.session.finished", outcome: "review" },
  SESSION_SUCCEEDED: { type: "idv.session.finished", outcome: "approved" },
  SESSION_FAILED: { type: "idv.session.finished", outcome: "declined" },
};

/** Status words and event types share no word, so that one table serves both. */
export const MEANINGS: ReadonlyMap<string, Meaning> = new Map(Object.entries({ ...STATUSES, ...SESSION_EVENTS }));

export const OUTCOMES: OutcomeTable = Object.fromEntries([...MEANINGS].map(([word, { outcome }]) => [word, outcome]));

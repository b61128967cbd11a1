/**
 * The numbers of a session's status. They are suggestions: a workflow's author may use them otherwise, which the source's
 * `outcomes` then say, by the number's text.
 * Source: Regula's page "Session statuses".
 */
import type { EventType } from "../../core/event.ts";
import { isFinal, readOutcome, type Outcome, type OutcomeTable } from "../../core/outcome.ts";

interface Meaning {
  type: EventType;
  outcome: Outcome;
  decidedBy?: "human";
}

const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["0", { type: "idv.session.progress", outcome: "pending" }],
  ["1", { type: "idv.session.finished", outcome: "declined" }],
  ["2", { type: "idv.session.finished", outcome: "approved" }],
  ["3", { type: "idv.session.updated", outcome: "approved", decidedBy: "human" }],
  ["4", { type: "idv.session.finished", outcome: "review" }],
  ["1000", { type: "idv.session.updated", outcome: "declined", decidedBy: "human" }],
]);

const OUTCOMES: OutcomeTable = Object.fromEntries([...MEANINGS].map(([status, { outcome }]) => [status, outcome]));

/** What is not in the table is progress at most, unless the source says what outcome it stands for. */
export function readStatus(status: string | undefined, overrides: OutcomeTable): Meaning {
  const { type = "idv.session.progress", decidedBy } = MEANINGS.get(status ?? "") ?? {};
  const outcome = status === undefined ? "unknown" : readOutcome(status, overrides, OUTCOMES);
  const isOver = isFinal(outcome) || outcome === "review";
  const meant = type === "idv.session.progress" && isOver ? "idv.session.finished" : type;
  return { type: meant, outcome, ...(decidedBy && { decidedBy }) };
}

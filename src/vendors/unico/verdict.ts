/**
 * What a process of the Web & SDK contract came to. The vendor's order: how far it is, how the biometric run ended, and only
 * then who the person is. A run that ended well says nothing of the person.
 * Source: developer.unico.io, page "GetProcess"; devcenter.unico.io, its lists of states and results.
 */
import type { EventType } from "../../core/event.ts";
import { readOutcome, type Outcome, type OutcomeTable } from "../../core/outcome.ts";
import type { Reader } from "../reader.ts";

export interface Verdict {
  type: EventType;
  outcome: Outcome;
  /** The word that decided, by which the source's own `outcomes` may speak of it. */
  word: string;
}

const FINISHED = "PROCESS_STATE_FINISHED";
const ENDED_WELL = "PROCESS_RESULT_OK";

const LIVE = "LIVENESS_RESULT_LIVE";
const RECOGNIZED = "AUTHENTICATION_RESULT_POSITIVE";
/** Said where nobody looked, or nobody says. */
const NOT_SAID = "LIVENESS_RESULT_UNSPECIFIED";

/** `NO` was seen once; the others are made like the vendor's other words. A word that is not here declines nobody. */
export const NOT_LIVE: ReadonlySet<string> = new Set(["LIVENESS_RESULT_NOT_LIVE", "LIVENESS_RESULT_NEGATIVE", "NO"]);

const STATES: OutcomeTable = { PROCESS_STATE_CREATED: "pending", PROCESS_STATE_FAILED: "error" };

/** `INVALID_IDENTITY` and `ERROR` are of the run, which may be tried again: nobody has been declined. */
const RESULTS: OutcomeTable = {
  PROCESS_RESULT_ERROR: "error",
  PROCESS_RESULT_FAILED: "error",
  PROCESS_RESULT_INVALID_IDENTITY: "error",
  PROCESS_RESULT_EXPIRED: "expired",
};

const IDENTITIES: OutcomeTable = {
  AUTHENTICATION_RESULT_INCONCLUSIVE: "review",
  AUTHENTICATION_RESULT_NEGATIVE: "declined",
};

/** `undefined` where the process says nothing of how far it is. */
export function readVerdict(process: Reader, overrides: OutcomeTable): Verdict | undefined {
  const state = process.text("state");
  const result = process.text("result");
  if (state === undefined) return undefined;
  if (state !== FINISHED) {
    const type = state === "PROCESS_STATE_FAILED" ? "idv.session.finished" : "idv.session.progress";
    return { type, word: state, outcome: readOutcome(state, overrides, STATES) };
  }
  const type = "idv.session.finished";
  if (result === undefined) return { type, word: state, outcome: readOutcome(state, overrides, {}) };
  if (result !== ENDED_WELL) return { type, word: result, outcome: readOutcome(result, overrides, RESULTS) };
  return { type, ...readIdentity(process.object("authenticationInfo"), overrides) };
}

/** A face that is not alive is nobody's, whoever it looks like; and one whose life nobody vouches for is approved by nobody. */
function readIdentity(info: Reader | undefined, overrides: OutcomeTable): Pick<Verdict, "outcome" | "word"> {
  const liveness = info?.text("livenessResult") ?? NOT_SAID;
  const identity = info?.text("authenticationResult");
  if (NOT_LIVE.has(liveness))
    return { word: liveness, outcome: readOutcome(liveness, overrides, { [liveness]: "declined" }) };
  if (identity === undefined) return { word: ENDED_WELL, outcome: readOutcome(ENDED_WELL, overrides, {}) };
  if (identity !== RECOGNIZED) return { word: identity, outcome: readOutcome(identity, overrides, IDENTITIES) };
  if (liveness !== LIVE) return { word: liveness, outcome: readOutcome(liveness, overrides, {}) };
  return { word: identity, outcome: readOutcome(identity, overrides, { [identity]: "approved" }) };
}

/**
 * A process of the API contract, in canonical words. Its vocabulary is its own: a status in numbers, and `yes` or `no` to whether
 * the face belongs to the number that was asked about.
 * Source: developer.unico.io, page "Get processes by id" (API).
 */
import type { Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { readOutcome, type OutcomeTable } from "../../core/outcome.ts";
import { createReader, type Reader } from "../reader.ts";
import type { SessionAnswer, SessionOptions, SessionRead } from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { readClientChecks } from "./checks.ts";
import { conclude } from "./conclude.ts";
import type { Verdict } from "./verdict.ts";

const PROCESSING = "1";
const DONE = "3";
const ERROR = "5";

/** 2, a divergence, waits for somebody to look at it; 4 was given up before it was done. */
const STATUSES: OutcomeTable = { "1": "pending", "2": "review", "4": "abandoned", "5": "error" };

const IDENTITIES: OutcomeTable = { yes: "approved", no: "declined", inconclusive: "review" };

/** The vendor's own weighing of all that it knows. A risk is for the company to take; `retry` had no picture to judge by. */
const RECOMMENDATIONS: OutcomeTable = {
  approved: "approved",
  denied: "declined",
  "critical-risk": "review",
  "high-risk": "review",
  inconclusive: "review",
  retry: "error",
};

const ALIVE = "1";
const NOT_ALIVE = "2";

export function readClientProcess(start: Statement, answer: JsonObject, { outcomes }: SessionOptions): SessionRead {
  const process = toVendorData(answer);
  const reader = createReader(process);
  const verdict = readVerdict(reader, outcomes);
  const checks = readClientChecks(reader);
  reader.text("id");
  return {
    ...conclude(start, verdict, { session: {}, checks, extracted: reader.leftovers() }, []),
    files: [],
    vendorData: { session: process },
  };
}

/** A process that ended in an error is told of as one that is gone. */
export function isError(answer: SessionAnswer): answer is Extract<SessionAnswer, { ok: false }> & { json: JsonObject } {
  const json = answer.ok ? undefined : answer.json;
  return !answer.ok && answer.why === "gone" && json !== undefined && createReader(json).text("status") === ERROR;
}

function readVerdict(process: Reader, overrides: OutcomeTable): Verdict | undefined {
  const status = process.text("status");
  if (status === undefined) return undefined;
  const isKnown = status === DONE || Object.hasOwn(STATUSES, status);
  const type = isKnown && status !== PROCESSING ? "idv.session.finished" : "idv.session.progress";
  if (status === DONE) return { type, ...readIdentity(process, overrides) };
  return { type, word: status, outcome: readOutcome(status, overrides, STATUSES) };
}

/** Liveness may be left out where the identity is certain; one that is sent and says nothing clear approves nobody. */
function readIdentity(process: Reader, overrides: OutcomeTable): Pick<Verdict, "outcome" | "word"> {
  const { word, outcome } = readOpinion(process, overrides);
  const liveness = sent(process, "liveness") ?? ALIVE;
  if (liveness === ALIVE || (liveness !== NOT_ALIVE && outcome !== "approved")) return { word, outcome };
  // A number alone would be taken for a status.
  const ofLiveness = liveness === "" ? DONE : `liveness/${liveness}`;
  const isNotAlive = liveness === NOT_ALIVE;
  return {
    word: ofLiveness,
    outcome: readOutcome(ofLiveness, overrides, isNotAlive ? { [ofLiveness]: "declined" } : {}),
  };
}

/** The recommendation, where there is one: it has weighed the identity already. */
function readOpinion(process: Reader, overrides: OutcomeTable): Pick<Verdict, "outcome" | "word"> {
  const idCloud = process.object("idCloud");
  const recommendation = idCloud ? sent(idCloud, "result") : sent(process, "idCloud");
  const identity = process.object("unicoId")?.text("result");
  const word = (recommendation ?? identity) || DONE;
  const table = recommendation === undefined ? IDENTITIES : RECOMMENDATIONS;
  return { word, outcome: readOutcome(word, overrides, table) };
}

/** Empty where something stands there that is no text. */
function sent(reader: Reader, name: string): string | undefined {
  return reader.text(name) ?? (reader.value(name) === undefined ? undefined : "");
}

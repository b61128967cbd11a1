/**
 * Reads an Incode session back: the score for the verdict and the checks, what was read from the document, the pictures; or a
 * watchlist search's new result. The call that completes a session is never made: it would end one that is still going on.
 * Source: developer.incode.com/docs/fetch-scores, /docs/fetch-extracted-ocr, /docs/fetch-images.
 */
import type { Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { completedBy, withMissing, type Findings } from "../reading.ts";
import type {
  SessionAdapter,
  SessionAnswer,
  SessionOptions,
  SessionRead,
  SessionReading,
  SessionRequest,
} from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { authorize, incodeToken } from "./access.ts";
import { listImages } from "./images.ts";
import { readOcr } from "./ocr.ts";
import { readScore, readVerdict, type Verdict } from "./score.ts";
import { readWatchlist } from "./watchlist.ts";

export const incodeSession: SessionAdapter = { token: incodeToken, authorize, read, webhookOf };

interface Webhook {
  statement: Statement;
  isProven: boolean;
}

function* read(webhook: Webhook, options: SessionOptions): SessionReading {
  const { statement } = webhook;
  if (statement.type === "idv.watchlist.updated") return yield* readWatchlist(statement, options.baseUrl);
  if (isMilestone(statement)) return { statement, isConfirmed: false, files: [], vendorData: {} };

  const { id } = statement.session;
  const [score, ocr] = yield* fetchBoth(id, options);
  const [scored, extracted] = [contentOf(score), contentOf(ocr)];
  const verdict = scored && readVerdict(scored, options.outcomes);
  const decided = decide(webhook, verdict);
  return {
    ...decided,
    statement: withMissing(
      complete(decided.statement, scored, extracted),
      ...missingOf("score", score, statement),
      ...(scored && !verdict ? [{ what: "score.overall.status", why: "not_sent" }] : []),
      ...missingOf("ocr", ocr, statement),
    ),
    files: id !== undefined && options.fetch.includes("images") ? listImages(options.baseUrl, id) : [],
    vendorData: { ...(scored && { score: scored }), ...(extracted && { ocr: extracted }) },
  };
}

/** Before the end there is no score, and nothing to be told that the next webhook does not tell better. */
function isMilestone({ type, outcome }: Statement): boolean {
  return type === "idv.session.progress" && outcome === "pending";
}

type Answered = SessionAnswer | undefined;

/** Score and document; `undefined` for what is not asked for. */
function* fetchBoth(
  id: string | undefined,
  { baseUrl, fetch }: SessionOptions,
): Generator<SessionRequest, [Answered, Answered], SessionAnswer> {
  if (id === undefined) return [undefined, undefined];
  const query = new URLSearchParams({ id });
  const get = (path: string): SessionRequest => ({
    method: "GET",
    url: `${baseUrl}/omni/get/${path}?${query.toString()}`,
    withCredential: true,
  });
  const score = fetch.includes("score") ? yield get("score") : undefined;
  const ocr = fetch.includes("ocr") ? yield get("ocr-data") : undefined;
  return [score, ocr];
}

function contentOf(answer: Answered): JsonObject | undefined {
  return answer?.ok ? toVendorData(answer.json) : undefined;
}

/** A session that expired may have ended before there was anything to keep. */
function missingOf(what: string, answer: Answered, { outcome }: Statement): { what: string; why: string }[] {
  if (!answer || answer.ok) return [];
  const isNothingLost = outcome === "expired" && (answer.why === "gone" || answer.why === "rejected");
  return isNothingLost ? [] : [{ what, why: answer.why }];
}

/**
 * A proven webhook's own verdict stands: a human's decision, or a session's end. Otherwise the score decides; without it
 * nobody has, since anyone may have sent an unproven webhook. A word that nobody has heard of may be of a session that goes
 * on, whose score says nothing yet.
 */
function decide(
  { statement, isProven }: Webhook,
  verdict: Verdict | undefined,
): Omit<SessionRead, "files" | "vendorData"> {
  const isDecided = isProven && statement.outcome !== "unknown";
  if (isDecided) return { statement, isConfirmed: verdict?.outcome === statement.outcome };
  const mayGoOn = statement.type === "idv.session.progress";
  if (mayGoOn || !verdict) return { statement: undecided(statement), isConfirmed: false };
  const { outcome, status } = verdict;
  const claimed = outcome === statement.outcome ? statement.session.decidedBy : undefined;
  const decidedBy = verdict.decidedBy ?? claimed;
  return {
    statement: { ...statement, outcome, session: { ...statement.session, vendorStatus: status, decidedBy } },
    isConfirmed: true,
  };
}

function undecided(statement: Statement): Statement {
  return { ...statement, outcome: "unknown", session: { ...statement.session, decidedBy: undefined } };
}

function complete(statement: Statement, score: JsonObject | undefined, ocr: JsonObject | undefined): Statement {
  const findings: Findings = completedBy(ocr ? readOcr(ocr) : {}, score ? readScore(score) : {});
  return { ...statement, ...findings, extracted: { ...statement.extracted, ...findings.extracted } };
}

/** The end of the onboarding has no verdict of its own, so that the score gives it. */
function webhookOf(sessionId: string): JsonObject {
  return { interviewId: sessionId, onboardingStatus: "ONBOARDING_FINISHED" };
}

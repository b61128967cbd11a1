/**
 * Reads an Incode session back: the score for the verdict and the checks, what was read from the document, the pictures; or a
 * watchlist search's new result. The call that completes a session is never made: it would end one that is still going on.
 * Source: developer.incode.com/docs/fetch-scores, /docs/fetch-extracted-ocr, /docs/fetch-images.
 */
import type { Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { withinLimits } from "../limits.ts";
import { completedBy, startOf, withMissing, type Findings, type Webhook } from "../reading.ts";
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

export const incodeSession: SessionAdapter = {
  token: () => incodeToken,
  authorize,
  read: (webhook, options) => withinLimits(read(webhook, options)),
  webhookOf,
};

function* read(webhook: Webhook, options: SessionOptions): SessionReading {
  const start = startOf(webhook);
  const { isProven } = webhook;
  if (start.type === "idv.watchlist.updated") return yield* readWatchlist(start, isProven, options.baseUrl);
  if (isMilestone(webhook.statement)) return { statement: start, isConfirmed: false, files: [], vendorData: {} };

  const { id } = start.session;
  const [score, ocr] = yield* fetchBoth(id, options);
  const [scored, extracted] = [contentOf(score), contentOf(ocr)];
  const verdict = scored && readVerdict(scored, options.outcomes);
  const { statement, isConfirmed } = decide(start, isProven, verdict);
  return {
    isConfirmed,
    statement: withMissing(complete(statement, scored, extracted), [
      ...(id === undefined ? [{ what: "session", why: "refused" }] : []),
      ...missingOf("score", score, start),
      ...(scored && !verdict ? [{ what: "score.overall.status", why: "not_sent" }] : []),
      ...missingOf("ocr", ocr, start),
    ]),
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
 * A proven webhook's own verdict stands: a human's decision, or a session's end. Otherwise the score decides, and without it
 * nobody has. A proven word that nobody has heard of may be of a session that goes on, whose score says nothing yet.
 */
function decide(
  statement: Statement,
  isProven: boolean,
  verdict: Verdict | undefined,
): Pick<SessionRead, "statement" | "isConfirmed"> {
  if (statement.outcome !== "unknown") return { statement, isConfirmed: verdict?.outcome === statement.outcome };
  const mayGoOn = isProven && statement.type === "idv.session.progress";
  if (mayGoOn || !verdict) return { statement, isConfirmed: false };
  const { outcome, status, decidedBy } = verdict;
  const type = isProven ? statement.type : typeOf(verdict);
  const session = { ...statement.session, vendorStatus: status, decidedBy };
  return { statement: { ...statement, type, outcome, session }, isConfirmed: true };
}

/** There is a score once the session has ended. One that says nothing clear is of a session that may go on. */
function typeOf({ outcome }: Verdict): Statement["type"] {
  return outcome === "unknown" || outcome === "pending" ? "idv.session.progress" : "idv.session.finished";
}

function complete(statement: Statement, score: JsonObject | undefined, ocr: JsonObject | undefined): Statement {
  const findings: Findings = completedBy(ocr ? readOcr(ocr) : {}, score ? readScore(score) : {});
  return { ...statement, ...findings, extracted: { ...statement.extracted, ...findings.extracted } };
}

/** Nothing but which session it is: whether it has ended, its score says. */
function webhookOf(sessionId: string): JsonObject {
  return { interviewId: sessionId };
}

/**
 * The new result of a watchlist search. Any of the notice's ids finds it; where in the answer the hits stand is documented
 * nowhere, so that the likely places are looked at in turn.
 * Source: Incode's page "Web hooks"; the answer's shape is not public.
 */
import type { Json, Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { valueAt } from "../../core/pointer.ts";
import { withMissing } from "../reading.ts";
import type { AnswerFault, SessionRead, SessionReading, SessionRequest } from "../session.ts";
import { toVendorData } from "../vendor-data.ts";

const HITS = ["/hits", "/data/hits", "/content/data/hits", "/content/hits", "/data", "/content/data"];

/** What another id may still find. */
const IS_NOT_FOUND: ReadonlySet<AnswerFault> = new Set(["gone", "rejected"]);

/** @param isProven the notice's ids belong together; otherwise somebody else's search may have been put beside a session */
export function* readWatchlist(notice: Statement, isProven: boolean, baseUrl: string): SessionReading {
  let why: AnswerFault | undefined;
  for (const { request, only } of isProven ? questionsOf(notice, baseUrl) : questionsOf(notice, baseUrl).toReversed()) {
    const answer = yield request;
    if (answer.ok) return found(isProven ? notice : { ...notice, ...only }, toVendorData(answer.json));
    why = answer.why;
    if (!IS_NOT_FOUND.has(why)) break;
  }
  const missing = why === undefined ? [] : [{ what: "watchlist", why }];
  return { statement: withMissing(notice, missing), isConfirmed: false, files: [], vendorData: {} };
}

interface Question {
  request: SessionRequest;
  /** The statement's ids, where it is this one alone that was asked for. */
  only: Pick<Statement, "session" | "watchlist">;
}

function questionsOf({ watchlist: { ref, searchId } = {}, session: { id } }: Statement, baseUrl: string): Question[] {
  const question = (name: string, value: string | undefined, only: Question["only"]): Question[] => {
    if (value === undefined) return [];
    const query = new URLSearchParams({ [name]: value });
    const url = `${baseUrl}/omni/updated-watchlist-result?${query.toString()}`;
    return [{ request: { method: "GET", url, withCredential: true }, only }];
  };
  return [
    ...question("ref", ref, { session: {}, watchlist: ref === undefined ? {} : { ref } }),
    ...question("ref", searchId, { session: {}, watchlist: searchId === undefined ? {} : { searchId } }),
    ...question("id", id, { session: { id }, watchlist: {} }),
  ];
}

/** An answer in which nothing is found that could be hits confirms nothing. */
function found(statement: Statement, answer: JsonObject): SessionRead {
  const hits = HITS.map((pointer) => valueAt(answer, pointer)).find((value) => Array.isArray(value));
  const watchlist = { ...statement.watchlist, ...(hits && { hits: hits as Json[] }) };
  return {
    statement: withMissing({ ...statement, watchlist }, []),
    isConfirmed: hits !== undefined,
    files: [],
    vendorData: { watchlist: answer },
  };
}

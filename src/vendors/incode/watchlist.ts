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

export function* readWatchlist(statement: Statement, baseUrl: string): SessionReading {
  let why: AnswerFault | undefined;
  for (const request of requestsOf(statement, baseUrl)) {
    const answer = yield request;
    if (answer.ok) return found(statement, toVendorData(answer.json));
    why = answer.why;
    if (!IS_NOT_FOUND.has(why)) break;
  }
  const missing = why === undefined ? [] : [{ what: "watchlist", why }];
  return { statement: withMissing(statement, ...missing), isConfirmed: false, files: [], vendorData: {} };
}

function requestsOf({ watchlist, session }: Statement, baseUrl: string): SessionRequest[] {
  const ids = [
    ["ref", watchlist?.ref],
    ["ref", watchlist?.searchId],
    ["id", session.id],
  ] as const;
  return ids.flatMap(([name, id]): SessionRequest[] => {
    if (id === undefined) return [];
    const query = new URLSearchParams({ [name]: id });
    return [
      { method: "GET", url: `${baseUrl}/omni/updated-watchlist-result?${query.toString()}`, withCredential: true },
    ];
  });
}

function found(statement: Statement, answer: JsonObject): SessionRead {
  const hits = HITS.map((pointer) => valueAt(answer, pointer)).find((value) => Array.isArray(value));
  const watchlist = { ...statement.watchlist, ...(hits && { hits: hits as Json[] }) };
  return {
    statement: withMissing({ ...statement, watchlist }),
    isConfirmed: true,
    files: [],
    vendorData: { watchlist: answer },
  };
}

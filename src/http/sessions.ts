/**
 * `/api/sessions/{source}/{id}`: what the ledger knows of a session; `…/pull`: reads it from its vendor now, whether its webhook
 * ever came or not.
 */
import { hashSession } from "../core/ids.ts";
import type { SearchLedger } from "../core/search.ts";
import { pull, type PullDeps } from "../receive/pull.ts";
import { problem } from "./problem.ts";
import { answer, paging, readQuery, toJson } from "./query.ts";

export interface SessionsDeps {
  ledger: Pick<SearchLedger, "findSession" | "listEvents">;
}

const EVENTS = 50;
const { limit, cursor } = paging;

/** `limit` and `cursor` are of its events. */
export async function getSession(
  request: Request,
  source: string,
  sessionId: string,
  { ledger }: SessionsDeps,
): Promise<Response> {
  const reading = readQuery(request, { limit, cursor });
  if (!reading.ok) return reading.refusal;
  const { query } = reading;
  const [session, events] = await Promise.all([
    ledger.findSession(source, await hashSession(source, sessionId)),
    ledger.listEvents({ source, subject: sessionId }, query.limit ?? EVENTS, query.cursor),
  ]);
  if (!session && events.items.length === 0 && !query.cursor) return problem("unknown_session");
  return answer({ source, id: sessionId, ...session, events: toJson(events) });
}

export async function pullSession(source: string, sessionId: string, deps: PullDeps): Promise<Response> {
  const pulled = await pull(source, sessionId, deps);
  if (!pulled.ok) return problem(pulled.why);
  return Response.json({ receipt: pulled.receipt }, { status: 202, headers: { "cache-control": "no-store" } });
}

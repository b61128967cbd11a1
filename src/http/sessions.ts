/**
 * `/api/sessions/{source}/{id}`: what the ledger knows of a session; `…/pull`: reads it from its vendor now, whether its webhook
 * ever came or not.
 */
import type { HoldingLedger } from "../core/erasure.ts";
import { hashSession } from "../core/ids.ts";
import { object } from "../core/json-schema.ts";
import type { SearchLedger } from "../core/search.ts";
import { pull, type PullDeps } from "../receive/pull.ts";
import { goneSince, toHold } from "./holds.ts";
import { problem } from "./problem.ts";
import { answer, paging, readQuery, toJson } from "./query.ts";
import type { Route } from "./route.ts";
import { RECEIPT_ID, ref } from "./schemas.ts";

export interface SessionsDeps {
  ledger: Pick<SearchLedger, "findSession" | "listEvents">;
  holds: Pick<HoldingLedger, "fateOf">;
}

const EVENTS = 50;
const QUERY = { limit: paging.limit, cursor: paging.cursor };

/** `limit` and `cursor` are of its events. */
export async function getSession(
  request: Request,
  source: string,
  sessionId: string,
  { ledger, holds }: SessionsDeps,
): Promise<Response> {
  const reading = readQuery(request, QUERY);
  if (!reading.ok) return reading.refusal;
  const { query } = reading;
  const key = { source, session: await hashSession(source, sessionId) };
  const [session, fate, events] = await Promise.all([
    ledger.findSession(source, key.session),
    holds.fateOf(key),
    ledger.listEvents({ source, subject: sessionId }, query.limit ?? EVENTS, query.cursor),
  ]);
  if (fate.erasedAt !== undefined) return goneSince(fate.erasedAt);
  const isKnown = session !== undefined || fate.hold !== undefined || events.items.length > 0;
  if (!isKnown && !query.cursor) return problem("unknown_session");
  return answer({ source, id: sessionId, ...session, hold: toHold(fate.hold), events: toJson(events) });
}

export async function pullSession(
  source: string,
  sessionId: string,
  deps: PullDeps & Pick<SessionsDeps, "holds">,
): Promise<Response> {
  const { erasedAt } = await deps.holds.fateOf({ source, session: await hashSession(source, sessionId) });
  if (erasedAt !== undefined) return goneSince(erasedAt);
  const pulled = await pull(source, sessionId, deps);
  if (!pulled.ok) return problem(pulled.why);
  return Response.json({ receipt: pulled.receipt }, { status: 202, headers: { "cache-control": "no-store" } });
}

export const sessionRoutes: readonly Route<{ search: SessionsDeps; pull: PullDeps & Pick<SessionsDeps, "holds"> }>[] = [
  {
    method: "GET",
    path: "/api/sessions/{source}/{session}",
    allow: "viewer",
    id: "getSession",
    summary: "What is known of a session, and its events, newest first",
    query: QUERY,
    answers: { 200: { schema: ref("Session") } },
    problems: ["unknown_session", "erased"],
    handle: ({ request, parameter, deps }) =>
      getSession(request, parameter("source"), parameter("session"), deps.search),
  },
  {
    method: "POST",
    path: "/api/sessions/{source}/{session}/pull",
    allow: "operator",
    id: "pullSession",
    summary: "Reads a session from its vendor now, whether its webhook ever came or not",
    answers: { 202: { schema: object({ receipt: RECEIPT_ID }, ["receipt"]) } },
    problems: ["erased", "invalid_session_id", "unknown_source", "no_session", "not_configured", "not_durable"],
    handle: ({ parameter, deps }) => pullSession(parameter("source"), parameter("session"), deps.pull),
  },
];

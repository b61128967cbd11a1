/**
 * `/api/sessions/{source}/{id}`: what the ledger knows of a session; `…/pull`: reads it from its vendor now, whether its webhook
 * ever came or not.
 */
import { hashSession } from "../core/ids.ts";
import { object } from "../core/json-schema.ts";
import type { SearchLedger } from "../core/search.ts";
import { pull, type PullDeps } from "../receive/pull.ts";
import { problem } from "./problem.ts";
import { answer, paging, readQuery, toJson } from "./query.ts";
import type { Route } from "./route.ts";
import { RECEIPT_ID, ref } from "./schemas.ts";

export interface SessionsDeps {
  ledger: Pick<SearchLedger, "findSession" | "listEvents">;
}

const EVENTS = 50;
const QUERY = { limit: paging.limit, cursor: paging.cursor };

/** `limit` and `cursor` are of its events. */
export async function getSession(
  request: Request,
  source: string,
  sessionId: string,
  { ledger }: SessionsDeps,
): Promise<Response> {
  const reading = readQuery(request, QUERY);
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

export const sessionRoutes: readonly Route<{ search: SessionsDeps; pull: PullDeps }>[] = [
  {
    method: "GET",
    path: "/api/sessions/{source}/{session}",
    allow: "viewer",
    id: "getSession",
    summary: "What is known of a session, and its events, newest first",
    query: QUERY,
    answers: { 200: { schema: ref("Session") } },
    problems: ["bad_query", "unknown_session"],
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
    problems: ["invalid_session_id", "unknown_source", "no_session", "not_configured", "not_durable"],
    handle: ({ parameter, deps }) => pullSession(parameter("source"), parameter("session"), deps.pull),
  },
];

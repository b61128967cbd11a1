/** `/api/sessions/{source}/{id}/hold`: a session that is held is neither erased nor does it expire, until it is released. */
import type { HoldingLedger } from "../core/erasure.ts";
import { hashSession } from "../core/ids.ts";
import { object, text } from "../core/json-schema.ts";
import type { Caller } from "../core/roles.ts";
import { isSession, type ErasuresDeps } from "./erasures.ts";
import { problem } from "./problem.ts";
import { answer } from "./query.ts";
import type { Route } from "./route.ts";
import { HOLD, NAME } from "./schemas.ts";

export interface HoldsDeps {
  holds: Pick<HoldingLedger, "hold" | "release" | "fateOf">;
  /** Epoch milliseconds. */
  now: number;
}

/** Repeated, it stays the hold that it was. */
export async function putHold(
  source: string,
  sessionId: string,
  caller: Caller,
  { holds, now }: HoldsDeps,
): Promise<Response> {
  if (!isSession(source, sessionId)) return problem("unknown_session");
  const session = { source, session: await hashSession(source, sessionId), subject: sessionId };
  const verdict = await holds.hold(session, caller.name, now);
  if (verdict === "unknown") return problem("unknown_session");
  const { hold, erasedAt } = await holds.fateOf(session);
  if (verdict === "erased") return goneSince(erasedAt);
  return answer({ source, id: sessionId, hold: toHold(hold) });
}

export async function deleteHold(source: string, sessionId: string, { holds }: HoldsDeps): Promise<Response> {
  const isReleased =
    isSession(source, sessionId) && (await holds.release({ source, session: await hashSession(source, sessionId) }));
  return isReleased ? answer({ source, id: sessionId }) : problem("not_on_hold");
}

export const toHold = (hold: { since: number; by: string } | undefined) =>
  hold && { since: new Date(hold.since).toISOString(), by: hold.by };

/** @param erasedAt epoch milliseconds */
export const goneSince = (erasedAt: number | undefined): Response =>
  problem("erased", erasedAt === undefined ? {} : { erasedAt: new Date(erasedAt).toISOString() });

export type KeepingDeps = HoldsDeps & ErasuresDeps;

const SESSION = { source: NAME, id: text };

export const holdRoutes: readonly Route<{ keeping: HoldsDeps }>[] = [
  {
    method: "PUT",
    path: "/api/sessions/{source}/{session}/hold",
    allow: "admin",
    id: "holdSession",
    summary: "Keeps a session, whoever wants it gone, until it is released",
    answers: { 200: { schema: object({ ...SESSION, hold: HOLD }, ["source", "id", "hold"]) } },
    problems: ["unknown_session", "erased"],
    handle: ({ parameter, caller, deps }) => putHold(parameter("source"), parameter("session"), caller, deps.keeping),
  },
  {
    method: "DELETE",
    path: "/api/sessions/{source}/{session}/hold",
    allow: "admin",
    id: "releaseSession",
    summary: "Releases a session that is on hold",
    answers: { 200: { schema: object(SESSION, ["source", "id"]) } },
    problems: ["not_on_hold"],
    handle: ({ parameter, deps }) => deleteHold(parameter("source"), parameter("session"), deps.keeping),
  },
];

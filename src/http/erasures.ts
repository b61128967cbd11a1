/**
 * Erasure: `DELETE /api/sessions/{source}/{id}` and `DELETE /api/persons/{externalId}`, or `POST /api/erasures` for ids that no URL
 * can carry (`..`), or that nobody wants in one; `/api/erasures/{id}` tells how far one has come. In force once it is answered; 200 where everything is gone, 202 where the rest of it is still being removed.
 */
import * as v from "valibot";
import { NOT_REACHED, NOT_REACHED_OF_PERSON, type Erasure, type ErasingLedger } from "../core/erasure.ts";
import { hashExternalId, hashSession } from "../core/ids.ts";
import type { Caller } from "../core/roles.ts";
import { erasePerson, eraseSession, type EraseDeps, type Erased } from "../erase/erase.ts";
import { object, text } from "../core/json-schema.ts";
import { readJson } from "./body.ts";
import { problem } from "./problem.ts";
import { answer, foreignId, name } from "./query.ts";
import type { Route } from "./route.ts";
import { ERASURE_ID, NAME, ref } from "./schemas.ts";

export interface ErasuresDeps {
  erasing: EraseDeps;
  /** A ledger that has forgotten what it knew does not know all sessions of a person, nor what is on hold. */
  mark: { isBehind(): Promise<boolean> };
}

export async function deleteSession(
  source: string,
  sessionId: string,
  caller: Caller,
  { erasing: deps, mark }: ErasuresDeps,
): Promise<Response> {
  if (!isSession(source, sessionId)) return problem("unknown_session");
  if (await mark.isBehind()) return problem("ledger_behind");
  const session = { source, session: await hashSession(source, sessionId), subject: sessionId };
  return answerErased(await eraseSession(session, caller.name, deps));
}

export async function deletePerson(
  externalId: string,
  caller: Caller,
  { erasing, mark }: ErasuresDeps,
): Promise<Response> {
  if (foreignId.read(externalId) === undefined) return problem("not_found");
  if (await mark.isBehind()) return problem("ledger_behind");
  return answerErased(await erasePerson(await hashExternalId(externalId), caller.name, erasing));
}

const MAX_BODY_BYTES = 64 * 1024;
const foreign = v.pipe(
  v.string(),
  v.check((id) => foreignId.read(id) !== undefined),
);
const bodySchema = v.union([
  v.strictObject({ source: v.string(), session: foreign }),
  v.strictObject({ externalId: foreign }),
]);

/** `target`: for the audit. */
export async function postErasure(
  request: Request,
  caller: Caller,
  deps: ErasuresDeps,
): Promise<{ response: Response; target?: string }> {
  const reading = await readJson(request, MAX_BODY_BYTES);
  if (!reading.ok) return { response: reading.refusal };
  const parsed = v.safeParse(bodySchema, reading.value);
  if (!parsed.success) return { response: problem("invalid_erasure") };
  const wanted = parsed.output;
  if ("externalId" in wanted) {
    const response = await deletePerson(wanted.externalId, caller, deps);
    return { response, target: `persons/${await hashExternalId(wanted.externalId)}` };
  }
  const { source, session } = wanted;
  const response = await deleteSession(source, session, caller, deps);
  return { response, target: `sessions/${await hashSession(source, session)}` };
}

const ID = /^ers_([0-9a-f]{32})$/;

export async function getErasure(id: string, ledger: Pick<ErasingLedger, "find">): Promise<Response> {
  const subject = ID.exec(id)?.[1];
  const erasure = subject === undefined ? undefined : await ledger.find(subject);
  return erasure ? answer(toRecord(erasure)) : problem("unknown_erasure");
}

/** A source that the configuration has no more may still have sessions. */
export const isSession = (source: string, sessionId: string): boolean =>
  name.read(source) !== undefined && foreignId.read(sessionId) !== undefined;

function answerErased(erased: Erased): Response {
  if (!erased.ok) return problem("on_hold", { held: erased.held });
  const record = toRecord(erased.erasure);
  return record.state === "done" ? answer(record) : answer(record, 202, { location: `/api/erasures/${record.id}` });
}

function toRecord({ subject, kind, source, erasedAt, erasedBy, sessions, unfinished, removed }: Erasure) {
  return {
    id: `ers_${subject}`,
    kind,
    source,
    state: unfinished === 0 ? "done" : "running",
    erasedAt: new Date(erasedAt).toISOString(),
    erasedBy,
    sessions,
    unfinished,
    removed,
    notReached: kind === "person" ? NOT_REACHED_OF_PERSON : NOT_REACHED,
  };
}

const ERASED = { schema: ref("Erasure") };

export const erasureRoutes: readonly Route<{ keeping: ErasuresDeps }>[] = [
  {
    method: "DELETE",
    path: "/api/sessions/{source}/{session}",
    allow: "admin",
    id: "eraseSession",
    summary: "Erases a session: all that there is of it, and all that comes of it",
    answers: { 200: ERASED, 202: ERASED },
    problems: ["unknown_session", "on_hold", "ledger_behind"],
    handle: ({ parameter, caller, deps }) =>
      deleteSession(parameter("source"), parameter("session"), caller, deps.keeping),
  },
  {
    method: "DELETE",
    path: "/api/persons/{externalId}",
    allow: "admin",
    id: "erasePerson",
    summary: "Erases all sessions of a person, by the customer's own id of it, as far as received until now",
    answers: { 200: ERASED, 202: ERASED },
    problems: ["not_found", "on_hold", "ledger_behind"],
    handle: ({ parameter, caller, deps }) => deletePerson(parameter("externalId"), caller, deps.keeping),
  },
  {
    method: "POST",
    path: "/api/erasures",
    allow: "admin",
    id: "erase",
    summary: "Erases a session, or a person, whose id is in the body and in no URL",
    body: { schema: object({ source: NAME, session: text, externalId: text }) },
    answers: { 200: ERASED, 202: ERASED },
    problems: ["unknown_session", "invalid_erasure", "too_large", "on_hold", "ledger_behind"],
    async handle({ request, caller, deps, concerns }) {
      const { response, target } = await postErasure(request, caller, deps.keeping);
      if (target !== undefined) concerns(target);
      return response;
    },
  },
  {
    method: "GET",
    path: "/api/erasures/{id}",
    allow: "viewer",
    id: "getErasure",
    summary: "How far an erasure has come",
    parameters: { id: ERASURE_ID },
    answers: { 200: ERASED },
    problems: ["unknown_erasure"],
    handle: ({ parameter, deps }) => getErasure(parameter("id"), deps.keeping.erasing.ledger),
  },
];

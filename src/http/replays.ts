/** `/api/replays`: everything that a filter lets through, sent again; oldest first, step by step, the first of them at once. */
import type { Config } from "../config/config.ts";
import { hashExternalId } from "../core/ids.ts";
import { array, integer, object, pattern, text, time, word } from "../core/json-schema.ts";
import type { DeliveryQueues } from "../core/lanes.ts";
import { ableOf, REPLAY_STATES, stepReplay, type Replay, type ReplayLedger, type ReplayOrder } from "../core/replay.ts";
import type { Caller } from "../core/roles.ts";
import { timeOf } from "../core/sequence.ts";
import { readJson } from "./body.ts";
import { problem } from "./problem.ts";
import { answer, answerList, oneOf, paging, readQuery, type Paging, type Parameters } from "./query.ts";
import { readWish, WISH, type ReplayWish } from "./replay-body.ts";
import type { Route } from "./route.ts";

export interface ReplaysDeps {
  config(): Promise<Config | undefined>;
  replays: ReplayLedger;
  queues: DeliveryQueues;
  /** A ledger that has forgotten what it knew would send next to nothing, and say that it is done. */
  mark: { isBehind(): Promise<boolean> };
  /** A ULID for now. */
  newId(): string;
  /** Epoch milliseconds. */
  now: number;
}

const MAX_BODY_BYTES = 64 * 1024;
const START = { dryRun: oneOf(["true", "false"]) };

/** `id`: for the audit. */
export async function startReplay(
  request: Request,
  caller: Caller,
  deps: ReplaysDeps,
): Promise<{ response: Response; id?: string }> {
  const { replays, now } = deps;
  const query = readQuery(request, START);
  if (!query.ok) return { response: query.refusal };
  const reading = await readJson(request, MAX_BODY_BYTES);
  if (!reading.ok) return { response: reading.refusal };
  if (reading.value === undefined) return { response: problem("bad_json") };
  const config = await deps.config();
  if (!config) return { response: problem("not_configured") };
  const read = readWish(reading.value, config, now);
  if (!read.ok) return { response: problem("invalid_replay", { errors: read.faults }) };
  const order = await orderOf(read.wish, now);
  const able = ableOf(config.subscribers);
  if (query.query.dryRun === "true") {
    const { isBounded, ...count } = await replays.count(order, able);
    return { response: answer({ ...count, atLeast: isBounded ? true : undefined }), id: "dry-run" };
  }
  if (await deps.mark.isBehind()) return { response: problem("ledger_behind") };

  const started = { id: `rpl_${deps.newId()}`, order, createdAt: now, createdBy: caller.name };
  if (!(await replays.start(started))) return { response: problem("too_many_replays") };
  const replay: Replay = { ...started, state: "running", events: 0, sent: 0, skipped: 0 };
  // A first step that fails is made by the sweep.
  const stepped = await stepReplay(replay, able, deps).catch(() => undefined);
  const location = `/api/replays/${replay.id}`;
  return { response: answer(toRecord(stepped ?? replay), 202, { location }), id: replay.id };
}

/** Nothing that comes from now on is in it. */
async function orderOf({ subscribers, session, externalId, ...wish }: ReplayWish, now: number): Promise<ReplayOrder> {
  const external = externalId === undefined ? undefined : await hashExternalId(externalId);
  const to = Math.min(wish.to ?? now, now);
  return { filter: { ...wish, to, subject: session, external }, subscribers };
}

async function getReplay(id: string, { replays }: ReplaysDeps): Promise<Response> {
  const replay = await replays.find(id);
  return replay ? answer(toRecord(replay)) : problem("unknown_replay");
}

async function cancelReplay(id: string, deps: ReplaysDeps): Promise<Response> {
  await deps.replays.cancel(id, deps.now);
  return getReplay(id, deps);
}

function toRecord({ order, reached, createdAt, finishedAt, ...replay }: Replay) {
  const { subject, external, from, to, ...filter } = order.filter;
  return {
    ...replay,
    filter: {
      ...filter,
      session: subject,
      externalId: external,
      from: toIso(from),
      to: toIso(to),
      subscribers: order.subscribers,
    },
    reached: reached && toIso(timeOf(reached.sequence)),
    createdAt: toIso(createdAt),
    finishedAt: finishedAt === undefined ? undefined : toIso(finishedAt),
  };
}

const toIso = (at: number): string => new Date(at).toISOString();

const LIST: Parameters<Pick<Paging, "limit" | "cursor">> = { limit: paging.limit, cursor: paging.cursor };

const REPLAY_ID = pattern(/^rpl_[0-9A-HJKMNP-TV-Z]{26}$/);

/** `session` is empty where it was erased; `externalId` is a hash. */
const REPLAY = object(
  {
    id: REPLAY_ID,
    state: word(REPLAY_STATES),
    filter: object({ ...WISH, session: { type: "string" }, externalId: text }, ["from", "to"]),
    reached: time,
    events: integer,
    sent: integer,
    skipped: integer,
    createdAt: time,
    createdBy: text,
    finishedAt: time,
  },
  ["id", "state", "filter", "events", "sent", "skipped", "createdAt", "createdBy"],
);
const ONE = { schema: REPLAY };

export const replayRoutes: readonly Route<{ replaying: ReplaysDeps }>[] = [
  {
    method: "POST",
    path: "/api/replays",
    allow: "operator",
    id: "startReplay",
    summary: "Sends again what a filter lets through, from its oldest event on; with dryRun only counts it",
    query: START,
    body: { schema: object(WISH, ["from"]) },
    answers: {
      200: {
        schema: object({ events: integer, deliveries: integer, atLeast: { const: true } }, ["events", "deliveries"]),
      },
      202: ONE,
    },
    problems: ["bad_json", "too_large", "invalid_replay", "too_many_replays", "not_configured", "ledger_behind"],
    async handle({ request, caller, deps, concerns }) {
      const { response, id } = await startReplay(request, caller, deps.replaying);
      if (id !== undefined) concerns(`replays/${id}`);
      return response;
    },
  },
  {
    method: "GET",
    path: "/api/replays",
    allow: "viewer",
    id: "listReplays",
    summary: "The replays of the last 90 days, newest first",
    query: LIST,
    answers: { 200: { schema: object({ items: array(REPLAY), cursor: text }, ["items"]) } },
    handle: ({ request, deps }) =>
      answerList(request, LIST, async (_filter, limit, after) => {
        const { items, ...more } = await deps.replaying.replays.list(limit, after);
        return { items: items.map(toRecord), ...more };
      }),
  },
  {
    method: "GET",
    path: "/api/replays/{id}",
    allow: "viewer",
    id: "getReplay",
    summary: "How far a replay has come",
    parameters: { id: REPLAY_ID },
    answers: { 200: ONE },
    problems: ["unknown_replay"],
    handle: ({ parameter, deps }) => getReplay(parameter("id"), deps.replaying),
  },
  {
    method: "DELETE",
    path: "/api/replays/{id}",
    allow: "operator",
    id: "cancelReplay",
    summary: "Ends a replay: nothing further is put back; what was put back stays owed",
    parameters: { id: REPLAY_ID },
    answers: { 200: ONE },
    problems: ["unknown_replay"],
    handle: ({ parameter, deps }) => cancelReplay(parameter("id"), deps.replaying),
  },
];

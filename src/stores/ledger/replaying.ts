/** Replays in the ledger: what each is to put back, how far it has come, and its steps. */
import type { Position } from "../../core/cursor.ts";
import { deliveryIdOf, hashSubscriber } from "../../core/ids.ts";
import { DELIVERY_STATES, type DeliveryState } from "../../core/ledger.ts";
import type { Replay, ReplayLedger, ReplayOrder, Target } from "../../core/replay.ts";
import { firstSequence } from "../../core/sequence.ts";
import type { LedgerDatabase } from "./database.ts";
import type { OwedRow } from "./owed.ts";
import { boundQuery, MOST_EXAMINED, pageQuery, readPage, type Walk } from "./paging.ts";
import { putBackValues, putBackWhere, toTasks } from "./putting-back.ts";
import { replayWalk, type ReplayedEventRow } from "./walks.ts";

const MOST_RUNNING = 5;
/** In one step. */
const MOST_PUT_BACK = 500;
/** About as many as are delivered in a minute: whoever else has a retry due waits no longer behind them. */
const MOST_DUE = 5000;

const START = `
  INSERT INTO replays (id, plan, created_at, created_by)
  SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM replays WHERE state = 'running') < ${MOST_RUNNING}`;

/** It runs, and nobody has moved it since it was read. */
const IS_STILL_THERE = "id = ?4 AND state = 'running' AND sequence = ?5 AND event = ?6";

export const STEP = putBackWhere(`EXISTS (SELECT 1 FROM replays WHERE ${IS_STILL_THERE})`);

/** Right after the step: `changes()` are what it put back. */
const MOVE = `
  UPDATE replays SET sequence = ?1, event = ?2, events = events + ?3, sent = sent + changes(), skipped = skipped + ?7 - changes(),
    state = iif(?8 IS NULL, state, 'finished'), finished_at = ?8
  WHERE ${IS_STILL_THERE} RETURNING *`;

const CANCEL = "UPDATE replays SET state = 'cancelled', finished_at = ?2 WHERE id = ?1 AND state = 'running'";
const FORGET = "DELETE FROM replays WHERE id < ?1 AND state <> 'running'";
export const RUNNING = "SELECT * FROM replays WHERE state = 'running' ORDER BY id";
export const DUE = `SELECT count(*) AS due FROM (SELECT 1 FROM deliveries WHERE due_at <= ?1 LIMIT ${MOST_DUE})`;

interface ReplayRow {
  id: string;
  state: Replay["state"];
  plan: string;
  sequence: string;
  event: string;
  events: number;
  sent: number;
  skipped: number;
  created_at: number;
  created_by: string;
  finished_at: number | null;
}

export function createReplayLedger(ledger: LedgerDatabase): ReplayLedger {
  return {
    start: ({ id, order, createdAt, createdBy }) =>
      ledger.run(async (database) => {
        const start = database.prepare(START).bind(id, JSON.stringify(order), createdAt, createdBy);
        return (await start.run()).meta.changes === 1;
      }),

    async count(order, able) {
      const walk = await walkOf(order, undefined);
      return ledger.run(async (database) => {
        const { sql, values } = pageQuery(walk, MOST_EXAMINED);
        const bound = boundQuery(walk);
        const [found, last] = await database.batch<{ deliveries: string; events: number }>([
          database.prepare(`SELECT deliveries, count(*) AS events FROM (${sql}) GROUP BY deliveries`).bind(...values),
          database.prepare(bound.sql).bind(...bound.values),
        ]);
        const groups = found?.results ?? [];
        return {
          events: groups.reduce((sum, { events }) => sum + events, 0),
          deliveries: groups.reduce((sum, row) => sum + row.events * both(meantBy(row, order), able).length, 0),
          isBounded: (last?.results ?? []).length > 0,
        };
      });
    },

    async step(replay, able, now) {
      const { id, order, reached = NOWHERE } = replay;
      const walk = await walkOf(order, replay.reached);
      const hashes = new Map(await Promise.all(able.map(async (name) => [name, await hashSubscriber(name)] as const)));
      const limit = Math.max(1, Math.floor(MOST_PUT_BACK / Math.max(1, (order.subscribers ?? able).length)));
      return ledger.run(async (database) => {
        const { rows, next } = await readPage(database, walk, limit);
        const meant = rows.reduce((sum, row) => sum + meantBy(row, order).length, 0);
        const targets = rows.flatMap((row) => targetsOf(row, order, hashes));
        const { sequence, id: event } = next ?? rows.at(-1) ?? reached;
        const states = order.subscribers ? DELIVERY_STATES : stateOf(order);
        const place = [id, reached.sequence, reached.id] as const;
        const [put, moved] = await database.batch([
          database.prepare(STEP).bind(...putBackValues(targets, now, states), ...place),
          database.prepare(MOVE).bind(sequence, event, rows.length, ...place, meant, next ? null : now),
        ]);
        const [row] = (moved?.results ?? []) as ReplayRow[];
        return row && { tasks: toTasks((put?.results ?? []) as OwedRow[], now), replay: toReplay(row) };
      });
    },

    find: (id) =>
      ledger.run(async (database) => {
        const row = await database.prepare("SELECT * FROM replays WHERE id = ?").bind(id).first<ReplayRow>();
        return row ? toReplay(row) : undefined;
      }),

    list: (limit, after) =>
      ledger.run(async (database) => {
        const { rows, ...more } = await readPage(database, listWalk(after), limit);
        return { items: rows.map(toReplay), ...more };
      }),

    running: (before) =>
      ledger.run(async (database) => {
        const [, running] = await database.batch([
          database.prepare(FORGET).bind(`rpl_${firstSequence(before)}`),
          database.prepare(RUNNING),
        ]);
        return ((running?.results ?? []) as ReplayRow[]).map(toReplay);
      }),

    cancel: (id, now) =>
      ledger.run(async (database) => {
        await database.prepare(CANCEL).bind(id, now).run();
      }),

    isBusy: (now) =>
      ledger.run(async (database) => {
        const row = await database.prepare(DUE).bind(now).first<{ due: number }>();
        return row?.due === MOST_DUE;
      }),
  };
}

const NOWHERE: Position = { sequence: "", id: "" };

async function walkOf(order: ReplayOrder, after: Position | undefined): Promise<Walk<ReplayedEventRow>> {
  const { subscriber } = order.filter;
  return replayWalk(order, subscriber === undefined ? undefined : await hashSubscriber(subscriber), after);
}

const stateOf = ({ filter: { state } }: ReplayOrder): DeliveryState[] => (state === undefined ? [] : [state]);

/** For whom an event is meant, whether they can be sent anything or not. */
function meantBy({ deliveries }: Pick<ReplayedEventRow, "deliveries">, order: ReplayOrder): readonly string[] {
  if (order.subscribers) return order.subscribers;
  const found = JSON.parse(deliveries) as [string, DeliveryState][];
  return found.filter(([, state]) => state === order.filter.state).map(([subscriber]) => subscriber);
}

const both = (some: readonly string[], others: readonly string[]): string[] =>
  some.filter((each) => others.includes(each));

/** @param hashes of those that can be sent something; with the event's id they make the delivery's */
function targetsOf(row: ReplayedEventRow, order: ReplayOrder, hashes: ReadonlyMap<string, string>): Target[] {
  const { sequence, id: event } = row;
  return meantBy(row, order).flatMap((subscriber) => {
    const hash = hashes.get(subscriber);
    if (hash === undefined) return [];
    return [{ delivery: deliveryIdOf(event, hash), sequence, event, subscriber }];
  });
}

function listWalk(after?: Position): Walk<ReplayRow> {
  const itself = (position: Position) => position;
  return {
    candidates: {
      sql: "SELECT * FROM replays WHERE id < ? ORDER BY id DESC",
      values: [after?.id ?? "~"],
    },
    rows: (candidates) => `SELECT * FROM ${candidates}`,
    checks: [],
    after: ({ id }) => ({ sequence: id, id }),
    afterCandidate: itself,
    candidateOf: itself,
  };
}

function toReplay(row: ReplayRow): Replay {
  const { id, state, plan, sequence, event, events, sent, skipped } = row;
  return {
    id,
    state,
    order: JSON.parse(plan) as ReplayOrder,
    reached: sequence === "" ? undefined : { sequence, id: event },
    events,
    sent,
    skipped,
    createdAt: row.created_at,
    createdBy: row.created_by,
    finishedAt: row.finished_at ?? undefined,
  };
}

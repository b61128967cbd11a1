/**
 * What is to be told by notices, written down in the transaction in which it happens; the sweep makes events of it. The id of a
 * note says what it is about, so that the same is noted once.
 */
import { FIRST_PROBE_MS, type Trend } from "../../core/breaker.ts";
import type { DeliverTask } from "../../core/tasks.ts";
import { noticePrefix } from "../keys.ts";
import { IS_PLACE, placesOf } from "./owed.ts";

/** A notice that dies is not told of by another one. */
export const NOTE_DEAD = `
  INSERT OR IGNORE INTO notices (id, type, subject, at, data)
  SELECT 'dead/' || deliveries.id || '/' || attempts, 'gateway.delivery.dead', subscriber, settled_at,
    json_object('delivery', deliveries.id, 'event', event, 'reason', reason, 'attempts', attempts)
  FROM json_each(?1) AS task CROSS JOIN deliveries ON ${IS_PLACE}
  WHERE state = 'dead' AND substr(object, 1, ${noticePrefix.length}) <> '${noticePrefix}'`;

const NOTE_PAUSED = `
  INSERT OR IGNORE INTO notices (id, type, subject, at, data)
  SELECT 'paused/' || name || '/' || paused_at, 'gateway.subscriber.paused', name, paused_at,
    json_object('why', paused_why, 'consecutiveFailures', failures)
  FROM subscribers JOIN json_each(?1) AS trend ON name = trend.value ->> 'subscriber' AND paused_at = trend.value ->> 'at'`;

/** Before any probe it was an attempt that was under way when the breaker opened: one that flaps would be told of each second. */
const NOTE_RECOVERED = `
  INSERT OR IGNORE INTO notices (id, type, subject, at, data)
  SELECT 'recovered/' || name || '/' || opened_at, 'gateway.subscriber.recovered', name, trend.value ->> 'at',
    json_object('consecutiveFailures', failures, 'seconds', ((trend.value ->> 'at') - opened_at) / 1000)
  FROM subscribers JOIN json_each(?1) AS trend ON name = trend.value ->> 'subscriber' AND (trend.value ->> 'at') - opened_at >= ${FIRST_PROBE_MS}`;

export const noteDead = (database: D1Database, tasks: readonly DeliverTask[]): D1PreparedStatement[] =>
  tasks.length > 0 ? [database.prepare(NOTE_DEAD).bind(placesOf(tasks))] : [];

/** After the pause is written; `at` of the pause. */
export const notePaused = (database: D1Database, paused: readonly Pick<Trend, "subscriber" | "at">[]) =>
  database.prepare(NOTE_PAUSED).bind(JSON.stringify(paused));

/** Before the breaker is closed. */
export const noteRecovered = (database: D1Database, recovered: readonly Pick<Trend, "subscriber" | "at">[]) =>
  database.prepare(NOTE_RECOVERED).bind(JSON.stringify(recovered));

/**
 * What results say of subscribers, written in the transaction that records them. Counted in SQL, so that consumers at the same
 * time add up; nothing is written of a subscriber that is well and was.
 */
import {
  FAILURES_TO_OPEN,
  FAILURES_TO_PAUSE,
  FIRST_PROBE_MS,
  PAUSE_AFTER_MS,
  TIMEOUTS_TO_OPEN,
  trendsOf,
} from "../../core/breaker.ts";
import type { AttemptResult } from "../../core/tasks.ts";
import { isNoticeKey } from "../keys.ts";
import { notePaused, noteRecovered } from "./noting.ts";

/** Each takes the trends as JSON. */
const OF_TREND = "subscribers.name = trend.value ->> 'subscriber'";

const MEND = `
  UPDATE subscribers SET failures = 0, timeouts = 0, opened_at = NULL, probe_at = NULL, probes = 0, failing_since = NULL,
    last_success_at = trend.value ->> 'at'
  FROM json_each(?1) AS trend WHERE ${OF_TREND} AND (failures > 0 OR opened_at IS NOT NULL)`;

const APPEAR = `INSERT OR IGNORE INTO subscribers (name) SELECT value ->> 'subscriber' FROM json_each(?1)`;

const COUNT = `
  UPDATE subscribers SET failures = failures + (trend.value ->> 'failures'),
    timeouts = iif(trend.value ->> 'isTimeouts', timeouts, 0) + (trend.value ->> 'timeouts'),
    failing_since = coalesce(failing_since, trend.value ->> 'at'), last_failure_at = trend.value ->> 'at'
  FROM json_each(?1) AS trend WHERE ${OF_TREND}`;

const OPEN = `
  UPDATE subscribers SET opened_at = trend.value ->> 'at', probe_at = (trend.value ->> 'at') + ${FIRST_PROBE_MS}, probes = 0
  FROM json_each(?1) AS trend
  WHERE ${OF_TREND} AND opened_at IS NULL AND (failures >= ${FAILURES_TO_OPEN} OR timeouts >= ${TIMEOUTS_TO_OPEN})`;

/** A result may be written down long after it came, and again: whoever resumed the subscriber meanwhile knew of it. */
const PAUSE = `
  UPDATE subscribers SET paused_at = trend.value ->> 'at', paused_why = iif(trend.value ->> 'isGone', 'gone', 'failing'),
    paused_by = NULL, resumed_at = NULL
  FROM json_each(?1) AS trend
  WHERE ${OF_TREND} AND paused_at IS NULL AND coalesce(resumed_at, 0) <= trend.value ->> 'at'
    AND (trend.value ->> 'isGone' OR failures >= ${FAILURES_TO_PAUSE} AND (trend.value ->> 'at') - failing_since >= ${PAUSE_AFTER_MS})`;

export function healthStatements(database: D1Database, results: readonly AttemptResult[]): D1PreparedStatement[] {
  const trends = trendsOf(results);
  const succeeded = trends.filter(({ hasSucceeded }) => hasSucceeded);
  const failing = trends.filter(({ failures, isGone }) => failures > 0 || isGone);
  // That a notice arrived is no news: it would make another one.
  const told = trendsOf(results.filter(({ task }) => !isNoticeKey(task.object))).filter((each) => each.hasSucceeded);
  const run = (sql: string, of: readonly object[]) => database.prepare(sql).bind(JSON.stringify(of));
  return [
    ...(told.length > 0 ? [noteRecovered(database, told)] : []),
    ...(succeeded.length > 0 ? [run(MEND, succeeded)] : []),
    ...(failing.length > 0
      ? [...[APPEAR, COUNT, OPEN, PAUSE].map((sql) => run(sql, failing)), notePaused(database, failing)]
      : []),
  ];
}

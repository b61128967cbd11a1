/**
 * Counts in the ledger: one row holds all that was counted in a minute, in an hour, or ever, as JSON by their names. Who counts writes
 * to the minute alone, one row however much it is; finished hours are added up later. Up to the cursor `tallied-until` they have been, so
 * that a sum of hours, or of all time, takes its end from the minutes after it.
 */
import {
  countNamed,
  HOUR_MS,
  HOURS_KEPT_MS,
  MINUTE_MS,
  MINUTES_KEPT_MS,
  nameOf,
  type Count,
  type TallySpan,
} from "../../core/tally.ts";
import { reachingWithin } from "../reach.ts";
import type { LedgerDatabase } from "./database.ts";

export interface TallyLedger {
  /** All or nothing, and given up soon: nobody's work may wait for it. */
  add(counts: readonly Count[], now: number): Promise<void>;
  /** Sums of the minutes or hours that began at `from`, epoch milliseconds, or later. */
  sum(span: TallySpan, from: number): Promise<Count[]>;
  /** Adds the oldest hour that is over and still in minutes to the hours and to all time, once, whoever else does. */
  rollUp(now: number): Promise<void>;
  /** Removes minutes and hours that are past keeping, some hundred at a time; returns how many. */
  forget(now: number): Promise<number>;
}

const WRITE_MS = 2000;
/** A minute makes one. */
const FORGOTTEN_AT_A_TIME = 500;

const UNTIL = "(SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM cursors WHERE name = 'tallied-until')";

const MERGE = `
  ON CONFLICT (span, at) DO UPDATE SET counts = (
    SELECT json_group_object(key, count) FROM (
      SELECT key, sum(value) AS count FROM (
        SELECT key, value FROM json_each(tallies.counts) UNION ALL SELECT key, value FROM json_each(excluded.counts)
      ) GROUP BY key))`;

/** What comes late counts in the first minute that has not been added up. */
const ADD = `INSERT INTO tallies (span, at, counts) SELECT 'minute', max(?1, ${UNTIL}), ?2 WHERE true ${MERGE}`;

const SUM = `
  SELECT key, sum(value) AS count FROM (
    SELECT counts FROM tallies WHERE span = ?1 AND at >= ?2
    UNION ALL
    SELECT counts FROM tallies WHERE ?1 <> 'minute' AND span = 'minute' AND at >= max(?3, ${UNTIL})
  ) AS tally, json_each(tally.counts) GROUP BY key ORDER BY key`;

const OLDEST = `SELECT min(at) AS oldest FROM tallies WHERE span = 'minute' AND at >= ${UNTIL}`;

/** Takes nothing where somebody else has taken it meanwhile. */
const ROLL_UP = `
  INSERT INTO tallies (span, at, counts)
  SELECT ?1, began, json_group_object(key, count) FROM (
    SELECT at - at % ?2 AS began, key, sum(value) AS count FROM tallies, json_each(tallies.counts)
    WHERE span = 'minute' AND at >= ${UNTIL} AND at < ?3 GROUP BY began, key
  ) WHERE true GROUP BY began ${MERGE}`;

const REMEMBER = `
  INSERT INTO cursors (name, value) VALUES ('tallied-until', ?1) ON CONFLICT (name) DO UPDATE SET value = max(value, ?1)`;

const FORGET = `
  DELETE FROM tallies WHERE span = ?1 AND at IN (SELECT at FROM tallies WHERE span = ?1 AND at < min(?2, ${UNTIL}) ORDER BY at LIMIT ?3)`;

const beginning = (now: number, length: number): number => now - (now % length);

export function createTallyLedger(ledger: LedgerDatabase): TallyLedger {
  return {
    add: (counts, now) =>
      reachingWithin("ledger", WRITE_MS, () =>
        ledger.run(async (database) => {
          const named = Object.fromEntries(counts.map((each) => [nameOf(each), each.count]));
          await database.prepare(ADD).bind(beginning(now, MINUTE_MS), JSON.stringify(named)).run();
        }),
      ),

    sum: (span, from) =>
      ledger.run(async (database) => {
        const firstHour = beginning(from + HOUR_MS - 1, HOUR_MS);
        const { results } = await database
          .prepare(SUM)
          .bind(span, from, firstHour)
          .all<{ key: string; count: number }>();
        return results.map(({ key, count }) => countNamed(key, count));
      }),

    rollUp: (now) =>
      ledger.run(async (database) => {
        const { oldest } = (await database.prepare(OLDEST).first<{ oldest: number | null }>()) ?? {};
        const end = beginning(oldest ?? now, HOUR_MS) + HOUR_MS;
        if (end > now) return;
        const statement = database.prepare(ROLL_UP);
        await database.batch([
          statement.bind("hour", HOUR_MS, end),
          statement.bind("ever", Number.MAX_SAFE_INTEGER, end),
          database.prepare(REMEMBER).bind(String(end)),
        ]);
      }),

    forget: (now) =>
      ledger.run(async (database) => {
        const statement = database.prepare(FORGET);
        const results = await database.batch([
          statement.bind("minute", beginning(now, MINUTE_MS) - MINUTES_KEPT_MS, FORGOTTEN_AT_A_TIME),
          statement.bind("hour", beginning(now, HOUR_MS) - HOURS_KEPT_MS, FORGOTTEN_AT_A_TIME),
        ]);
        return results.reduce((sum, { meta }) => sum + meta.changes, 0);
      }),
  };
}

/** Counts in the ledger, each in three spans: its minute, its hour, and all time. */
import { HOUR_MS, HOURS_KEPT_MS, MINUTE_MS, MINUTES_KEPT_MS, type Count, type TallySpan } from "../../core/tally.ts";
import { reachingWithin } from "../reach.ts";
import type { LedgerDatabase } from "./database.ts";

export interface TallyLedger {
  /** All or nothing, and given up soon: nobody's work may wait for it. */
  add(counts: readonly Count[], now: number): Promise<void>;
  /** Sums since `from`, epoch milliseconds. */
  sum(span: TallySpan, from: number): Promise<Count[]>;
  /** Removes minutes and hours that are past keeping, some thousand at a time; returns how many rows. */
  forget(now: number): Promise<number>;
}

const WRITE_MS = 2000;

const ADD = `
  INSERT INTO tallies (span, at, kind, source, word, count)
  SELECT span.value ->> 'span', span.value ->> 'at', tally.value ->> 'kind', tally.value ->> 'source', tally.value ->> 'word',
    tally.value ->> 'count'
  FROM json_each(?1) AS tally, json_each(?2) AS span WHERE true
  ON CONFLICT (span, at, kind, source, word) DO UPDATE SET count = tallies.count + excluded.count`;

const SUM = `
  SELECT kind, source, word, sum(count) AS count FROM tallies WHERE span = ?1 AND at >= ?2 GROUP BY kind, source, word
  ORDER BY kind, source, word`;

const FORGET = `
  DELETE FROM tallies WHERE (span, at, kind, source, word) IN (
    SELECT span, at, kind, source, word FROM tallies WHERE span = ?1 AND at < ?2 ORDER BY at LIMIT ?3)`;

/** More than a gateway writes in the minute between two runs of the sweep. */
const FORGOTTEN_AT_A_TIME = 2000;

const beginning = (now: number, length: number): number => now - (now % length);

export function createTallyLedger(ledger: LedgerDatabase): TallyLedger {
  return {
    add: (counts, now) =>
      reachingWithin("ledger", WRITE_MS, () =>
        ledger.run(async (database) => {
          const spans: { span: TallySpan; at: number }[] = [
            { span: "minute", at: beginning(now, MINUTE_MS) },
            { span: "hour", at: beginning(now, HOUR_MS) },
            { span: "ever", at: 0 },
          ];
          await database.prepare(ADD).bind(JSON.stringify(counts), JSON.stringify(spans)).run();
        }),
      ),

    sum: (span, from) =>
      ledger.run(async (database) => {
        const { results } = await database.prepare(SUM).bind(span, from).all<Count>();
        return results;
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

/** Room at subscribers that want no more than so much. Nothing of this is read or written for a subscriber without limits. */
import type { LimitingLedger } from "../../core/ledger.ts";
import type { LedgerDatabase } from "./database.ts";

/**
 * The time up to which room is given away, moved on (GCRA, the leaky bucket as a meter: ITU-T I.371 annex A). Where the rate was
 * raised meanwhile the line is as much shorter.
 */
const RESERVE = `
  INSERT INTO subscribers (name, next_slot_at, slot_ms) VALUES (?1, ?2 + ?3, ?4)
  ON CONFLICT (name) DO UPDATE SET slot_ms = ?4,
    next_slot_at = ?2 + max(next_slot_at - ?2, 0) * min(coalesce(?4 / nullif(slot_ms, 0), 1), 1) + ?3
  RETURNING next_slot_at - ?3 AS first`;

const OCCUPY = `
  WITH RECURSIVE n (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM n WHERE place < ?2)
  INSERT INTO places (subscriber, place, holder, until)
  SELECT ?1, place, ?4, ?6 FROM n
  WHERE NOT EXISTS (SELECT 1 FROM places p WHERE p.subscriber = ?1 AND p.place = n.place AND p.until > ?5) LIMIT ?3
  ON CONFLICT (subscriber, place) DO UPDATE SET holder = excluded.holder, until = excluded.until`;

const VACATE = `DELETE FROM places WHERE subscriber IN (SELECT value FROM json_each(?1)) AND holder = ?2`;

export function createLimitingLedger(ledger: LedgerDatabase): LimitingLedger {
  return {
    reserve: (subscriber, count, stepMs, now) =>
      ledger.run(async (database) => {
        const row = await database
          .prepare(RESERVE)
          .bind(subscriber, now, count * stepMs, stepMs)
          .first<{ first: number }>();
        return row?.first ?? now;
      }),

    occupy: (subscriber, { wanted, of }, holder, now, until) =>
      ledger.run(async (database) => {
        const { meta } = await database.prepare(OCCUPY).bind(subscriber, of, wanted, holder, now, until).run();
        return meta.changes;
      }),

    vacate: (subscribers, holder) =>
      ledger.run(async (database) => {
        await database.prepare(VACATE).bind(JSON.stringify(subscribers), holder).run();
      }),
  };
}

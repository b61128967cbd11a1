/** Legal holds: what must be kept, whoever wants it gone. A hold and an erasure decide between themselves in the ledger. */
import type { HoldingLedger } from "../../core/erasure.ts";
import type { LedgerDatabase } from "./database.ts";

const IS_ERASED = "EXISTS (SELECT 1 FROM tombstones WHERE subject = ?2)";

const IS_KNOWN = `(EXISTS (SELECT 1 FROM sessions WHERE source = ?1 AND session = ?2)
  OR EXISTS (SELECT 1 FROM receipts WHERE session = ?2 AND event IS NULL)
  OR EXISTS (SELECT 1 FROM events WHERE source = ?1 AND subject = ?3))`;

const STATE = `SELECT ${IS_ERASED} AS erased, ${IS_KNOWN} AS known`;

const HOLD = `
  INSERT OR IGNORE INTO holds (source, session, held_at, held_by)
  SELECT ?1, ?2, ?5, ?4 WHERE NOT ${IS_ERASED} AND ${IS_KNOWN}`;

/** What was erased is held by nobody. */
const RESTORE = `
  INSERT OR IGNORE INTO holds (source, session, held_at, held_by)
  SELECT value ->> 'source', value ->> 'session', value ->> 'since', value ->> 'by' FROM json_each(?1)
  WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE subject = value ->> 'session')`;

const FATE = `
  SELECT (SELECT erased_at FROM tombstones WHERE subject = ?2) AS erased_at,
    (SELECT held_at FROM holds WHERE source = ?1 AND session = ?2) AS held_at,
    (SELECT held_by FROM holds WHERE source = ?1 AND session = ?2) AS held_by`;

/** A row that has no bytes any more. */
const FATE_OF_FILE = `
  SELECT EXISTS (SELECT 1 FROM tombstones WHERE subject = ?2) AS erased, EXISTS (SELECT 1 FROM files WHERE id = ?1) AS known`;

interface Truths {
  erased: number;
  known: number;
}

export function createHoldingLedger(ledger: LedgerDatabase): HoldingLedger {
  return {
    hold: ({ source, session, subject = "" }, by, now) =>
      ledger.run(async (database) => {
        const [found] = await database.batch<Truths>([
          database.prepare(STATE).bind(source, session, subject),
          database.prepare(HOLD).bind(source, session, subject, by, now),
        ]);
        const { erased = 0, known = 0 } = found?.results[0] ?? {};
        if (erased) return "erased";
        return known ? "held" : "unknown";
      }),

    restoreHolds: (holds) =>
      ledger.run(async (database) => {
        const { meta } = await database.prepare(RESTORE).bind(JSON.stringify(holds)).run();
        return meta.changes;
      }),

    release: ({ source, session }) =>
      ledger.run(async (database) => {
        const sql = "DELETE FROM holds WHERE source = ? AND session = ?";
        const { meta } = await database.prepare(sql).bind(source, session).run();
        return meta.changes > 0;
      }),

    fateOf: ({ source, session }) =>
      ledger.run(async (database) => {
        const row = await database
          .prepare(FATE)
          .bind(source, session)
          .first<{ erased_at: number | null; held_at: number | null; held_by: string | null }>();
        const { erased_at = null, held_at = null, held_by } = row ?? {};
        return {
          erasedAt: erased_at ?? undefined,
          hold: held_at === null ? undefined : { since: held_at, by: held_by ?? "" },
        };
      }),

    fateOfFile: (file, session) =>
      ledger.run(async (database) => {
        const row = await database.prepare(FATE_OF_FILE).bind(file, session).first<Truths>();
        if (row?.erased) return "erased";
        return row?.known ? "expired" : undefined;
      }),
  };
}

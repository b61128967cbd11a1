/** The ledger's part in processing anew: what was asked for is remembered with its receipt until it is done. */
import type { ReprocessingLedger } from "../../core/reprocessing.ts";
import type { LedgerDatabase } from "./database.ts";
import { isErased } from "./erased.ts";

const IS_ERASED = isErased({
  source: "receipts.source",
  session: "receipts.session",
  external: "receipts.external",
  receivedAt: "receipts.received_at",
});

const ASK = `UPDATE receipts SET asked_at = ?2, asked_due_at = ?2 WHERE id = ?1 AND NOT ${IS_ERASED}`;

const TAKE = `
  UPDATE receipts SET asked_due_at = ?2
  WHERE id IN (SELECT id FROM receipts WHERE asked_due_at < ?1 ORDER BY asked_due_at LIMIT ?3)
  RETURNING object, size, asked_at`;

export function createReprocessingLedger(ledger: LedgerDatabase): ReprocessingLedger {
  return {
    ask: (receipt, now) =>
      ledger.run(async (database) => {
        const { meta } = await database.prepare(ASK).bind(receipt, now).run();
        return meta.changes > 0;
      }),

    takeAsked: (before, now, limit) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare(TAKE)
          .bind(before, now, limit)
          .all<{ object: string; size: number | null; asked_at: number }>();
        return results.map(({ object, size, asked_at }) => ({ object, size: size ?? 0, again: { at: asked_at } }));
      }),
  };
}

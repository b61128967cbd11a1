/** What stands in the ledger unfinished. */
import { COUNTED_AT_MOST, type Backlog } from "../../core/backlog.ts";
import type { LedgerDatabase } from "./database.ts";

/** `waiting` and `held` are of the newest receipts without an event. */
export type LedgerBacklog = Pick<Backlog, "due" | "oldestDueAt" | "waiting" | "held">;

export interface BacklogLedger {
  read(now: number): Promise<LedgerBacklog>;
  /** Throws where the ledger cannot be reached. */
  probe(): Promise<void>;
}

const DUE = `
  SELECT count(*) AS due, min(due_at) AS oldest FROM (
    SELECT due_at FROM deliveries WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ${COUNTED_AT_MOST})`;

const UNFINISHED = `
  SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'held') AS held FROM (
    SELECT state FROM receipts WHERE event IS NULL ORDER BY sequence DESC LIMIT ${COUNTED_AT_MOST})`;

export function createBacklogLedger(ledger: LedgerDatabase): BacklogLedger {
  return {
    read: (now) =>
      ledger.run(async (database) => {
        const [due, unfinished] = await database.batch<Record<string, number | null>>([
          database.prepare(DUE).bind(now),
          database.prepare(UNFINISHED),
        ]);
        const [{ due: count, oldest } = {}] = due?.results ?? [];
        const [{ waiting, held } = {}] = unfinished?.results ?? [];
        return { due: count ?? 0, oldestDueAt: oldest ?? undefined, waiting: waiting ?? 0, held: held ?? 0 };
      }),
    probe: () =>
      ledger.run(async (database) => {
        await database.prepare("SELECT 1").run();
      }),
  };
}

/** The ledger's part in deliver and sweep: who may attempt a delivery, what came of it, what is still owed. */
import type { DeliveringLedger } from "../../core/ledger.ts";
import type { DeliverTask } from "../../core/tasks.ts";
import type { LedgerDatabase } from "./database.ts";

/** Longer than any batch takes: twenty attempts, five at a time, of 60 s at the most. */
const LEASE_MS = 300_000;

const LEASE = `
  UPDATE deliveries SET lease_holder = task.value ->> 'holder', lease_until = ?2
  FROM json_each(?1) AS task
  WHERE deliveries.id = task.value ->> 'id' AND deliveries.attempts = task.value ->> 'made'
    AND deliveries.state IN ('pending', 'retrying')
    AND (deliveries.lease_until <= ?3 OR deliveries.lease_holder = task.value ->> 'holder')
  RETURNING deliveries.id AS id, deliveries.lease_holder AS holder`;

const SETTLE = `
  UPDATE deliveries SET state = ?2, attempts = ?3, status = ?4, reason = ?5, due_at = ?6, settled_at = ?7,
    lease_holder = NULL, lease_until = 0
  WHERE id = ?1 AND attempts < ?3 AND state IN ('pending', 'retrying')`;

const TAKE_OVERDUE = `
  UPDATE deliveries SET due_at = ?2
  WHERE id IN (SELECT id FROM deliveries WHERE due_at IS NOT NULL AND due_at < ?1 AND lease_until <= ?2 ORDER BY due_at LIMIT ?3)
  RETURNING id, event, object, subscriber, attempts`;

export function createDeliveringLedger(ledger: LedgerDatabase): DeliveringLedger {
  return {
    lease: (tasks, now) =>
      ledger.run(async (database) => {
        const wanted = tasks.map(({ task, holder }) => ({ id: task.delivery, made: task.attempt - 1, holder }));
        const { results } = await database
          .prepare(LEASE)
          .bind(JSON.stringify(wanted), now + LEASE_MS, now)
          .all<{ id: string; holder: string }>();
        return new Map(results.map(({ id, holder }) => [id, holder]));
      }),

    settle: (results) =>
      ledger.run(async (database) => {
        const statement = database.prepare(SETTLE);
        await database.batch(
          results.map(({ task, state, status, reason, at, dueAt }) =>
            statement.bind(task.delivery, state, task.attempt, status ?? null, reason ?? null, dueAt ?? null, at),
          ),
        );
      }),

    takeOverdue: (before, now, limit) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare(TAKE_OVERDUE)
          .bind(before, now, limit)
          .all<{ id: string; event: string; object: string; subscriber: string; attempts: number }>();
        return results.map(({ id, attempts, ...row }): DeliverTask => ({
          v: 1,
          kind: "deliver",
          delivery: id,
          ...row,
          attempt: attempts + 1,
        }));
      }),

    bury: (delivery, reason, now) =>
      ledger.run(async (database) => {
        await database
          .prepare(
            `UPDATE deliveries SET state = 'dead', reason = ?2, settled_at = ?3, due_at = NULL, lease_until = 0
             WHERE id = ?1 AND state IN ('pending', 'retrying')`,
          )
          .bind(delivery, reason, now)
          .run();
      }),
  };
}

/** The ledger's part in deliver and sweep: who may attempt a delivery, what came of it, what is still owed. */
import type { DeliveringLedger } from "../../core/ledger.ts";
import type { DeliverTask } from "../../core/tasks.ts";
import type { LedgerDatabase } from "./database.ts";

/** Longer than any batch takes: twenty attempts, five at a time, of 60 s at the most. */
const LEASE_MS = 300_000;

/** Of tasks, as JSON: where their deliveries stand. */
const placesOf = (tasks: readonly DeliverTask[]) =>
  JSON.stringify(tasks.map(({ delivery, sequence, attempt }) => ({ id: delivery, sequence, made: attempt - 1 })));

const IS_PLACE = "deliveries.sequence = task.value ->> 'sequence' AND deliveries.id = task.value ->> 'id'";

export const LEASE = `
  UPDATE deliveries SET lease_holder = ?2, lease_until = ?3
  FROM json_each(?1) AS task
  WHERE ${IS_PLACE} AND deliveries.attempts = task.value ->> 'made'
    AND deliveries.state IN ('pending', 'retrying') AND deliveries.lease_until <= ?4`;

/** Read in the same transaction, so that what was just taken is told apart from what another consumer has. */
export const LEASED = `
  SELECT deliveries.id, deliveries.lease_holder AS holder FROM json_each(?1) AS task
  CROSS JOIN deliveries ON ${IS_PLACE} AND deliveries.attempts = task.value ->> 'made'
  WHERE deliveries.state IN ('pending', 'retrying')`;

export const RELEASE = `
  UPDATE deliveries SET lease_holder = NULL, lease_until = 0
  FROM json_each(?1) AS task WHERE ${IS_PLACE} AND lease_holder = ?2`;

/** As many as a delivery can have: erasing finds the answers by them. In its own row, so that they cost no row of their own. */
const LOGGED_ATTEMPTS = 101;

export const SETTLE = `
  UPDATE deliveries SET state = ?2, attempts = ?3, status = ?4, reason = ?5, due_at = ?6, settled_at = ?7,
    log = json_insert(iif(json_array_length(log) >= ${LOGGED_ATTEMPTS}, json_remove(log, '$[0]'), log), '$[#]', json(?8)),
    lease_holder = NULL, lease_until = 0
  WHERE sequence = ?9 AND id = ?1 AND attempts < ?3 AND state IN ('pending', 'retrying')`;

const FIND_THESE = `SELECT deliveries.id FROM json_each(?) AS task CROSS JOIN deliveries ON ${IS_PLACE}`;

export const TAKE_OVERDUE = `
  UPDATE deliveries SET due_at = ?2
  WHERE (sequence, id) IN (SELECT sequence, id FROM deliveries WHERE due_at IS NOT NULL AND due_at < ?1 AND lease_until <= ?2 ORDER BY due_at LIMIT ?3)
  RETURNING id, sequence, event, object, subscriber, attempts`;

export function createDeliveringLedger(ledger: LedgerDatabase): DeliveringLedger {
  return {
    lease: (tasks, holder, now) =>
      ledger.run(async (database) => {
        const wanted = placesOf(tasks);
        const [, leased] = await database.batch<{ id: string; holder: string }>([
          database.prepare(LEASE).bind(wanted, holder, now + LEASE_MS, now),
          database.prepare(LEASED).bind(wanted),
        ]);
        const rows = leased?.results ?? [];
        const idsOf = (isTaken: boolean) =>
          new Set(rows.filter((row) => (row.holder === holder) === isTaken).map(({ id }) => id));
        return { taken: idsOf(true), busy: idsOf(false) };
      }),

    release: (tasks, holder) =>
      ledger.run(async (database) => {
        await database.prepare(RELEASE).bind(placesOf(tasks), holder).run();
      }),

    settle: (results) =>
      ledger.run(async (database) => {
        const statement = database.prepare(SETTLE);
        const written = await database.batch(
          results.map(({ task, state, status, reason, at, dueAt, ms, answer }) => {
            const log = JSON.stringify({ attempt: task.attempt, at, ms, status, reason, answer });
            const outcome = [state, task.attempt, status ?? null, reason ?? null, dueAt ?? null, at];
            return statement.bind(task.delivery, ...outcome, log, task.sequence);
          }),
        );
        const unchanged = results.flatMap(({ task }, index) => (written[index]?.meta.changes === 0 ? [task] : []));
        const gone = new Set(unchanged.map(({ delivery }) => delivery));
        if (gone.size === 0) return gone;
        const found = database.prepare(FIND_THESE).bind(placesOf(unchanged));
        for (const { id } of (await found.all<{ id: string }>()).results) gone.delete(id);
        return gone;
      }),

    takeOverdue: (before, now, limit) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare(TAKE_OVERDUE)
          .bind(before, now, limit)
          .all<{ id: string; sequence: string; event: string; object: string; subscriber: string; attempts: number }>();
        return results.map(({ id, attempts, ...row }): DeliverTask => ({
          v: 1,
          kind: "deliver",
          delivery: id,
          ...row,
          attempt: attempts + 1,
          owedAt: now,
        }));
      }),

    bury: ({ delivery, sequence }, reason, now) =>
      ledger.run(async (database) => {
        await database
          .prepare(
            `UPDATE deliveries SET state = 'dead', reason = ?2, settled_at = ?3, due_at = NULL, lease_until = 0
             WHERE sequence = ?4 AND id = ?1 AND state IN ('pending', 'retrying')`,
          )
          .bind(delivery, reason, now, sequence)
          .run();
      }),
  };
}

/** The ledger's part in sending again: a delivery stays one row, which is owed anew from the number of its attempts on. */
import { DELIVERY_STATES, type DeliveryState } from "../../core/ledger.ts";
import type { PuttingBackLedger, Target } from "../../core/replay.ts";
import type { DeliverTask } from "../../core/tasks.ts";
import type { LedgerDatabase } from "./database.ts";
import { isErased } from "./erased.ts";
import { toTask, type OwedRow } from "./owed.ts";

const VALUES = { source: "e.source", session: "e.session", external: "e.external", receivedAt: "e.received_at" };

/**
 * Takes targets, the time, and states; what has been settled meanwhile in another one stays as it is. Whoever holds a lease is at the
 * attempt that this would have made.
 * @param condition SQL
 */
export const putBackWhere = (condition: string): string => `
  INSERT INTO deliveries (sequence, id, event, object, subscriber, state, due_at, round)
  SELECT e.sequence, target.value ->> 'delivery', e.id, e.object, target.value ->> 'subscriber', 'pending', ?2, 0
  FROM json_each(?1) AS target
  CROSS JOIN events e ON e.sequence = target.value ->> 'sequence' AND e.id = target.value ->> 'event'
  WHERE ${condition} AND NOT ${isErased(VALUES)}
  ON CONFLICT (sequence, id) DO UPDATE
    SET state = iif(attempts = 0, 'pending', 'retrying'), due_at = excluded.due_at, round = attempts
    WHERE lease_until <= excluded.due_at AND state IN (SELECT value FROM json_each(?3))
  RETURNING id, sequence, event, object, subscriber, attempts`;

export const PUT_BACK = putBackWhere("1");

const FIND = `
  SELECT d.id FROM json_each(?1) AS target
  CROSS JOIN deliveries d ON d.sequence = target.value ->> 'sequence' AND d.id = target.value ->> 'delivery'`;

export const putBackValues = (
  targets: readonly Target[],
  now: number,
  states: readonly DeliveryState[] = DELIVERY_STATES,
) => [JSON.stringify(targets), now, JSON.stringify(states)] as const;

/** In the order of receipt, and among further attempts: nobody's first one waits behind them. */
export const toTasks = (rows: readonly OwedRow[], now: number): DeliverTask[] =>
  rows
    .toSorted((one, other) => (one.sequence < other.sequence ? -1 : 1))
    .map((row) => ({ ...toTask(row, now), apart: true }));

export function createPuttingBackLedger(ledger: LedgerDatabase): PuttingBackLedger {
  return {
    putBack: (targets, now) =>
      ledger.run(async (database) => {
        const [put, found] = await database.batch([
          database.prepare(PUT_BACK).bind(...putBackValues(targets, now)),
          database.prepare(FIND).bind(JSON.stringify(targets)),
        ]);
        const tasks = toTasks((put?.results ?? []) as OwedRow[], now);
        const busy = new Set(((found?.results ?? []) as { id: string }[]).map(({ id }) => id));
        for (const { delivery } of tasks) busy.delete(delivery);
        return { tasks, busy };
      }),
  };
}

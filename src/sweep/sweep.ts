/**
 * Stage 4, each minute, bounded: finds what was promised and has no message any more. Each part runs whatever becomes of
 * the others.
 */
import type { DeliveringLedger } from "../core/ledger.ts";
import { bringAuditHome, type AuditSweepDeps } from "./audit.ts";
import { drainOutbox, type OutboxQueues } from "./outbox.ts";
import { reconcile, type ReconcileDeps } from "./reconcile.ts";

export interface SweepDeps extends ReconcileDeps, AuditSweepDeps {
  deliveries: Pick<DeliveringLedger, "takeOverdue">;
  queues: OutboxQueues;
  /** Returns how many objects have expired. */
  expire(): Promise<number>;
  /** Returns how many erasures were looked at. */
  continueErasures(): Promise<number>;
  now: number;
  /** How long something must be without a message before it is taken up. */
  afterMs: number;
}

export interface Swept {
  outbox: number;
  overdue: number;
  reconciled: number;
  /** Entries of the audit. */
  audited: number;
  erasures: number;
  expired: number;
  failures: unknown[];
}

const OUTBOX_LIMIT = 200;
const OVERDUE_LIMIT = 500;

export async function sweep(deps: SweepDeps): Promise<Swept> {
  const parts = await Promise.allSettled([
    drainOutbox(deps.queues, OUTBOX_LIMIT),
    redeliver(deps),
    reconcile(deps),
    bringAuditHome(deps),
    deps.continueErasures(),
    deps.expire(),
  ]);
  const [outbox = 0, overdue = 0, reconciled = 0, audited = 0, erasures = 0, expired = 0] = parts.map((part) =>
    part.status === "fulfilled" ? part.value : 0,
  );
  const failures = parts.flatMap((part): unknown[] => (part.status === "rejected" ? [part.reason] : []));
  return { outbox, overdue, reconciled, audited, erasures, expired, failures };
}

/** Owed deliveries whose message never came. */
async function redeliver(deps: SweepDeps): Promise<number> {
  const tasks = await deps.deliveries.takeOverdue(deps.now - deps.afterMs, deps.now, OVERDUE_LIMIT);
  const first = tasks.filter((task) => task.attempt === 1);
  const further = tasks.filter((task) => task.attempt > 1);
  if (first.length > 0)
    await deps.queues.send(
      "deliveries",
      first.map((task) => ({ task })),
    );
  if (further.length > 0)
    await deps.queues.send(
      "retries",
      further.map((task) => ({ task })),
    );
  return tasks.length;
}

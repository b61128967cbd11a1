/**
 * Stage 4, each minute, bounded: finds what was promised and has no message any more. Each part runs whatever becomes of
 * the others.
 */
import { sendByLane } from "../core/lanes.ts";
import type { DeliveringLedger } from "../core/ledger.ts";
import type { DeliverTask } from "../core/tasks.ts";
import { tellNotices, type NoticesDeps } from "./notices.ts";
import { drainOutbox, type OutboxQueues } from "./outbox.ts";
import { reconcile, type ReconcileDeps } from "./reconcile.ts";
import { releaseHeld, type ReleaseDeps } from "./release.ts";

export interface SweepDeps extends ReconcileDeps, Omit<NoticesDeps, "queues">, Pick<ReleaseDeps, "subscribers"> {
  deliveries: Pick<DeliveringLedger, "takeOverdue">;
  queues: OutboxQueues;
  now: number;
  /** How long something must be without a message before it is taken up. */
  afterMs: number;
}

export interface Swept {
  outbox: number;
  overdue: number;
  reconciled: number;
  /** Held deliveries of subscribers that were resumed. */
  released: number;
  notices: number;
  failures: unknown[];
}

const OUTBOX_LIMIT = 200;
const OVERDUE_LIMIT = 500;

export async function sweep(deps: SweepDeps): Promise<Swept> {
  const send = (tasks: readonly DeliverTask[]) => sendByLane(tasks, deps.queues);
  const parts = await Promise.allSettled([
    drainOutbox(deps.queues, OUTBOX_LIMIT),
    redeliver(deps),
    reconcile(deps),
    releaseHeld({ ...deps, send }),
    tellNotices(deps),
  ]);
  const counts = parts.map((part) => (part.status === "fulfilled" ? part.value : 0));
  const [outbox = 0, overdue = 0, reconciled = 0, released = 0, notices = 0] = counts;
  const failures = parts.flatMap((part): unknown[] => (part.status === "rejected" ? [part.reason] : []));
  return { outbox, overdue, reconciled, released, notices, failures };
}

/** Owed deliveries whose message never came. */
async function redeliver(deps: SweepDeps): Promise<number> {
  const tasks = await deps.deliveries.takeOverdue(deps.now - deps.afterMs, deps.now, OVERDUE_LIMIT);
  await sendByLane(tasks, deps.queues);
  return tasks.length;
}

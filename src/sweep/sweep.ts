/**
 * Stage 4, each minute, bounded: finds what was promised and has no message any more. Each part runs whatever becomes of
 * the others.
 */
import { sendByLane } from "../core/lanes.ts";
import type { DeliveringLedger } from "../core/ledger.ts";
import type { DeliverTask } from "../core/tasks.ts";
import { bringAuditHome, type AuditSweepDeps } from "./audit.ts";
import { tellNotices, type NoticesDeps } from "./notices.ts";
import { drainOutbox, type OutboxQueues } from "./outbox.ts";
import { reconcile, type ReconcileDeps } from "./reconcile.ts";
import { releaseHeld, type ReleaseDeps } from "./release.ts";
import { watchSources, type WatchDeps } from "./watch-sources.ts";

export interface SweepDeps
  extends ReconcileDeps, AuditSweepDeps, WatchDeps, Omit<NoticesDeps, "queues">, Pick<ReleaseDeps, "subscribers"> {
  deliveries: Pick<DeliveringLedger, "takeOverdue">;
  tallies: { rollUp(now: number): Promise<void>; forget(now: number): Promise<number> };
  queues: OutboxQueues;
  /** Returns how many objects have expired. */
  expire(): Promise<number>;
  /** Returns how many erasures were looked at. */
  continueErasures(): Promise<number>;
  /** Returns how many deliveries were put back. */
  walkReplays(): Promise<number>;
  /** Puts the newest configuration in force where that was left undone, and takes up what was put there without the gateway. */
  settleConfig(): Promise<void>;
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
  /** The ledger has forgotten what it knew: nothing is reconciled until it is reindexed. */
  needsReindex: boolean;
  erasures: number;
  expired: number;
  /** Held deliveries of subscribers that were resumed. */
  released: number;
  notices: number;
  /** Deliveries that replays put back. */
  replayed: number;
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
    bringAuditHome(deps),
    deps.tallies.rollUp(deps.now).then(() => deps.tallies.forget(deps.now)),
    deps.continueErasures(),
    deps.expire(),
    releaseHeld({ ...deps, send }),
    tellNotices(deps),
    deps.walkReplays(),
    watchSources(deps),
    deps.settleConfig(),
  ]);
  const [outbox, overdue, taken, audited, , erasures, expired, released, notices, replayed] = parts;
  const failures = parts.flatMap((part): unknown[] => (part.status === "rejected" ? [part.reason] : []));
  const found = valueOf(taken, 0);
  const [needsReindex, reconciled] = found === "behind" ? [true, 0] : [false, found];
  return {
    outbox: valueOf(outbox, 0),
    overdue: valueOf(overdue, 0),
    reconciled,
    audited: valueOf(audited, 0),
    erasures: valueOf(erasures, 0),
    expired: valueOf(expired, 0),
    released: valueOf(released, 0),
    notices: valueOf(notices, 0),
    replayed: valueOf(replayed, 0),
    needsReindex,
    failures,
  };
}

const valueOf = <T>(part: PromiseSettledResult<T>, otherwise: T): T =>
  part.status === "fulfilled" ? part.value : otherwise;

/** Owed deliveries whose message never came. */
async function redeliver(deps: SweepDeps): Promise<number> {
  const tasks = await deps.deliveries.takeOverdue(deps.now - deps.afterMs, deps.now, OVERDUE_LIMIT);
  await sendByLane(tasks, deps.queues);
  return tasks.length;
}

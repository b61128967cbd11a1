/**
 * Who may be called at this moment: what the ledger knew of the subscribers when the batch was leased, and what the batch has
 * learned since. A subscriber that stops answering is left alone from that moment on, in this isolate, and as soon as it is
 * written down in all.
 */
import { afterVerdict, isGone, UNBLEMISHED, verdictOf, type Standing } from "../core/breaker.ts";
import type { AttemptResult, DeliverTask } from "../core/tasks.ts";

/**
 * `skip`: the attempt counts, and is not made. `hold`: it waits for somebody to resume the subscriber. `set_apart`: it may take
 * long, and is made where retries are, so that no first attempt of anybody waits behind it; `probe`: so is this one, which is
 * let through.
 */
export type Admission = "attempt" | "skip" | "hold" | "set_apart" | "probe";

export interface Gate {
  /** Asked when the attempt's turn comes. */
  admit(task: DeliverTask): Promise<Admission>;
  learn(result: AttemptResult): void;
  /** Whether attempts at this subscriber are made as they come. */
  isFree(subscriber: string): boolean;
}

export interface GateDeps {
  ledger: { claimProbe(subscriber: string, now: number): Promise<boolean> };
  /** By subscriber: until when this isolate leaves it alone, epoch milliseconds. */
  tripped: Map<string, number>;
  now(): number;
}

/** Until then the ledger has been told, and tells the other batches of this isolate. */
const TELLING_MS = 5000;

export function createGate(known: ReadonlyMap<string, Standing>, deps: GateDeps): Gate {
  const standings = new Map(known);
  const isPaused = (subscriber: string) => standings.get(subscriber)?.pausedAt !== undefined;
  const isOpen = (subscriber: string) =>
    standings.get(subscriber)?.openedAt !== undefined || (deps.tripped.get(subscriber) ?? 0) > deps.now();

  async function isProbe(subscriber: string): Promise<boolean> {
    const now = deps.now();
    const standing = standings.get(subscriber);
    if (standing?.probeAt === undefined || standing.probeAt > now) return false;
    // Whoever gets it, this batch has asked.
    standings.set(subscriber, { ...standing, probeAt: undefined });
    return deps.ledger.claimProbe(subscriber, now).catch(() => false);
  }

  return {
    isFree: (subscriber) => !isPaused(subscriber) && !isOpen(subscriber),

    async admit(task) {
      const { subscriber } = task;
      if (task.passes) return "attempt";
      if (isPaused(subscriber)) return "hold";
      if (task.probes) return "attempt";
      const isAmongFirst = task.attempt === 1 && !task.apart;
      // Whoever hung a moment ago may hang again.
      const isSlow = (standings.get(subscriber)?.timeouts ?? 0) > 0;
      if (!isOpen(subscriber)) return isAmongFirst && isSlow ? "set_apart" : "attempt";
      if (!(await isProbe(subscriber))) return "skip";
      return isAmongFirst ? "probe" : "attempt";
    },

    learn(result) {
      const verdict = verdictOf(result);
      if (!verdict) return;
      const { subscriber } = result.task;
      const now = deps.now();
      const before = standings.get(subscriber) ?? UNBLEMISHED;
      const after = afterVerdict(before, verdict, now);
      standings.set(subscriber, isGone(result) ? { ...after, pausedAt: before.pausedAt ?? now } : after);
      if (verdict === "success") deps.tripped.delete(subscriber);
      else if (after.openedAt !== before.openedAt) deps.tripped.set(subscriber, now + TELLING_MS);
    },
  };
}

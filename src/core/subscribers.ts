/** Subscribers as the ledger knows them: how they fare, who paused them, what is held for them. */
import type { DeliverTask } from "./tasks.ts";

/** `gone`: it answered 410. `failing`: it did nothing else for days. */
export const PAUSE_REASONS = ["manual", "gone", "failing"] as const;

export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Times are epoch milliseconds. */
export interface SubscriberHealth {
  /** In a row. */
  consecutiveFailures: number;
  /** While the breaker is open; `probeAt`: when one delivery is let through. */
  openedAt?: number | undefined;
  probeAt?: number | undefined;
  /** The first failure since the last success. */
  failingSince?: number | undefined;
  lastFailureAt?: number | undefined;
  /** Among its newest events, or of the success that ended failures. */
  lastSuccessAt?: number | undefined;
  pausedAt?: number | undefined;
  pausedWhy?: PauseReason | undefined;
  /** Who did, where somebody did. */
  pausedBy?: string | undefined;
}

/** How many deliveries are to be made, and held; `isBounded`: there are more than were looked at. */
export interface Backlog {
  owed: number;
  held: number;
  isBounded: boolean;
}

export interface SubscriberLedger {
  /** By name. One that nothing is known of is well. */
  health(names: readonly string[]): Promise<ReadonlyMap<string, SubscriberHealth>>;
  /** By name; of one that is owed nothing there is none. */
  backlogs(): Promise<ReadonlyMap<string, Backlog>>;
  /** One that is paused stays paused as it was. */
  pause(subscriber: string, by: string, now: number): Promise<void>;
  /** Forgets the pause and all failures. */
  resume(subscriber: string, now: number): Promise<void>;
  /** Subscribers that have been paused since before then. */
  paused(before: number): Promise<string[]>;
  /** Subscribers that were resumed a while ago or less, for which deliveries may still be held. */
  resumed(): Promise<string[]>;
  /** Held deliveries of a subscriber that is not paused, the first received first: they are due now. */
  release(subscriber: string, limit: number, now: number): Promise<DeliverTask[]>;
}

/** What waits to be done, wherever it stands. */

export interface Backlog {
  /** Deliveries whose time has come. */
  due: number;
  /** When the oldest of them was due, epoch milliseconds. */
  oldestDueAt: number | undefined;
  /** Receipts whose vendor will be asked again, and those that wait for somebody to look. */
  waiting: number;
  held: number;
  /** Messages that their queue did not take, marked for the sweep. */
  outbox: number;
  /** Messages ready in each queue that tells. */
  queues: Readonly<Record<string, number>>;
}

/** Nothing is counted beyond this: a backlog is largest when its store has the least time. */
export const COUNTED_AT_MOST = 10_000;

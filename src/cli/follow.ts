/**
 * Following a list that is ordered by time of receipt while rows come in: each row once, none left out. An event is in the list only
 * after it was processed, up to 2 s after its receipt when the queues are quiet and later when its session is read back, so what is
 * new may stand behind what was seen before. Each look goes back as far as that, and every now and then much farther.
 */

export interface Row {
  id: string;
  /** ISO 8601. */
  receivedAt: string;
}

/** The lag of quiet queues and as much again for busy ones. */
const NEAR_MS = 15_000;
/** As long as a source's default patience with its vendor, and a little. */
const FAR_MS = 3_900_000;
/** Looks. */
const FAR_EVERY = 15;

export interface Follower<Of extends Row> {
  /** Epoch milliseconds: what was received before is not looked at this time. */
  horizon(now: number): number;
  /** Those that were not there before, oldest first. @param rows newest first, all since the horizon */
  take(rows: readonly Of[], now: number): Of[];
}

/** @param start what was received before is not told */
export function createFollower<Of extends Row>(start: number): Follower<Of> {
  const seen = new Map<string, number>();
  let looks = 0;
  return {
    horizon(now) {
      const look = looks++;
      if (look === 0) return start;
      return Math.max(start, now - (look % FAR_EVERY === 0 ? FAR_MS : NEAR_MS));
    },
    take(rows, now) {
      const fresh = rows.filter(({ id }) => !seen.has(id));
      for (const { id, receivedAt } of fresh) seen.set(id, Date.parse(receivedAt));
      for (const [id, at] of seen) if (at < now - 2 * FAR_MS) seen.delete(id);
      return fresh.toReversed();
    },
  };
}

/** Times in fixed buckets, two for each doubling from 10 ms to more than a day: an estimate never leaves its bucket, whose ends are a factor of 1.42 apart. */

const FIRST_MS = 10;
const DAY_MS = 86_400_000;
const DOUBLINGS = Math.ceil(Math.log2(DAY_MS / FIRST_MS));

/** Upper bounds, milliseconds, ascending. What took longer than the last is in a bucket without a bound. */
export const BOUNDS: readonly number[] = Array.from({ length: 2 * DOUBLINGS + 1 }, (_, index) =>
  Math.round(FIRST_MS * 2 ** (index / 2)),
);

/** Of the bucket without a bound. */
export const UNBOUNDED = "+Inf";

/** The bucket of a time by its upper bound, which is its name: buckets drawn otherwise one day are not mistaken for these. */
export function bucketOf(milliseconds: number): string {
  return String(BOUNDS.find((bound) => milliseconds <= bound) ?? UNBOUNDED);
}

/** How many fell into each bucket, by its name. */
export type Buckets = ReadonlyMap<string, number>;

export interface CumulativeBucket {
  /** Milliseconds; infinite at the end. */
  bound: number;
  /** How many took at most that long. */
  count: number;
}

/** All buckets in order, whether anything fell into them or not. */
export function cumulate(buckets: Buckets): CumulativeBucket[] {
  let count = 0;
  return [...BOUNDS, Number.POSITIVE_INFINITY].map((bound) => {
    count += buckets.get(Number.isFinite(bound) ? String(bound) : UNBOUNDED) ?? 0;
    return { bound, count };
  });
}

/**
 * The time that a share of all (0..1) did not exceed, milliseconds, taken to be spread evenly within its bucket; of the
 * bucket without a bound its lower end. `undefined` where there were none.
 */
export function quantile(buckets: Buckets, share: number): number | undefined {
  const cumulative = cumulate(buckets);
  const rank = share * (cumulative.at(-1)?.count ?? 0);
  const index = cumulative.findIndex(({ count }) => count > 0 && count >= rank);
  const bucket = cumulative[index];
  if (!bucket) return undefined;
  const below = cumulative[index - 1] ?? { bound: 0, count: 0 };
  if (!Number.isFinite(bucket.bound)) return below.bound;
  const part = (rank - below.count) / (bucket.count - below.count);
  return Math.round(below.bound + part * (bucket.bound - below.bound));
}

/** Counts as data points of Cloudflare's Analytics Engine, where a dataset is bound: a second copy, for whoever draws graphs there. */
import type { Count } from "../core/tally.ts";

/** The platform takes no more in one invocation. */
const MOST_POINTS = 25;

/**
 * `blob1` kind, `blob2` source, `blob3` word, `double1` count; sampled by kind. Where more come together than may be written, the
 * largest are.
 */
export function writeDataPoints(dataset: AnalyticsEngineDataset | undefined, counts: readonly Count[]): void {
  if (!dataset) return;
  const largest = counts.toSorted((left, right) => right.count - left.count).slice(0, MOST_POINTS);
  try {
    for (const { kind, source, word, count } of largest)
      dataset.writeDataPoint({ blobs: [kind, source, word], doubles: [count], indexes: [kind] });
  } catch {
    // The ledger has them: whoever takes them for unwritten would count them twice.
  }
}

/** What a run comes to. */
export interface Figures {
  /** Webhooks per second. */
  rps: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

export interface Comparison {
  gateway: Figures;
  floor: Figures;
  /** Gateway by floor: `rps` wants to be large, the others small. */
  ratio: Figures;
}

/** @param tookMs from the first sent to the last done */
export function summarize(times: readonly number[], tookMs: number): Figures {
  const sorted = [...times].sort((left, right) => left - right);
  return { rps: (times.length * 1000) / tookMs, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

/** Medians over rounds. Each round's ratio is taken in itself, so a machine that slows down slows both. */
export function compare(rounds: readonly Record<"gateway" | "floor", Figures>[]): Comparison {
  const over = (pick: (round: (typeof rounds)[number], key: keyof Figures) => number): Figures => ({
    rps: median(rounds.map((round) => pick(round, "rps"))),
    p50: median(rounds.map((round) => pick(round, "p50"))),
    p99: median(rounds.map((round) => pick(round, "p99"))),
  });
  return {
    gateway: over((round, key) => round.gateway[key]),
    floor: over((round, key) => round.floor[key]),
    ratio: over((round, key) => round.gateway[key] / round.floor[key]),
  };
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((left, right) => left - right),
    0.5,
  );
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

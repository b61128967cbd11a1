/** Following: each event once and none left out, although one may come to light behind others. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFollower, type Row } from "../../src/cli/follow.ts";

const START = Date.parse("2026-02-03T12:00:00Z");

interface Arrival extends Row {
  /** When it can be seen. */
  at: number;
}

/** @param lags of arrivals a second apart, milliseconds */
function arrivals(lags: readonly number[]): Arrival[] {
  return lags.map((lag, index) => {
    const receivedAt = START + index * 1000;
    return { id: `evt_${index}`, receivedAt: new Date(receivedAt).toISOString(), at: receivedAt + lag };
  });
}

/** Looks each second, as the list would be then. */
function follow(all: readonly Arrival[], until: number, start = START): string[] {
  const follower = createFollower<Arrival>(start);
  const told: string[] = [];
  for (let now = START; now <= until; now += 1000) {
    const horizon = follower.horizon(now);
    const seen = all.filter(({ at, receivedAt }) => at <= now && Date.parse(receivedAt) >= horizon);
    told.push(...follower.take(seen.toReversed(), now).map(({ id }) => id));
  }
  return told;
}

describe("following", () => {
  it("tells each once and in the order of receipt, with the lag of quiet queues", () => {
    const all = arrivals(Array.from({ length: 60 }, (_, index) => (index % 3) * 900));
    expect(follow(all, START + 90_000)).toHaveLength(60);
    expect(follow(arrivals(Array.from({ length: 20 }, () => 2000)), START + 60_000)).toEqual(
      Array.from({ length: 20 }, (_, index) => `evt_${index}`),
    );
  });

  it("finds what comes to light long after it was received, since its session was read back", () => {
    const told = follow(arrivals([0, 1_800_000, 0]), START + 1_860_000);
    expect(told).toEqual(["evt_0", "evt_2", "evt_1"]);
  });

  it("begins with all since its start, however long ago that is", () => {
    const start = START - 172_800_000;
    expect(createFollower<Arrival>(start).horizon(START)).toBe(start);
  });

  it("tells nothing of before it began", () => {
    expect(follow(arrivals([0, 0, 0, 0]), START + 60_000, START + 2000)).toEqual(["evt_2", "evt_3"]);
  });

  it("tells each exactly once, whatever the lags", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 40 }), (lags) => {
        const told = follow(arrivals(lags), START + 400_000);
        expect(told.toSorted()).toEqual(
          arrivals(lags)
            .map(({ id }) => id)
            .toSorted(),
        );
      }),
      { seed: 20_261_121, numRuns: 40 },
    );
  });
});

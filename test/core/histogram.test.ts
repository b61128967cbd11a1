import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOUNDS, bucketOf, cumulate, quantile } from "../../src/core/histogram.ts";

const DAY_MS = 86_400_000;

function bucketsOf(times: readonly number[]): Map<string, number> {
  const buckets = new Map<string, number>();
  for (const time of times) buckets.set(bucketOf(time), (buckets.get(bucketOf(time)) ?? 0) + 1);
  return buckets;
}

describe("buckets", () => {
  it("reach from 10 ms to a day, two for each doubling", () => {
    expect(BOUNDS.slice(0, 5)).toEqual([10, 14, 20, 28, 40]);
    expect(BOUNDS.at(-1)).toBeGreaterThanOrEqual(DAY_MS);
    expect(BOUNDS.at(-3)).toBeLessThan(DAY_MS);
    for (const [index, bound] of BOUNDS.entries()) expect(bound).toBeGreaterThan(BOUNDS[index - 1] ?? 0);
  });

  it("hold a time up to their own bound, and what is longer than all is in the last", () => {
    expect([0, 10, 10.5, 14, 15].map(bucketOf)).toEqual(["10", "10", "14", "14", "20"]);
    expect(bucketOf(100 * DAY_MS)).toBe("+Inf");
  });

  it("add up to all there were, never falling", () => {
    const cumulative = cumulate(bucketsOf([1, 11, 11, 400, 9 * DAY_MS]));
    expect(cumulative.at(-1)).toEqual({ bound: Number.POSITIVE_INFINITY, count: 5 });
    expect(cumulative.find(({ bound }) => bound === 14)?.count).toBe(3);
    for (const [index, { count }] of cumulative.entries())
      expect(count).toBeGreaterThanOrEqual(cumulative[index - 1]?.count ?? 0);
  });
});

describe("a quantile", () => {
  it("of nothing is none", () => {
    expect(quantile(new Map(), 0.5)).toBeUndefined();
  });

  it("is spread evenly within its bucket", () => {
    expect(quantile(new Map([["20", 10]]), 0.5)).toBe(17);
    expect(
      quantile(
        new Map([
          ["10", 50],
          ["14", 50],
        ]),
        0.75,
      ),
    ).toBe(12);
  });

  it("beyond all bounds is the last of them", () => {
    expect(quantile(new Map([["+Inf", 3]]), 0.99)).toBe(BOUNDS.at(-1));
  });

  it("is in the same bucket as the time that it stands for", () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 * DAY_MS }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(times, fc.constantFrom(0.5, 0.95, 0.99, 1), (taken, share) => {
        const sorted = taken.toSorted((left, right) => left - right);
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        const bound = Number(bucketOf(exact).replace("+Inf", "Infinity"));
        const below = Math.max(0, ...BOUNDS.filter((each) => each < bound));
        const estimate = quantile(bucketsOf(taken), share) ?? -1;
        expect(estimate).toBeGreaterThanOrEqual(below);
        expect(estimate).toBeLessThanOrEqual(bound);
      }),
      { seed: 7 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distanceBetween, nearest } from "../../src/core/nearest.ts";

describe("the distance between two words", () => {
  it.each([
    ["", "", 0],
    ["events", "events", 0],
    ["event", "events", 1],
    ["evnets", "events", 1],
    ["hmca", "hmac", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("%j and %j: %i", (one, other, distance) => {
    expect(distanceBetween(one, other)).toBe(distance);
  });

  it("is the same both ways, and none only between a word and itself", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (one, other) => {
        const distance = distanceBetween(one, other);
        expect(distanceBetween(other, one)).toBe(distance);
        expect(distance === 0).toBe(one === other);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(one.length - other.length));
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
      }),
      { seed: 20_261_121 },
    );
  });
});

describe("the name that somebody may have meant", () => {
  const NAMES = ["vendor", "environment", "verify", "events", "session", "ip", "all"];

  it.each([
    ["vendr", "vendor"],
    ["Vendor", "vendor"],
    ["enviroment", "environment"],
    ["verfiy", "verify"],
    ["event", "events"],
    ["sesion", "session"],
    ["pi", "ip"],
    ["ses", "session"],
    ["en", undefined],
    ["colour", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ])("%.20s: %s", (word, name) => {
    expect(nearest(word, NAMES)).toBe(name);
  });

  it("is none where there is nothing to choose from, and the first of two that are equally near", () => {
    expect(nearest("events", [])).toBeUndefined();
    expect(nearest("secret-c", ["secret-a", "secret-b"])).toBe("secret-a");
  });
});

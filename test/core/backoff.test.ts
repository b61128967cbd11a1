import { describe, expect, it } from "vitest";
import { DEAD_LETTER_BACKOFF_SECONDS, queueBackoffSeconds, readBackSeconds } from "../../src/core/backoff.ts";

const upTo = (count: number, backoff: (times: number) => number) =>
  Array.from({ length: count }, (_, index) => backoff(index + 1));

/** The longest that a queue lets a message wait, seconds. */
const LONGEST_DELAY = 43_200;

describe("the wait", () => {
  it("for a vendor doubles from a second to five minutes", () => {
    expect(upTo(11, readBackSeconds)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it("of a message that could not be handled doubles from two seconds to five minutes", () => {
    expect(upTo(10, queueBackoffSeconds)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it("is a whole number that the queue takes, however often it has been waited", () => {
    for (const times of [1, 31, 32, 64, 1e3, 1e9]) {
      for (const seconds of [readBackSeconds(times), queueBackoffSeconds(times), DEAD_LETTER_BACKOFF_SECONDS]) {
        expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_DELAY).toBe(true);
      }
    }
  });
});

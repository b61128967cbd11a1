import fc from "fast-check";
import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import { readCursor, writeCursor } from "../../src/core/cursor.ts";
import { createSequence, firstSequence } from "../../src/core/sequence.ts";

describe("a cursor", () => {
  it("is read as it was written, and fits into a URL as it is", () => {
    const id = fc.string({ unit: "grapheme", maxLength: 30 });
    fc.assert(
      fc.property(fc.record({ sequence: id, id }), (position) => {
        const cursor = writeCursor(position);
        expect(readCursor(cursor)).toEqual(position);
        expect(cursor).toMatch(/^[\w-]+$/);
      }),
      { seed: 1 },
    );
  });

  it("that nobody wrote is none, whatever it is", () => {
    const written = ["[]", '["a"]', '["a",1]', '["a","b","c"]', '{"0":"a","1":"b"}', "null", '"ab"', "[[]]", "{"];
    for (const text of written) expect(readCursor(btoa(text))).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => void readCursor(text)),
      { seed: 2 },
    );
    expect(readCursor(writeCursor({ sequence: "a".repeat(1000), id: "" }))).toBeUndefined();
  });
});

describe("the first sequence of a millisecond", () => {
  it("stands before every ULID of it, and after every one of those before", () => {
    const time = fc.integer({ min: 2, max: 2 ** 48 - 2 });
    fc.assert(
      fc.property(time, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (at, chance) => {
        const first = firstSequence(at);
        expect(first <= ulid(at, () => chance)).toBe(true);
        expect(first > ulid(at - 1, () => chance)).toBe(true);
      }),
      { seed: 3 },
    );
  });

  it("of a time that no ULID has is the nearest one's", () => {
    const times = [-1, 2 ** 60, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(times.map(firstSequence)).toEqual(["0000000000", "7ZZZZZZZZZ", "0000000000", "7ZZZZZZZZZ"]);
  });

  it("of what is no time at all is the first one, and nobody looks for it for ever", () => {
    expect(firstSequence(Number.NaN)).toBe("0000000000");
    expect(createSequence(Number.NaN, () => 0.5)).toBe("0000000000GGGGGGGGGGGGGGGG");
  });
});

describe("a sequence", () => {
  it("is the ULID that the library would make of the same time and chance", () => {
    const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    const chances = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(time, chances, (at, [...ours]) => {
        const theirs = [...ours];
        // The library draws the last character first.
        expect(createSequence(at, () => ours.shift() ?? 0)).toBe(ulid(at, () => theirs.pop() ?? 0));
      }),
      { seed: 4 },
    );
  });
});

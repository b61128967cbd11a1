import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLike } from "../../src/core/glob.ts";

const SEED = 20_261_123;

describe("a pattern", () => {
  it.each<[string, string, boolean]>([
    ["*", "", true],
    ["*", "anything/at all", true],
    ["", "", true],
    ["", "a", false],
    ["selfie", "selfie", true],
    ["SELFIE", "selfie", true],
    ["selfie", "selfie-2", false],
    ["document.*", "document.front", true],
    ["document.*", "document.", true],
    ["document.*", "documents", false],
    ["*.pdf", "Report.PDF", true],
    ["*.pdf", "pdf", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["ab*ba", "aba", false],
    ["*a*b*", "xbxaxb", true],
    ["*b*a", "ab", false],
    ["a**b", "ab", true],
    ["a.c", "abc", false],
    ["(", "(", true],
    ["a?c", "abc", false],
  ])("%o against %o: %s", (pattern, text, expected) => {
    expect(isLike(pattern, text)).toBe(expected);
  });

  it("matches exactly what the regular expression of the same meaning does", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "A", "*"), maxLength: 8 });
    const words = fc.string({ unit: fc.constantFrom("a", "b", "B"), maxLength: 10 });
    fc.assert(
      fc.property(letters, words, (pattern, text) => {
        expect(isLike(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "i").test(text));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it("made to backtrack comes to its end", () => {
    expect(isLike(`${"*a".repeat(50)}*b`, "a".repeat(100_000))).toBe(false);
  });
});

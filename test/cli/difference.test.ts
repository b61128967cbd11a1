/** A difference says what was and what is, and of what is the same no more than the lines around. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hunksBetween } from "../../src/cli/difference.ts";

const told = (before: unknown, after: unknown): string[] =>
  hunksBetween(before, after).flatMap(({ within, lines }) => [
    `@@ ${within}`,
    ...lines.map(({ sign, text }) => `${sign}${text}`),
  ]);

const document = {
  sources: {
    seon: { vendor: "seon", enabled: true, events: { a: "deliver", b: "record", "*": "ignore" } },
    regula: { vendor: "regula", enabled: true },
  },
};

describe("a difference", () => {
  it("shows a changed member with what stands around it, under the path that it is in", () => {
    const after = structuredClone(document);
    after.sources.seon.events.b = "deliver";
    expect(told(document, after)).toEqual([
      "@@ /sources/seon/events",
      '       "enabled": true,',
      '       "events": {',
      '         "a": "deliver",',
      '-        "b": "record",',
      '+        "b": "deliver",',
      '         "*": "ignore"',
      "       }",
      "     },",
    ]);
  });

  it("is none between two orders of the same members", () => {
    const after = { sources: { regula: { enabled: true, vendor: "regula" }, seon: document.sources.seon } };
    expect(told(document, after)).toEqual([]);
  });

  it("puts a new member where it stands, and takes a removed one out", () => {
    const [first, second] = [
      { a: 1, b: 2, c: 3 },
      { a: 1, new: { x: [] }, c: 3 },
    ];
    expect(told(first, second)).toEqual([
      "@@ ",
      " {",
      '   "a": 1,',
      '+  "new": {',
      '+    "x": []',
      "+  },",
      '-  "b": 2,',
      '   "c": 3',
      " }",
    ]);
  });

  it("shows of a list the elements that came and went", () => {
    expect(told({ list: [1, 2, 3] }, { list: [1, 3] })).toEqual([
      "@@ /list",
      " {",
      '   "list": [',
      "     1,",
      "-    2,",
      "     3",
      "   ]",
      " }",
    ]);
  });

  it("shows what one entry of a list of objects has become, and numbers one after the other", () => {
    expect(told({ list: [{ a: 1 }, { b: 2 }] }, { list: [{ a: 1 }, { b: 3 }] })).toContain('-      "b": 2');
    expect(told([5, 10], [1, 2]).slice(2, 6)).toEqual(["-  5,", "-  10,", "+  1,", "+  2"]);
  });

  it("shows a whole document where there was none", () => {
    expect(told(undefined, { a: 1 })).toEqual(["@@ ", "+{", '+  "a": 1', "+}"]);
  });

  it("parts what is far apart into hunks", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index}`, index]));
    const hunks = hunksBetween(many, { ...many, m2: "new", m27: "new" });
    expect(hunks).toHaveLength(2);
  });

  it("holds all that was and all that is: either side's lines alone are that document", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const lines = hunksBetween({ same: before, differs: before }, { same: before, differs: after }).flatMap(
          (hunk) => hunk.lines,
        );
        const isEqual = JSON.stringify(before) === JSON.stringify(after);
        if (isEqual) expect(lines).toEqual([]);
        const removed = lines.filter(({ sign }) => sign === "-").map(({ text }) => text.trim().replace(/,$/, ""));
        const added = lines.filter(({ sign }) => sign === "+").map(({ text }) => text.trim().replace(/,$/, ""));
        const printed = (value: unknown) =>
          JSON.stringify(value, null, 2)
            .split("\n")
            .map((line) =>
              line
                .trim()
                .replace(/,$/, "")
                .replace(/^"(?:[^"\\]|\\.)*": /, ""),
            );
        const bare = (texts: readonly string[]) => texts.map((text) => text.replace(/^"(?:[^"\\]|\\.)*": /, ""));
        expect(printed(before)).toEqual(expect.arrayContaining(bare(removed)));
        expect(printed(after)).toEqual(expect.arrayContaining(bare(added)));
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
  });
});

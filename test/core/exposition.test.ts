import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeExposition } from "../../src/core/exposition.ts";
import { parseExposition } from "../http/exposition.ts";

describe("a label", () => {
  it("is read as it was written, whatever stands in it", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("\\", '"', "\n", "n", "}", ",", "=", " ") }));
    fc.assert(
      fc.property(text, text, (value, help) => {
        const samples = [{ labels: { source: value, other: "x" }, value: 1.5 }];
        const written = writeExposition([{ name: "gatepost_x_total", help, type: "counter", samples }]);
        expect(parseExposition(written)[0]?.samples[0]).toEqual({
          name: "gatepost_x_total",
          labels: { source: value, other: "x" },
          value: 1.5,
        });
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("the reader that these tests trust", () => {
  const head = "# HELP a_total x\n# TYPE a_total counter\n";
  it.each([
    `${head}a_total 1`,
    `${head}b_total 1\n`,
    `${head}a_total one\n`,
    `${head}a_total{x="1} 1\n`,
    `${head}a_total{x="\\q"} 1\n`,
    `${head}a_total{x="1"} 1\na_total{x="1"} 2\n`,
    `${head}${head}`,
    "a_total 1\n",
    "# TYPE a_total counter\n",
  ])("refuses %j", (text) => {
    expect(() => parseExposition(text)).toThrow(/./);
  });
});

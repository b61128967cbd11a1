import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyAnswer, type VendorAnswer } from "../../src/core/vendor-answer.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");

const RULES: readonly (readonly [number, VendorAnswer])[] = [
  [200, { kind: "ok" }],
  [201, { kind: "ok" }],
  [202, { kind: "later" }],
  [203, { kind: "ok" }],
  [204, { kind: "later" }],
  [205, { kind: "later" }],
  [206, { kind: "later" }],
  [207, { kind: "later" }],
  [299, { kind: "later" }],
  [300, { kind: "final", why: "redirected" }],
  [302, { kind: "final", why: "redirected" }],
  [304, { kind: "final", why: "redirected" }],
  [400, { kind: "final", why: "rejected" }],
  [401, { kind: "expired_credential" }],
  [403, { kind: "final", why: "forbidden" }],
  [404, { kind: "final", why: "gone" }],
  [408, { kind: "later" }],
  [409, { kind: "later" }],
  [410, { kind: "final", why: "gone" }],
  [422, { kind: "final", why: "rejected" }],
  [425, { kind: "later" }],
  [429, { kind: "later" }],
  [451, { kind: "final", why: "rejected" }],
  [500, { kind: "later" }],
  [503, { kind: "later" }],
  [599, { kind: "later" }],
];

describe("the status of a vendor's answer", () => {
  it.each(RULES)("%i", (status, meaning) => {
    expect(classifyAnswer(status, null, NOW)).toEqual(meaning);
  });

  it("that says when it will be ready is heeded", () => {
    expect(classifyAnswer(202, "30", NOW)).toEqual({ kind: "later", afterSeconds: 30 });
  });

  it("is heeded only where waiting helps", () => {
    for (const status of [200, 401, 403, 404, 410]) expect(classifyAnswer(status, "30", NOW).kind).not.toBe("later");
  });
});

describe("how long to wait", () => {
  it.each([
    ["0", 0],
    [" 7 ", 7],
    ["3600", 3600],
    ["3601", 3600],
    ["99999999999999999999", 3600],
    ["Tue, 17 Nov 2026 08:00:30 GMT", 30],
    ["Tuesday, 17-Nov-26 08:00:30 GMT", 30],
    ["Tue, 17 Nov 2026 07:00:00 GMT", 0],
    ["Wed, 18 Nov 2026 08:00:00 GMT", 3600],
  ])("%s", (header, afterSeconds) => {
    expect(classifyAnswer(429, header, NOW)).toEqual({ kind: "later", afterSeconds });
  });

  it.each(["", "soon", "-1", "1.5", "of 2026", "in 2027 perhaps"])("is not read out of %j", (header) => {
    expect(classifyAnswer(503, header, NOW)).toEqual({ kind: "later" });
  });

  it("is between nothing and an hour, whatever the header says", () => {
    const header = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(header, (text) => {
        const answer = classifyAnswer(429, text, NOW);
        const { afterSeconds = 0 } = answer.kind === "later" ? answer : {};
        expect(afterSeconds).toBeGreaterThanOrEqual(0);
        expect(afterSeconds).toBeLessThanOrEqual(3600);
      }),
      { seed: 20_261_117, numRuns: 300 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { decideClaim, type SeenReceipt } from "../../src/core/claim.ts";

const WINDOW = 3600;
const START = 1_000_000_000_000;

/** Receipts as `body.generation@second`. */
function seen(...written: string[]): SeenReceipt[] {
  return written.map((text) => {
    const [, body = "", generation, second] = /^(\w+)\.(\d+)@(-?\d+)$/.exec(text) ?? [];
    return { body, generation: Number(generation), receivedAt: START + Number(second) * 1000 };
  });
}

const claim = (receipts: SeenReceipt[], second: number, isDated = false, body = "a") =>
  decideClaim(receipts, { body, now: START + second * 1000, windowSeconds: WINDOW, isDated });

const news = (generation: number) => ({ kind: "news", generation });
const repeat = (text: string) => ({ kind: "repeat", of: seen(text)[0] });

describe("a body", () => {
  it("that nobody has seen is news", () => {
    expect(claim([], 0)).toEqual(news(0));
    expect(claim(seen("b.0@0", "b.1@9"), 10)).toEqual(news(0));
  });

  it("is a repeat until its window ends, and then news of the next generation", () => {
    expect(claim(seen("a.0@0"), WINDOW - 0.001)).toEqual(repeat("a.0@0"));
    expect(claim(seen("a.0@0"), WINDOW)).toEqual(news(1));
  });

  it("is compared with its newest generation, in whatever order they are listed", () => {
    const receipts = seen("a.10@8000", "a.2@100", "a.9@4000");
    expect(claim(receipts, 8001)).toEqual(repeat("a.10@8000"));
    expect(claim(receipts, 8000 + WINDOW)).toEqual(news(11));
  });

  it("has a window that is counted from its first receipt, not from its last repeat", () => {
    expect(claim(seen("a.0@0"), 3000)).toEqual(repeat("a.0@0"));
    expect(claim(seen("a.0@0"), 3601)).toEqual(news(1));
  });

  it("from a clock that is ahead is a repeat", () => {
    expect(claim(seen("a.0@5"), 0)).toEqual(repeat("a.0@5"));
  });
});

describe("approved, rejected, approved", () => {
  it("is three statements where the body carries no time of its own", () => {
    expect(claim(seen("a.0@0", "b.0@10"), 20)).toEqual(news(1));
  });

  it("is a repeat of the first where the body names its moment", () => {
    expect(claim(seen("a.0@0", "b.0@10"), 20, true)).toEqual(repeat("a.0@0"));
  });

  it("needs something else to have been said since, not before", () => {
    expect(claim(seen("b.0@-10", "a.0@0"), 20)).toEqual(repeat("a.0@0"));
    expect(claim(seen("a.0@0", "b.0@0"), 20)).toEqual(repeat("a.0@0"));
  });

  it("goes on: each return is a further generation, each repeat of it is not", () => {
    const receipts = seen("a.0@0", "b.0@10", "a.1@20", "b.1@30");
    expect(claim(receipts, 40)).toEqual(news(2));
    expect(claim(receipts, 31, false, "b")).toEqual(repeat("b.1@30"));
  });

  it("is one arrival where the copies come within two seconds", () => {
    const receipts = seen("a.0@0", "b.0@1");
    expect(claim(receipts, 2)).toEqual(repeat("a.0@0"));
    expect(claim(receipts, 2.001)).toEqual(news(1));
  });
});

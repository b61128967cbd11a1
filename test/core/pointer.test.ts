import { describe, expect, it } from "vitest";
import { valueAt } from "../../src/core/pointer.ts";

const DOCUMENT = { list: ["a", "b"], "a/b": { "~": 1 }, length: 3, text: "abc" };

describe("the value at a pointer", () => {
  it.each<[string, unknown]>([
    ["", DOCUMENT],
    ["/list/0", "a"],
    ["/list/1", "b"],
    ["/a~1b/~0", 1],
    ["/length", 3],
  ])("%j is what stands there", (pointer, value) => {
    expect(valueAt(DOCUMENT, pointer)).toEqual(value);
  });

  it.each([
    "/list/2",
    "/list/-",
    "/list/01",
    "/list/1e0",
    "/list/+1",
    "/list/length",
    "/text/length",
    "/text/0",
    "/constructor",
    "/__proto__",
    "/a/b",
    "/a~2b",
    "list",
  ])("%j is nothing, since nobody has sent it", (pointer) => {
    expect(valueAt(DOCUMENT, pointer)).toBeUndefined();
  });
});

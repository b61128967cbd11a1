/** What differs between two documents, by path: put in its place, it makes the one of the other. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesBetween } from "../../src/config/changes.ts";
import { changed, REMOVED } from "./documents.ts";

describe("changes", () => {
  it.each([
    ["nothing", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ["another order of members", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ["a value", { a: { b: 1 } }, { a: { b: 2 } }, [{ path: "/a/b", from: 1, to: 2 }]],
    ["a new member", { a: {} }, { a: { "b/c": 1 } }, [{ path: "/a/b~1c", to: 1 }]],
    ["a member that is gone", { a: { b: 1 } }, { a: {} }, [{ path: "/a/b", from: 1 }]],
    ["an element", { a: [{ b: 1 }, 2] }, { a: [{ b: 3 }, 2] }, [{ path: "/a/0/b", from: 1, to: 3 }]],
    ["a list that grew", { a: [1] }, { a: [1, 2] }, [{ path: "/a", from: [1], to: [1, 2] }]],
    ["another kind of value", { a: [1] }, { a: { 0: 1 } }, [{ path: "/a", from: [1], to: { 0: 1 } }]],
    ["all of it", undefined, { a: 1 }, [{ path: "", to: { a: 1 } }]],
  ])("name %s", (_what, before, after, changes) => {
    expect(changesBetween(before, after)).toEqual(changes);
  });

  it("lead from any document to any other", () => {
    fc.assert(
      fc.property(fc.object({ key: fc.string(), withNullPrototype: false }), fc.object(), (one, other) => {
        const [before, after] = [one, other].map((each) => JSON.parse(JSON.stringify(each)) as object);
        const changes = changesBetween(before, after);
        const edits = Object.fromEntries(changes.map(({ path, ...rest }) => [path, "to" in rest ? rest.to : REMOVED]));
        expect(changed(edits, before)).toEqual(after);
      }),
      { seed: 20_261_117, numRuns: 300 },
    );
  });
});

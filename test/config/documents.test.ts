import { describe, expect, it } from "vitest";
import { changesBetween } from "../../src/config/changes.ts";
import { secretUses } from "../../src/config/uses.ts";
import { changed, EXAMPLE, REMOVED } from "./documents.ts";

describe("changes between two documents", () => {
  it("are named by path, with what was and what is", () => {
    const after = changed({
      "/sources/regula/enabled": false,
      "/sources/unico": REMOVED,
      "/subscribers/decisioning/retry": [1],
      "/subscribers/decisioning/filter/type": "idv.session.updated",
    });
    expect(changesBetween(EXAMPLE, after)).toEqual([
      { path: "/sources/regula/enabled", to: false },
      { path: "/sources/unico", from: EXAMPLE.sources.unico },
      { path: "/subscribers/decisioning/filter/type", from: "idv.session.finished", to: "idv.session.updated" },
      { path: "/subscribers/decisioning/retry", from: EXAMPLE.subscribers.decisioning.retry, to: [1] },
    ]);
  });

  it("are none where only the order of members differs, and everything where there was nothing", () => {
    expect(changesBetween({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toEqual([]);
    expect(changesBetween(undefined, { a: 1 })).toEqual([{ path: "", to: { a: 1 } }]);
  });
});

describe("who uses a secret", () => {
  it("is every source and subscriber that names it, once", () => {
    const document = changed({ "/subscribers/decisioning/signing": [{ secret: "seon-license-key" }, { secret: "b" }] });
    const uses = secretUses(document);
    expect(uses.get("seon-license-key")).toEqual(["sources/seon-live", "subscribers/decisioning"]);
    expect(uses.get("incode-client")).toEqual(["sources/incode-live"]);
    expect(uses.get("nobody")).toBeUndefined();
    for (const strange of [undefined, null, 5, [], { sources: [] }, { sources: { a: null } }])
      expect(secretUses(strange).size).toBe(0);
  });
});

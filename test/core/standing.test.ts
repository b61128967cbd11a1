import { describe, expect, it } from "vitest";
import { compare, digestStatement, isComparable, type SessionState } from "../../src/core/standing.ts";
import type { Statement } from "../../src/core/event.ts";
import { statementOf } from "./events.ts";

const said = (digest: string, time = "2026-11-17T08:00:00.000Z", isRepeatedMoment = false) => ({
  digest,
  time,
  isRepeatedMoment,
  isReadBack: false,
});
const session = (changes: Partial<SessionState> = {}): SessionState => ({
  version: 3,
  digest: "old",
  time: "2026-11-17T07:00:00.000Z",
  ended: false,
  ...changes,
});
const progress = statementOf({ type: "idv.session.progress", outcome: "pending" });
const watchlist = statementOf({ type: "idv.watchlist.updated", outcome: "unknown" });
const unknown = statementOf({ outcome: "unknown" });

describe("a statement", () => {
  it("that is its session's first is an event of its own type", () => {
    const next = { version: 1, digest: "new", time: "2026-11-17T08:00:00.000Z", ended: true };
    const standing = { type: "idv.session.finished", superseded: false };
    expect(compare(statementOf(), said("new"), undefined)).toEqual({ kind: "event", standing, next });
  });

  it("that says what the session's last one said is unchanged, and has been said again later", () => {
    const next = { version: 4, digest: "old", time: "2026-11-17T08:00:00.000Z", ended: false };
    expect(compare(statementOf(), said("old"), session())).toEqual({ kind: "unchanged", next });
  });

  it("that says so about an earlier time is superseded, and moves nothing: something else may have been said between", () => {
    const comparison = compare(statementOf(), said("old", "2026-11-17T06:00:00.000Z"), session());
    expect(comparison).toMatchObject({ kind: "event", standing: { superseded: true } });
    expect(comparison.next).toBeUndefined();
  });

  it("of a moment that has been told is unchanged, whatever was said in between", () => {
    const repeated = said("new", "2026-11-17T08:00:00.000Z", true);
    expect(compare(statementOf(), repeated, session())).toEqual({ kind: "unchanged", next: undefined });
  });

  it("that changes an outcome after the end is an update", () => {
    const comparison = compare(statementOf(), said("new"), session({ ended: true }));
    expect(comparison).toMatchObject({ standing: { type: "idv.session.updated" }, next: { version: 4, ended: true } });
  });

  it("that ends a session in progress finishes it", () => {
    const comparison = compare(statementOf(), said("new"), session());
    expect(comparison).toMatchObject({ standing: { type: "idv.session.finished" }, next: { ended: true } });
  });

  it("of progress stays progress, and ends nothing and reopens nothing", () => {
    const standing = { type: "idv.session.progress" };
    expect(compare(progress, said("new"), session())).toMatchObject({ standing, next: { ended: false } });
    expect(compare(progress, said("new"), session({ ended: true }))).toMatchObject({ standing, next: { ended: true } });
  });

  it("of an update before any end is an update, and an end", () => {
    const updated = statementOf({ type: "idv.session.updated" });
    const expected = { standing: { type: "idv.session.updated" }, next: { ended: true } };
    expect(compare(updated, said("new"), undefined)).toMatchObject(expected);
  });

  it("older than the session's last is superseded and moves nothing", () => {
    const comparison = compare(statementOf(), said("new", "2026-11-17T06:59:59.999Z"), session({ ended: true }));
    const standing = { type: "idv.session.finished", superseded: true };
    expect(comparison).toEqual({ kind: "event", standing, next: undefined });
  });

  it("of the same time as the session's last is not superseded", () => {
    const comparison = compare(statementOf(), said("new", session().time), session());
    expect(comparison).toMatchObject({ standing: { superseded: false } });
  });
});

describe("what cannot be compared is a new event", () => {
  it("a watchlist notice, which moves nothing", () => {
    const standing = { type: "idv.watchlist.updated", superseded: false };
    for (const repeated of [said("old"), said("new"), said("old", "2026-11-17T08:00:00.000Z", true)])
      expect(compare(watchlist, repeated, session())).toEqual({ kind: "event", standing, next: undefined });
  });

  it("a verdict that could not be read", () => {
    expect(compare(unknown, said("old"), session()).kind).toBe("event");
    expect(isComparable(unknown)).toBe(false);
  });

  it("everything else can", () => {
    expect([statementOf(), progress].map(isComparable)).toEqual([true, true]);
  });
});

describe("the digest of a statement", () => {
  const digest = (changes: Partial<Statement>) => digestStatement(statementOf(changes), "signature");

  it("does not depend on when it was said, nor on the vendor's own words for it", async () => {
    const first = await digest({ time: "2026-01-01T00:00:00.000Z", vendorData: { webhook: { a: 1 } } });
    expect(await digest({ time: "2026-01-02T00:00:00.000Z", vendorData: { webhook: { b: 2 } } })).toBe(first);
  });

  it("depends on everything else", async () => {
    const changes: Partial<Statement>[] = [
      {},
      { outcome: "declined" },
      { type: "idv.session.updated" },
      { session: { id: "session-1", vendorStatus: "APPROVED", decidedBy: "human" } },
      { person: { fullName: "Ana" } },
      { checks: [{ kind: "liveness", name: "liveness", result: "pass" }] },
      { missing: [{ what: "session", why: "not_read" }] },
    ];
    const digests = await Promise.all(changes.map(digest));
    expect(new Set(digests).size).toBe(changes.length);
  });
});

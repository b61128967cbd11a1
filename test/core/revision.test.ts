/** What a revision is, and what it is not worth making one for. */
import { describe, expect, it } from "vitest";
import type { CanonicalEvent, EventType } from "../../src/core/event.ts";
import { compareRevision, judgeRevision } from "../../src/core/revision.ts";
import type { SessionState } from "../../src/core/standing.ts";
import { eventOf, statementOf } from "./events.ts";

const file = (sha256: string) => ({
  id: `fil_${sha256}`,
  kind: "selfie" as const,
  contentType: "image/jpeg",
  size: 1,
  sha256,
});
const withData = (event: CanonicalEvent, data: Partial<CanonicalEvent["data"]>): CanonicalEvent => ({
  ...event,
  data: { ...event.data, ...data },
});

describe("an event made anew", () => {
  const earlier = eventOf();

  it.each<[string, CanonicalEvent]>([
    ["its id and revision", { ...earlier, id: "evt_2", revision: 2 }],
    ["what it supersedes", withData(earlier, { supersedes: "evt_1" })],
    ["how it stood", withData(earlier, { session: { ...earlier.data.session, superseded: true } })],
    ["that it was an update then", { ...earlier, type: "idv.session.updated" }],
    ["the vendor's own payload", withData(earlier, { vendorData: { session: { readAt: "now" } } })],
    ["the order of its members", Object.fromEntries(Object.entries(earlier).toReversed()) as unknown as CanonicalEvent],
  ])("is the same but for %s", (_what, event) => {
    expect(judgeRevision(event, earlier)).toBe("same");
  });

  it("is the same with the same files under other ids", () => {
    const [one, other] = ["1", "2"].map((id) => withData(earlier, { files: [{ ...file("a"), id }] }));
    expect(one && other && judgeRevision(one, other)).toBe("same");
  });

  it.each<[string, CanonicalEvent]>([
    ["another outcome", { ...earlier, outcome: "declined" }],
    ["another type", { ...earlier, type: "idv.session.progress" }],
    ["another time", { ...earlier, time: "2026-11-17T09:00:00.000Z" }],
    ["a person", withData(earlier, { person: { fullName: "Ana" } })],
    ["a file", withData(earlier, { files: [file("a")] })],
  ])("is news with %s", (_what, event) => {
    expect(judgeRevision(event, earlier)).toBe("news");
  });

  const missing = (what: string) => [{ what, why: "gone" }];
  it.each<[string, Partial<CanonicalEvent["data"]>, Partial<CanonicalEvent["data"]>, string]>([
    ["the session that it had", { missing: missing("session") }, {}, "less"],
    ["a file that it had", { missing: missing("files/a") }, { files: [file("a")] }, "less"],
    [
      "a file that nobody wanted then",
      { missing: missing("files/b"), files: [file("a")] },
      { files: [file("a")] },
      "news",
    ],
    [
      "what was missing then",
      { missing: missing("session"), person: { gender: "F" } },
      { missing: missing("session") },
      "news",
    ],
    ["a file that is not wanted any more", {}, { files: [file("a")] }, "news"],
  ])("without %s", (_what, data, before, verdict) => {
    expect(judgeRevision(withData(earlier, data), withData(earlier, before))).toBe(verdict);
  });
});

describe("the standing of a revision", () => {
  const EARLY = "2026-11-17T07:00:00.000Z";
  const LATE = "2026-11-17T08:00:00.000Z";
  const session: SessionState = { version: 3, digest: "old", time: LATE, ended: true };
  const said = (isReadBack = false, time = EARLY) => ({ digest: "new", time, isRepeatedMoment: false, isReadBack });
  const standingOf = (type: EventType, isNewest: boolean, isReadBack = false) =>
    compareRevision(statementOf(), said(isReadBack, isReadBack ? LATE : EARLY), session, {
      type,
      isNewest,
      isIncomplete: false,
    });

  it.each<[EventType, boolean, boolean, object, boolean]>([
    ["idv.session.finished", true, false, { type: "idv.session.finished", superseded: false }, true],
    ["idv.session.updated", true, false, { type: "idv.session.updated", superseded: false }, true],
    ["idv.session.progress", true, false, { type: "idv.session.updated", superseded: false }, true],
    ["idv.session.finished", false, false, { type: "idv.session.finished", superseded: true }, false],
    ["idv.session.updated", false, false, { type: "idv.session.updated", superseded: true }, false],
    ["idv.session.finished", false, true, { type: "idv.session.updated", superseded: false }, true],
    ["idv.session.finished", true, true, { type: "idv.session.finished", superseded: false }, true],
  ])("of %s, newest: %s, read back: %s", (type, isNewest, isReadBack, standing, moves) => {
    const comparison = standingOf(type, isNewest, isReadBack);
    expect(comparison).toMatchObject({ kind: "event", standing });
    expect(comparison.next !== undefined).toBe(moves);
  });

  it("never takes its session's time back", () => {
    expect(standingOf("idv.session.finished", true).next).toEqual({ ...session, version: 4, digest: "new" });
  });

  it("is none where its session says that already, unless something was missing", () => {
    const again = (isIncomplete: boolean) =>
      compareRevision(statementOf(), { ...said(), digest: "old" }, session, {
        type: "idv.session.finished",
        isNewest: true,
        isIncomplete,
      });
    expect([again(false).kind, again(true)]).toMatchObject([
      "unchanged",
      { kind: "event", standing: { type: "idv.session.finished" }, next: { digest: "old" } },
    ]);
  });

  it("of a watchlist's notice moves nothing and is not superseded", () => {
    const type = "idv.watchlist.updated";
    for (const isNewest of [true, false])
      expect(
        compareRevision(statementOf({ type, outcome: "unknown" }), said(), session, {
          type,
          isNewest,
          isIncomplete: false,
        }),
      ).toEqual({ kind: "event", standing: { type, superseded: false }, next: undefined });
  });
});

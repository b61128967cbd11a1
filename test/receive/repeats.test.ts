/** Promise 2: the same webhook again is one event; later, identical bytes are looked at anew. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, incodeStatus, SECRETS, sendIncode, sendRegula, sendSeon, seonFinished } from "../senders.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

describe("within the window", () => {
  it("fifty simultaneous copies are one receipt, one event and one delivery, and all answers name the same receipt", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => sendSeon(road, seonFinished())));
    await road.drain();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ body }) => body.duplicate !== true)).toHaveLength(1);
    expect(await road.receipts()).toHaveLength(1);
    expect(road.posted).toHaveLength(1);
  });

  it("a copy an hour later is a duplicate and enqueues nothing", async () => {
    const first = await sendSeon(road, seonFinished());
    await road.drain();
    road.pass(HOUR);
    const second = await sendSeon(road, seonFinished());
    expect(second).toEqual({ status: 200, body: { ...first.body, duplicate: true } });
    expect(road.waiting("inbound")).toBe(0);
  });

  it("is fixed from the first receipt: a repeat does not prolong it", async () => {
    await sendSeon(road, seonFinished());
    road.pass(DAY - MINUTE);
    expect((await sendSeon(road, seonFinished())).body.duplicate).toBe(true);
    road.pass(2 * MINUTE);
    expect((await sendSeon(road, seonFinished())).body.duplicate).toBeUndefined();
  });

  it("a repeat of SEON's dated bytes is a repeat even when the session has said something else in between", async () => {
    await sendSeon(road, seonFinished());
    road.pass(HOUR);
    await sendSeon(
      road,
      seonFinished({ status: "DECLINED", date: "2026-02-03T11:20:00.000Z", event: "idv:session_status_updated" }),
    );
    road.pass(MINUTE);
    expect((await sendSeon(road, seonFinished())).body.duplicate).toBe(true);
    await road.drain();
    expect(road.events().map(({ outcome }) => outcome)).toEqual(["approved", "declined"]);
  });

  it("one other byte is another webhook", async () => {
    await sendSeon(road, seonFinished());
    expect((await sendSeon(road, ` ${seonFinished()}`)).body.duplicate).toBeUndefined();
    expect(await road.receipts()).toHaveLength(2);
  });
});

describe("after the window", () => {
  it("a session that says what it said before is no new event", async () => {
    await sendSeon(road, seonFinished());
    await road.drain();
    road.pass(DAY + MINUTE);
    const again = await sendSeon(road, seonFinished());
    await road.drain();
    expect(again.body.duplicate).toBeUndefined();
    expect(await road.receipts()).toHaveLength(2);
    expect(road.posted).toHaveLength(1);
    expect(road.logs.at(-1)?.outcome).toBe("unchanged");
  });

  it("a replayed old verdict does not come back once the session has moved on", async () => {
    await sendSeon(road, seonFinished());
    await road.drain();
    await sendSeon(
      road,
      seonFinished({ status: "DECLINED", date: "2026-02-03T12:00:00.000Z", event: "idv:session_status_updated" }),
    );
    await road.drain();
    road.pass(2 * DAY);
    await sendSeon(road, seonFinished());
    await road.drain();
    expect(road.events().map(({ outcome }) => outcome)).toEqual(["approved", "declined"]);
  });

  it("a repeated watchlist notice is a new event", async () => {
    const notice = { interviewId: "interview-1", ref: "ref-1", search_id: "search-1" };
    await sendIncode(road, notice);
    await road.drain();
    road.pass(HOUR + MINUTE);
    await sendIncode(road, notice);
    await road.drain();
    expect(road.events().map(({ type }) => type)).toEqual(["idv.watchlist.updated", "idv.watchlist.updated"]);
  });

  it("an end whose verdict cannot be read is a new event, but not an update: nobody says that anything changed", async () => {
    await sendIncode(road, incodeStatus("ONBOARDING_FINISHED"));
    await road.drain();
    road.pass(HOUR + MINUTE);
    await sendIncode(road, incodeStatus("ONBOARDING_FINISHED"));
    await road.drain();
    expect(road.events().map(({ type, outcome }) => [type, outcome])).toEqual([
      ["idv.session.finished", "unknown"],
      ["idv.session.finished", "unknown"],
    ]);
  });

  it("an id that cannot be read back is a new event, and is never silently dropped", async () => {
    await sendRegula(road, { sessionId: "session-1" });
    await road.drain();
    road.pass(2 * MINUTE);
    await sendRegula(road, { sessionId: "session-1" });
    await road.drain();
    expect(road.events()).toMatchObject([
      {
        type: "idv.session.progress",
        outcome: "unknown",
        data: { missing: [{ what: "session", why: "not_configured" }] },
      },
      { type: "idv.session.progress", outcome: "unknown" },
    ]);
  });
});

describe.each([
  ["two hours", 2 * HOUR],
  ["two minutes", 2 * MINUTE],
])("%s apart", (_apart, pause) => {
  it("approved, rejected, approved is three events although the first and the third are the same bytes", async () => {
    for (const status of ["MANUAL_REVIEW_APPROVED", "MANUAL_REVIEW_REJECTED", "MANUAL_REVIEW_APPROVED"]) {
      await sendIncode(road, incodeStatus(status));
      await road.drain();
      road.pass(pause);
    }
    expect(road.events().map(({ outcome, type }) => [type, outcome])).toEqual([
      ["idv.session.updated", "approved"],
      ["idv.session.updated", "declined"],
      ["idv.session.updated", "approved"],
    ]);
  });
});

describe("what was only recorded", () => {
  it("is delivered when the vendor sends it again after the configuration says so", async () => {
    const unheardOf = seonFinished({ event: "idv:session_reopened" });
    const first = await sendSeon(road, unheardOf);
    await road.drain();
    expect(road.posted).toHaveLength(0);

    const { seon } = CONFIGURATION.sources;
    const sources = { ...CONFIGURATION.sources, seon: { ...seon, events: { "idv:session_reopened": "deliver" } } };
    await road.admin("/api/config", "PUT", { ...CONFIGURATION, sources });
    const again = await sendSeon(road, unheardOf);
    await road.drain();
    expect(again.body).toEqual({ ...first.body, duplicate: true });
    expect(road.events()).toHaveLength(1);

    await sendSeon(road, unheardOf);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("is ignored where the configuration says so, and leaves nothing", async () => {
    const answer = await sendSeon(road, seonFinished({ event: "idv:draft" }));
    expect(answer).toEqual({ status: 200, body: { success: true, ignored: true } });
    expect(await road.receipts()).toEqual([]);
    expect((await env.IDEMPOTENCY.list()).keys).toEqual([]);
  });
});

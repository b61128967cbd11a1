/** A subscriber's life in an operator's hands: how it fares, paused and resumed, tried out. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const subscriber = CONFIGURATION.subscribers.decisioning;

let road: Road;
let sent = 0;

const open = (subscribers: object) => openRoad({ ...CONFIGURATION, subscribers }, SECRETS);
const call = async (path: string, method = "POST") => {
  const response = await road.admin(`/api/subscribers${path}`, method);
  return { status: response.status, body: await response.json<Record<string, unknown>>() };
};
const health = async (name = "decisioning") => {
  const { body } = await call("", "GET");
  return (body["items"] as { name: string }[]).find((each) => each.name === name);
};
const states = async () =>
  (await env.LEDGER.prepare("SELECT state, attempts FROM deliveries ORDER BY sequence").all()).results;

async function owe(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    road.pass(SECOND);
    await sendSeon(road, seonFinished({ id: `s-${sent++}` }));
  }
  await road.handOut("inbound");
}

const iso = (at: number) => new Date(at).toISOString();
const fail = (status: number) => new Response("no", { status });

beforeEach(async () => {
  road = await open({ decisioning: { ...subscriber, retry: [60, 600] } });
});

describe("GET /api/subscribers", () => {
  it("tells of one that is well: when it last took something, and nothing else", async () => {
    await owe(1);
    await road.drain();
    expect(await health()).toEqual({
      name: "decisioning",
      state: "active",
      breaker: "closed",
      consecutiveFailures: 0,
      lastSuccessAt: iso(road.clock.at),
      owed: 0,
      held: 0,
    });
  });

  it("tells of one that fails: since when, how often, what it is owed", async () => {
    road.answers.push(...Array.from({ length: 12 }, () => fail(500)));
    await owe(12);
    await road.handOut("deliveries");
    const at = iso(road.clock.at);
    expect(await health()).toMatchObject({
      breaker: "open",
      openedAt: at,
      failingSince: at,
      lastFailureAt: at,
      owed: 12,
    });
    expect(await health()).not.toHaveProperty("lastSuccessAt");
  });

  it("knows those that are switched off, and those that nothing was ever sent to", async () => {
    road = await open({ off: { ...subscriber, enabled: false }, idle: subscriber });
    expect(await health("off")).toMatchObject({ state: "disabled" });
    expect(await health("idle")).toEqual({
      name: "idle",
      state: "active",
      breaker: "closed",
      consecutiveFailures: 0,
      owed: 0,
      held: 0,
    });
  });
});

describe("a subscriber that is paused", () => {
  it("gets nothing; what it is owed is held, and no attempt is counted", async () => {
    expect(await call("/decisioning/pause")).toMatchObject({
      status: 200,
      body: { state: "paused", pausedWhy: "manual", pausedBy: "admin", pausedAt: iso(road.clock.at) },
    });
    await owe(2);
    await road.drain();
    road.pass(HOUR);
    await road.sweep();
    await road.drain();
    expect(road.posted).toEqual([]);
    expect(await states()).toEqual([
      { state: "held", attempts: 0 },
      { state: "held", attempts: 0 },
    ]);
    expect(await health()).toMatchObject({ state: "paused", held: 2, owed: 0 });
  });

  it("and resumed gets what was held, the first received first, as many attempts as it had left", async () => {
    road.answers.push(fail(500));
    await owe(1);
    await road.drain();
    await call("/decisioning/pause");
    await owe(3);
    road.pass(60 * SECOND);
    await road.drain();
    expect((await states()).map(({ attempts }) => attempts)).toEqual([1, 0, 0, 0]);
    expect(await call("/decisioning/resume")).toMatchObject({
      status: 200,
      body: { state: "active", held: 0, owed: 4, released: 4 },
    });
    await road.drain();
    expect(await health()).toMatchObject({ owed: 0, held: 0 });
    const ids = road.posted.slice(1).map(({ event }) => event["sequence"]);
    expect(ids.slice(0, 3)).toEqual(
      ids.slice(0, 3).toSorted((left, right) => String(left).localeCompare(String(right))),
    );
    expect(await states()).toEqual([
      { state: "delivered", attempts: 2 },
      ...Array.from({ length: 3 }, () => ({ state: "delivered", attempts: 1 })),
    ]);
  });

  it("tells by which operator", async () => {
    const made = await road.admin("/api/tokens", "POST", { name: "on-call", role: "operator" });
    const { token } = await made.json<{ token: string }>();
    const headers = { authorization: `Bearer ${token}` };
    await road.request("/api/subscribers/decisioning/pause", { method: "POST", headers });
    expect(await health()).toMatchObject({ pausedWhy: "manual", pausedBy: "on-call" });
  });

  it("stays as it was paused first", async () => {
    await call("/decisioning/pause");
    const pausedAt = road.clock.at;
    road.pass(HOUR);
    expect((await call("/decisioning/pause")).body).toMatchObject({ pausedAt: iso(pausedAt) });
  });

  it("and resumed is sent by the sweep what was held meanwhile by one who had not heard of it", async () => {
    await call("/decisioning/pause");
    await owe(1);
    await road.drain();
    await call("/decisioning/resume");
    await env.LEDGER.prepare("UPDATE deliveries SET state = 'held', due_at = NULL").run();
    road.queues.delete("deliveries");
    road.pass(60 * SECOND);
    expect(await road.sweep()).toMatchObject({ released: 1 });
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("and resumed is sent what was held by the thousand within a few minutes, not hours", async () => {
    await owe(1);
    await call("/decisioning/pause");
    await road.drain();
    const more = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
      INSERT INTO deliveries (sequence, id, event, object, subscriber, state)
      SELECT sequence || printf('%06d', i), id, event, object, subscriber, state FROM deliveries, n`;
    await env.LEDGER.prepare(more).run();
    expect((await call("/decisioning/resume")).body).toMatchObject({ released: 500 });
    road.pass(60 * SECOND);
    expect(await road.sweep()).toMatchObject({ released: 701 });
  });

  it("is not resumed, nor tried, while it is switched off: what is held would only die of it", async () => {
    await call("/decisioning/pause");
    await owe(1);
    await road.drain();
    const subscribers = { decisioning: { ...subscriber, enabled: false } };
    expect((await road.admin("/api/config", "PUT", { ...CONFIGURATION, subscribers })).status).toBe(200);
    expect([(await call("/decisioning/resume")).status, (await call("/decisioning/test")).status]).toEqual([409, 409]);
    await road.sweep();
    await road.drain();
    expect(await states()).toEqual([{ state: "held", attempts: 0 }]);
  });

  it("is not resumed by what is held for another one", async () => {
    road = await open({ one: subscriber, other: { ...subscriber, url: "https://other.example.com/" } });
    await call("/one/pause");
    await call("/other/pause");
    await owe(1);
    await road.drain();
    expect((await call("/one/resume")).body).toMatchObject({ released: 1 });
    expect(await health("other")).toMatchObject({ held: 1 });
  });
});

describe("a subscriber is paused by itself", () => {
  it("when it answers 410: this delivery is dead, the others wait", async () => {
    road.answers.push(new Response(null, { status: 410 }));
    await owe(2);
    await road.handOut("deliveries");
    await owe(1);
    await road.drain();
    expect((await states()).map(({ state }) => state)).toContain("dead");
    expect((await states()).at(-1)).toEqual({ state: "held", attempts: 0 });
    expect(await health()).toMatchObject({ state: "paused", pausedWhy: "gone" });
    await call("/decisioning/resume");
    await road.drain();
    expect((await states()).at(-1)).toEqual({ state: "delivered", attempts: 1 });
  });

  it("after five days of nothing but failures, and not before; a success begins them anew", async () => {
    road = await open({ decisioning: { ...subscriber, retry: [] } });
    const failFor = async (days: number) => {
      for (let half = 0; half < days * 2; half++) {
        road.pass(DAY / 2);
        road.answers.push(fail(500));
        await owe(1);
        await road.drain();
        await road.drain();
      }
    };
    await failFor(4);
    await env.LEDGER.prepare("UPDATE subscribers SET probe_at = 0").run();
    await owe(1);
    await road.drain();
    expect(await health()).toMatchObject({ state: "active", consecutiveFailures: 0 });
    await failFor(5);
    expect(await health()).toMatchObject({ state: "active", breaker: "open" });
    await failFor(1);
    expect(await health()).toMatchObject({ state: "paused", pausedWhy: "failing" });
  });
});

describe("POST …/test", () => {
  it("sends an event marked as a test by the real road to that one, whatever its filter, and answers with its delivery", async () => {
    road = await open({
      decisioning: { ...subscriber, filter: { outcome: "approved" } },
      other: { ...subscriber, url: "https://other.example.com/", filter: { type: { $startsWith: "gateway." } } },
    });
    const { status, body } = await call("/decisioning/test");
    expect(status).toBe(202);
    await road.drain();
    expect(road.posted).toHaveLength(1);
    expect(road.posted[0]?.event).toMatchObject({
      id: body["event"],
      type: "gateway.test",
      source: "/gateway",
      subject: "decisioning",
      environment: "test",
      outcome: "unknown",
      data: { subscriber: "decisioning" },
    });
    const found = await (await road.admin(`/api/events/${String(body["event"])}`)).json<Record<string, unknown>>();
    expect(found["deliveries"]).toMatchObject([{ id: body["delivery"], state: "delivered" }]);
    expect(found["event"]).toEqual(road.posted[0]?.event);
  });

  it("passes a pause and an open breaker, and its retries do not", async () => {
    await call("/decisioning/pause");
    await env.LEDGER.prepare("UPDATE subscribers SET opened_at = 1, probe_at = ?")
      .bind(road.clock.at + DAY)
      .run();
    road.answers.push(fail(500));
    await call("/decisioning/test");
    await road.drain();
    expect(road.posted).toHaveLength(1);
    road.pass(60 * SECOND);
    await road.drain();
    expect(road.posted).toHaveLength(1);
    expect(await states()).toEqual([{ state: "held", attempts: 1 }]);
  });

  it("each time is a new event", async () => {
    const first = await call("/decisioning/test");
    const second = await call("/decisioning/test");
    expect(first.body["event"]).not.toBe(second.body["event"]);
  });
});

describe("a subscriber that the configuration does not know", () => {
  it.each(["pause", "resume", "test"])("cannot be asked to %s", async (action) => {
    expect(await call(`/nobody/${action}`)).toMatchObject({
      status: 404,
      body: { type: "urn:gatepost:problem:unknown-subscriber" },
    });
    expect((await road.admin(`/api/subscribers/decisioning/${action}`)).status).toBe(405);
  });
});

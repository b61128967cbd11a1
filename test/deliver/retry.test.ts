/** A delivery that somebody wants made now is made now: whatever became of it, past pause and breaker, once, and never in silence not at all. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { problemOf } from "../http/gateway.ts";
import { brokenD1, brokenQueue } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const subscriber = CONFIGURATION.subscribers.decisioning;
const configured = (settings: object) => ({
  ...CONFIGURATION,
  subscribers: { decisioning: { ...subscriber, ...settings } },
});

let road: Road;

beforeEach(async () => {
  road = await openRoad(configured({ retry: [60, 600] }), SECRETS);
});

const no = () => new Response("no", { status: 500 });
const row = async () => (await env.LEDGER.prepare("SELECT * FROM deliveries").first<Record<string, unknown>>()) ?? {};
const id = async () => String((await row())["id"]);
const retry = async () => road.admin(`/api/deliveries/${await id()}/retry`, "POST");
const attempts = async () => JSON.parse(String((await row())["log"])) as Record<string, unknown>[];

async function owe(): Promise<void> {
  await sendSeon(road, seonFinished());
  await road.handOut("inbound");
}

/** To its end: three failures. */
async function die(): Promise<void> {
  road.answers.push(no(), no(), no());
  await owe();
  for (const wait of [0, 60, 600]) {
    road.pass(wait * SECOND);
    await road.drain();
  }
  expect(await row()).toMatchObject({ state: "dead", attempts: 3 });
}

async function deliver(): Promise<void> {
  await owe();
  await road.drain();
}

async function waitForSchedule(): Promise<void> {
  road.answers.push(no());
  await deliver();
  expect(await row()).toMatchObject({ state: "retrying", attempts: 1 });
}

async function hold(): Promise<void> {
  await road.admin("/api/subscribers/decisioning/pause", "POST");
  await deliver();
  expect(await row()).toMatchObject({ state: "held", attempts: 0 });
}

async function cancel(): Promise<void> {
  await owe();
  await road.admin("/api/config", "PUT", { ...CONFIGURATION, subscribers: {} });
  road.pass(4 * MINUTE);
  await road.drain();
  await road.admin("/api/config", "PUT", configured({}));
  expect(await row()).toMatchObject({ state: "cancelled", attempts: 1 });
}

describe("a delivery that is", () => {
  it.each([
    ["pending", owe],
    ["waiting for its schedule", waitForSchedule],
    ["held", hold],
    ["delivered", deliver],
    ["dead", die],
    ["cancelled", cancel],
  ])("%s is made now, and once", async (_state, begin) => {
    await begin();
    const before = road.posted.length;
    const made = Number((await row())["attempts"]);
    const response = await retry();
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ id: await id(), state: made === 0 ? "pending" : "retrying" });
    await road.drain();
    expect(road.posted.length - before).toBe(1);
    expect(await row()).toMatchObject({ state: "delivered", attempts: made + 1, due_at: null });
    // The messages of what was before come, and find it done.
    road.pass(24 * HOUR);
    await road.drain();
    await road.sweep();
    await road.drain();
    expect(road.posted.length - before).toBe(1);
  });

  it("not there, or erased, is unknown", async () => {
    const unknown = await road.admin(`/api/deliveries/dlv_${"0".repeat(64)}/retry`, "POST");
    expect((await problemOf(unknown)).type).toBe("urn:gatepost:problem:unknown-delivery");
    await deliver();
    const known = await id();
    await road.admin("/api/sessions/seon/session-1", "DELETE");
    expect((await road.admin(`/api/deliveries/${known}/retry`, "POST")).status).toBe(404);
  });

  it.each([
    ["gone", { ...CONFIGURATION, subscribers: {} }],
    ["switched off", configured({ enabled: false })],
  ])("for a subscriber that is %s stays as it is, and whoever asks is told", async (_what, document) => {
    await deliver();
    await road.admin("/api/config", "PUT", document);
    const before = await row();
    expect(await problemOf(await retry())).toMatchObject({ status: 409, type: "urn:gatepost:problem:no-subscriber" });
    expect(await row()).toEqual(before);
  });

  it("under way is not asked for again in silence: 409, until its attempt has ended", async () => {
    await road.admin("/api/config", "PUT", configured({ url: "https://slow.example.com/" }));
    let during: Response | undefined;
    let requests = 0;
    road.vendors = async () => {
      if (++requests === 1) during = await retry();
      return new Response("{}");
    };
    await deliver();
    expect(during?.headers.get("retry-after")).toBe("60");
    expect(during && (await problemOf(during))).toMatchObject({
      status: 409,
      type: "urn:gatepost:problem:delivery-under-way",
    });
    expect((await retry()).status).toBe(202);
    await road.drain();
    expect(requests).toBe(2);
  });
});

describe("an attempt that was asked for", () => {
  it("is the same event under the same id, at a new time", async () => {
    await deliver();
    road.pass(HOUR);
    await retry();
    await road.drain();
    const [first, second] = road.posted;
    expect(second?.headers.get("webhook-id")).toBe(first?.headers.get("webhook-id"));
    expect(second?.body).toEqual(first?.body);
    const timeOf = (posted = first) => Number(posted?.headers.get("webhook-timestamp"));
    expect(timeOf(second) - timeOf(first)).toBe(3600);
  });

  it("passes the pause and the breaker, which stay as they are; the one after it does not", async () => {
    await hold();
    await env.LEDGER.prepare("UPDATE subscribers SET opened_at = 1, probe_at = ?")
      .bind(road.clock.at + HOUR)
      .run();
    road.answers.push(no());
    await retry();
    await road.drain();
    expect(road.posted).toHaveLength(1);
    expect(await row()).toMatchObject({ state: "retrying", attempts: 1 });
    road.pass(MINUTE);
    await road.drain();
    expect(road.posted).toHaveLength(1);
    expect(await row()).toMatchObject({ state: "held", attempts: 1 });
  });

  it("is made among the retries, so that no first attempt waits behind it", async () => {
    await hold();
    await retry();
    expect([road.waiting("deliveries"), road.waiting("retries")]).toEqual([0, 1]);
  });

  it("is made though its message is lost, and still passes", async () => {
    await hold();
    road.world.bindings = { RETRIES: brokenQueue };
    expect((await retry()).status).toBe(202);
    road.world.bindings = {};
    road.pass(6 * MINUTE);
    await road.sweep();
    expect([road.waiting("deliveries"), road.waiting("retries")]).toEqual([0, 1]);
    await road.drain();
    expect(await row()).toMatchObject({ state: "delivered", attempts: 1 });
  });

  it("waits for the limit of a rate, and still passes", async () => {
    await hold();
    await road.admin("/api/config", "PUT", configured({ ratePerSecond: 1 }));
    await env.LEDGER.prepare("UPDATE subscribers SET next_slot_at = ?")
      .bind(road.clock.at + 10 * SECOND)
      .run();
    await retry();
    await road.drain();
    expect(road.posted).toHaveLength(0);
    expect(await row()).toMatchObject({ state: "pending", due_at: road.clock.at + 10 * SECOND });
    road.pass(10 * SECOND);
    await road.drain();
    expect(await row()).toMatchObject({ state: "delivered" });
  });

  it("begins the schedule anew, and its number goes on", async () => {
    await die();
    road.answers.push(no(), no(), no());
    await retry();
    for (const wait of [0, 60, 600]) {
      road.pass(wait * SECOND);
      const before = road.posted.length;
      await road.drain();
      expect(road.posted.length - before).toBe(1);
    }
    expect(await row()).toMatchObject({ state: "dead", attempts: 6 });
    expect((await attempts()).map(({ attempt, asked }) => [attempt, asked])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [4, true],
      [5, undefined],
      [6, undefined],
    ]);
    const { deliveries } = await (
      await road.admin(`/api/events/${String((await row())["event"])}`)
    ).json<{ deliveries: { attempts: object[] }[] }>();
    expect(deliveries[0]?.attempts[3]).toMatchObject({ attempt: 4, asked: true });
  });

  it("says nothing of how long the road takes, nor does any after it", async () => {
    await deliver();
    const measured = () => road.logs.filter(({ latencyMs }) => latencyMs !== undefined).length;
    const before = measured();
    expect(before).toBeGreaterThan(0);
    road.answers.push(no());
    await retry();
    await road.drain();
    road.pass(MINUTE);
    await road.drain();
    expect(await row()).toMatchObject({ state: "delivered", attempts: 3 });
    expect(measured()).toBe(before);
  });
});

it("what the ledger cannot take is refused, and nothing is sent", async () => {
  await deliver();
  const known = await id();
  road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
  expect((await road.admin(`/api/deliveries/${known}/retry`, "POST")).status).toBe(503);
  road.world.bindings = {};
  await road.drain();
  expect(road.posted).toHaveLength(1);
});

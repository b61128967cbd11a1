/** Promise 1: a 2xx is durable, whatever fails meanwhile; and what cannot be made durable is a 503 that the vendor repeats. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenD1, brokenKv, brokenQueue, brokenR2, fails, faulty, hangingQueue, hangs } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { createIsolateMemory } from "../../src/isolate.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

/** The longest that a vendor may wait for an answer. */
const ANSWER_MS = 4000;
const RECONCILE_MS = 301_000;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

async function timed<T>(work: Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const start = performance.now();
  const result = await work;
  return { result, milliseconds: performance.now() - start };
}

describe.each([
  ["fails", brokenQueue],
  ["hangs", hangingQueue],
])("a queue that %s", (_how, queue) => {
  it("is stood in for by the outbox: 200 in time, and the sweep brings the event", async () => {
    road.world.bindings = { INBOUND: queue };
    const { result, milliseconds } = await timed(sendSeon(road, seonFinished()));
    road.world.bindings = {};
    expect(result.status).toBe(200);
    expect(milliseconds).toBeLessThan(ANSWER_MS);
    expect(road.waiting("inbound")).toBe(0);
    expect((await env.ARCHIVE.list({ prefix: "outbox/" })).objects).toHaveLength(1);

    await road.sweep();
    await road.drain();
    expect(road.posted).toHaveLength(1);
    expect((await env.ARCHIVE.list({ prefix: "outbox/" })).objects).toHaveLength(0);
  });
});

describe.each([
  ["fails", brokenR2(env.ARCHIVE)],
  ["hangs", faulty(env.ARCHIVE, { put: hangs })],
])("an R2 that %s", (_how, archive) => {
  it("lets the bytes travel in the message, and they are stored later", async () => {
    const body = seonFinished();
    road.world.bindings = { ARCHIVE: archive };
    const { result, milliseconds } = await timed(sendSeon(road, body));
    road.world.bindings = {};
    expect(result.status).toBe(200);
    expect(milliseconds).toBeLessThan(ANSWER_MS);
    expect(await road.receipts()).toEqual([]);

    await road.drain();
    const [key = ""] = await road.receipts();
    expect(await (await env.ARCHIVE.get(key))?.text()).toBe(body);
    expect(road.posted).toHaveLength(1);
  });

  it("with a queue that fails too is a 503, and the vendor's retry succeeds", async () => {
    road.world.bindings = { ARCHIVE: archive, INBOUND: brokenQueue };
    const { result, milliseconds } = await timed(sendSeon(road, seonFinished()));
    expect(result.status).toBe(503);
    expect(milliseconds).toBeLessThan(ANSWER_MS);
    road.world.bindings = {};
    expect((await sendSeon(road, seonFinished())).status).toBe(200);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });
});

describe("an R2 that fails", () => {
  it("is a 503 for a body too large for a message", async () => {
    road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    expect((await sendSeon(road, seonFinished({ name: "x".repeat(100_000) }))).status).toBe(503);
    expect((await sendSeon(road, seonFinished({ name: "x".repeat(95_000) }))).status).toBe(200);
  });

  it("only after the bytes were stored loses nothing: the retry enqueues what the first try could not", async () => {
    let puts = 0;
    const put = (...parameters: unknown[]) =>
      puts++ === 0 ? Reflect.apply(env.ARCHIVE.put, env.ARCHIVE, parameters) : fails();
    road.world.bindings = { INBOUND: brokenQueue, ARCHIVE: faulty(env.ARCHIVE, { put }) };
    expect((await sendSeon(road, seonFinished())).status).toBe(503);
    expect(await road.receipts()).toHaveLength(1);

    road.world.bindings = {};
    expect((await sendSeon(road, seonFinished())).body).toMatchObject({ success: true, duplicate: true });
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("and a vendor that never repeats loses nothing either: the sweep finds the receipt", async () => {
    let puts = 0;
    const put = (...parameters: unknown[]) =>
      puts++ === 0 ? Reflect.apply(env.ARCHIVE.put, env.ARCHIVE, parameters) : fails();
    road.world.bindings = { INBOUND: brokenQueue, ARCHIVE: faulty(env.ARCHIVE, { put }) };
    await sendSeon(road, seonFinished());
    road.world.bindings = {};
    // The local R2 stamps objects with the real time.
    road.clock.at = Date.now() + RECONCILE_MS;
    await road.sweep();
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });
});

describe("a KV that fails", () => {
  const broken = {
    CONFIG: brokenKv(env.CONFIG),
    IDEMPOTENCY: brokenKv(env.IDEMPOTENCY),
    TOKENS: brokenKv(env.TOKENS),
  };

  it("on a warm isolate: the webhook is accepted once", async () => {
    await sendSeon(road, seonFinished({ id: "warm-up" }));
    await road.drain();
    road.world.bindings = broken;
    road.pass(600_000);
    const first = await sendSeon(road, seonFinished());
    const second = await sendSeon(road, seonFinished());
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual({ ...first.body, duplicate: true });
    await road.drain();
    expect(road.events().map(({ subject }) => subject)).toEqual(["warm-up", "session-1"]);
    expect(road.posted).toHaveLength(2);
  });

  it("on a cold isolate: 503 with Retry-After, never 404", async () => {
    road.world.memory = createIsolateMemory();
    road.world.bindings = broken;
    const known = await road.request("/in/seon", { method: "POST", body: "{}" });
    const unknown = await road.request("/in/nobody", { method: "POST", body: "{}" });
    expect([known.status, unknown.status]).toEqual([503, 503]);
    expect(known.headers.get("retry-after")).toMatch(/^\d+$/);
  });

  it("only when the key is written costs a repeated message, not a repeated event", async () => {
    road.world.bindings = { IDEMPOTENCY: brokenKv(env.IDEMPOTENCY) };
    await sendSeon(road, seonFinished());
    await sendSeon(road, seonFinished());
    expect(road.waiting("inbound")).toBe(2);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });
});

describe("D1", () => {
  it("is not touched on the way to the answer", async () => {
    road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    expect((await sendSeon(road, seonFinished())).status).toBe(200);
  });

  it("that is out for an hour keeps no vendor waiting and loses nothing", async () => {
    road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    for (const id of ["a", "b", "c"]) expect((await sendSeon(road, seonFinished({ id }))).status).toBe(200);
    for (let minute = 0; minute < 60; minute++) {
      await road.handOut("inbound");
      await road.handOut("inbound-dead");
      road.pass(60_000);
    }
    expect(road.posted).toEqual([]);
    road.world.bindings = {};
    road.pass(3_600_000);
    await road.drain();
    expect(road.events().map(({ subject }) => subject)).toEqual(["a", "b", "c"]);
    expect(road.posted).toHaveLength(3);
  });
});

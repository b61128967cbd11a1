/** Promises 3 and 4: at least once to every matching subscriber, signed, again until taken; never twice for want of a record. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { brokenD1, brokenQueue, fails, faulty } from "../faults.ts";
import { openRoad, SIGNING_SECRET, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const subscriber = CONFIGURATION.subscribers.decisioning;

let road: Road;

const open = (subscribers: object) => openRoad({ ...CONFIGURATION, subscribers }, SECRETS);

async function deliverOne(): Promise<void> {
  await sendSeon(road, seonFinished());
  await road.drain();
}

async function delivery(): Promise<Record<string, unknown> | null> {
  return env.LEDGER.prepare("SELECT state, attempts, status, reason, due_at FROM deliveries").first();
}

describe("a delivery", () => {
  beforeEach(async () => {
    road = await open({ decisioning: { ...subscriber, retry: [5, 300] } });
  });

  it("is a structured CloudEvent that any Standard Webhooks library verifies", async () => {
    await deliverOne();
    const { headers, event } = road.posted[0] ?? { headers: new Headers(), event: {} };
    expect(headers.get("content-type")).toBe("application/cloudevents+json; charset=utf-8");
    expect(headers.get("webhook-timestamp")).toBe(String(road.clock.at / SECOND));
    const signed = Object.fromEntries(
      ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [name, headers.get(name) ?? ""]),
    );
    // The library compares with the real time; a signature is checked over the timestamp that was sent.
    const expected = new Webhook(SIGNING_SECRET).sign(
      signed["webhook-id"] ?? "",
      new Date(road.clock.at),
      JSON.stringify(event),
    );
    expect(signed["webhook-signature"]).toBe(expected);
    expect(event).toMatchObject({
      specversion: "1.0",
      type: "idv.session.finished",
      source: "/in/seon",
      subject: "session-1",
    });
  });

  it("that failed comes again with the same id and a new timestamp, as a new message", async () => {
    road.answers.push(new Response("no", { status: 500 }));
    await deliverOne();
    expect(await delivery()).toMatchObject({ state: "retrying", attempts: 1, status: 500, reason: "status_500" });
    road.pass(5 * SECOND);
    await road.drain();
    expect(road.posted.map(({ id }) => id)).toEqual([road.posted[0]?.id, road.posted[0]?.id]);
    const timestamps = road.posted.map(({ headers }) => Number(headers.get("webhook-timestamp")));
    expect((timestamps[1] ?? 0) - (timestamps[0] ?? 0)).toBe(5);
    expect(await delivery()).toMatchObject({ state: "delivered", attempts: 2, status: 200, due_at: null });
  });

  it("is dead after the last attempt of its schedule, and stays dead", async () => {
    road.answers.push(...Array.from({ length: 9 }, () => new Response("no", { status: 500 })));
    await deliverOne();
    for (let hour = 0; hour < 5; hour++) {
      road.pass(HOUR);
      await road.sweep();
      await road.drain();
    }
    expect(road.posted).toHaveLength(3);
    expect(await delivery()).toMatchObject({ state: "dead", attempts: 3, reason: "status_500", due_at: null });
  });

  it("is never earlier than Retry-After asks", async () => {
    road.answers.push(new Response("busy", { status: 429, headers: { "retry-after": "120" } }));
    await deliverOne();
    road.pass(119 * SECOND);
    await road.drain();
    expect(road.posted).toHaveLength(1);
    road.pass(SECOND);
    await road.drain();
    expect(road.posted).toHaveLength(2);
  });

  it("ends at 410", async () => {
    road.answers.push(new Response(null, { status: 410 }));
    await deliverOne();
    expect(await delivery()).toMatchObject({ state: "dead", reason: "gone" });
  });

  it("does not follow a redirect", async () => {
    road.answers.push(new Response(null, { status: 307, headers: { location: "https://elsewhere.example.com/" } }));
    await deliverOne();
    expect(road.posted).toHaveLength(1);
    expect(road.posted[0]?.redirect).toBe("manual");
    expect(await delivery()).toMatchObject({ state: "retrying", reason: "status_307" });
  });

  it("that meets no answer at all is tried again", async () => {
    road.answers.push(new Error("connection reset"));
    await deliverOne();
    expect(await delivery()).toMatchObject({ state: "retrying", reason: "connection" });
  });

  it("whose message is handed out twice is made once", async () => {
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    const [message] = road.queues.get("deliveries") ?? [];
    if (message) road.queues.get("deliveries")?.push({ ...message, id: "a copy" });
    // Two consumers at the same time, each with both messages: even the queue's own id comes twice.
    await Promise.all([road.handOut("deliveries"), road.handOut("deliveries")]);
    road.pass(HOUR);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });
});

describe("the ledger out of reach", () => {
  beforeEach(async () => {
    road = await open({ decisioning: subscriber });
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
  });

  /** Takes everything until the subscriber has the event, and nothing after. */
  const cannotSettle = () => {
    const batch = (...parameters: unknown[]): unknown =>
      road.posted.length > 0 ? fails() : Reflect.apply(env.LEDGER.batch, env.LEDGER, parameters);
    return faulty(env.LEDGER, { batch });
  };

  it("before an attempt: none is made until it is back", async () => {
    await road.handOut("deliveries", { LEDGER: brokenD1(env.LEDGER) });
    expect(road.posted).toEqual([]);
    road.pass(10 * SECOND);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("after a 2xx: the result travels on, and the event is not sent again", async () => {
    await road.handOut("deliveries", { LEDGER: cannotSettle() });
    expect(road.posted).toHaveLength(1);
    road.pass(HOUR);
    await road.drain();
    expect(await delivery()).toMatchObject({ state: "delivered", attempts: 1 });
    await road.sweep();
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("after a 2xx, with the queue failing too: the result waits in the outbox", async () => {
    await road.handOut("deliveries", { LEDGER: cannotSettle(), RETRIES: brokenQueue });
    expect((await env.ARCHIVE.list({ prefix: "outbox/" })).objects).toHaveLength(1);
    await road.sweep();
    await road.drain();
    expect(await delivery()).toMatchObject({ state: "delivered" });
    expect(road.posted).toHaveLength(1);
  });
});

describe("a lease that was had and not answered", () => {
  it("is given back: the delivery is attempted as soon as its message comes again, once", async () => {
    road = await open({ decisioning: subscriber });
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    const batch = async (...parameters: unknown[]) => {
      await Reflect.apply(env.LEDGER.batch, env.LEDGER, parameters);
      throw new Error("the answer was lost");
    };
    await road.handOut("deliveries", { LEDGER: faulty(env.LEDGER, { batch }) });
    expect(road.posted).toEqual([]);
    road.pass(2 * SECOND);
    await road.drain();
    expect([road.posted.length, road.waiting("deliveries")]).toEqual([1, 0]);
  });
});

describe("many results that the ledger does not take", () => {
  it("travel in messages that a queue takes", async () => {
    road = await open({ decisioning: subscriber });
    const task = {
      v: 1,
      kind: "deliver",
      delivery: "d".repeat(40),
      event: "e".repeat(40),
      object: "o".repeat(120),
      subscriber: "s".repeat(63),
    };
    const results = Array.from({ length: 400 }, () => ({
      task: { ...task, attempt: 1, owedAt: 0 },
      state: "delivered",
      at: road.clock.at,
    }));
    road.queues.set("retries", [{ id: "late", body: { v: 1, kind: "settle", results }, dueAt: 0, attempts: 0 }]);
    await road.handOut("retries", { LEDGER: brokenD1(env.LEDGER) });
    expect(road.waiting("retries")).toBe(8);
  });
});

describe("an answer", () => {
  it("is read no further than its first 4 KiB, however it goes on", async () => {
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(8192)),
      pull: () => new Promise<void>(() => undefined),
    });
    road = await open({ decisioning: subscriber });
    road.answers.push(new Response(endless));
    await deliverOne();
    expect(await delivery()).toMatchObject({ state: "delivered" });
  });
});

describe("a consumer", () => {
  beforeEach(async () => {
    road = await open({ decisioning: subscriber });
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
  });

  it("that cannot read the event gives its lease back: the next try comes within seconds", async () => {
    await road.handOut("deliveries", { ARCHIVE: faulty(env.ARCHIVE, { get: fails }) });
    expect(road.posted).toEqual([]);
    road.pass(10 * SECOND);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("that died with the lease is waited for: its message comes again when the lease has ended, without the sweep", async () => {
    await env.LEDGER.prepare("UPDATE deliveries SET lease_holder = 'the dead', lease_until = ?")
      .bind(road.clock.at + 300 * SECOND)
      .run();
    await road.drain();
    road.pass(200 * SECOND);
    await road.drain();
    expect(road.posted).toEqual([]);
    for (let minute = 0; minute < 10; minute++) {
      road.pass(60 * SECOND);
      await road.drain();
    }
    expect(road.posted).toHaveLength(1);
  });
});

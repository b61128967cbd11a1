/** What the gateway says about itself: told once, to those who asked, naming nobody; and never about its own telling. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { DeliverTask } from "../../src/core/tasks.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createDeliveringLedger } from "../../src/stores/ledger/delivering.ts";
import { brokenR2, dyingBindings } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const WATCHER = "watcher.example.com";
const base = CONFIGURATION.subscribers.decisioning;
const watcher = { ...base, url: `https://${WATCHER}/`, filter: { type: { $startsWith: "gateway." } }, retry: [] };

let road: Road;
let sent = 0;

async function open(decisioning: object = {}, more: object = { watcher }): Promise<void> {
  road = await openRoad(
    { ...CONFIGURATION, subscribers: { decisioning: { ...base, retry: [], ...decisioning }, ...more } },
    SECRETS,
  );
}

async function owe(count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await sendSeon(road, seonFinished({ id: `s-${sent++}`, name: "Ana Sample" }));
  await road.handOut("inbound");
}

async function sweepAndDrain(): Promise<void> {
  await road.sweep();
  await road.drain();
}

const notices = () => road.events().filter(({ type }) => String(type).startsWith("gateway."));
const fail = (status = 500) => new Response("no", { status });

describe("a delivery that dies", () => {
  it("is told of once, however often the sweep looks; together with the others of its subscriber", async () => {
    await open();
    road.answers.push(fail(), fail());
    await owe(2);
    await road.drain();
    await sweepAndDrain();
    await sweepAndDrain();
    const { results } = await env.LEDGER.prepare(
      "SELECT id, event FROM deliveries WHERE state = 'dead' ORDER BY id",
    ).all();
    expect(notices()).toMatchObject([
      {
        source: "/gateway",
        type: "gateway.delivery.dead",
        subject: "decisioning",
        data: {
          subscriber: "decisioning",
          count: 2,
          deliveries: results.map(({ id, event }) => ({ delivery: id, event, reason: "status_500", attempts: 1 })),
        },
      },
    ]);
    expect(JSON.stringify(notices())).not.toContain("Ana");
  });

  it("is not told of where it was a notice or a test itself: nothing loops", async () => {
    await open();
    road.answers.push(fail(), ...Array.from({ length: 50 }, () => fail()));
    await owe(1);
    await road.drain();
    for (let minute = 0; minute < 5; minute++) {
      road.pass(MINUTE);
      await sweepAndDrain();
    }
    expect(notices()).toHaveLength(1);
    await road.admin("/api/subscribers/decisioning/test", "POST");
    await road.drain();
    await sweepAndDrain();
    expect(notices().map(({ type }) => type)).toEqual(["gateway.delivery.dead", "gateway.test"]);
    const { results } = await env.LEDGER.prepare("SELECT * FROM notices").all();
    expect(results).toEqual([]);
  });

  it("with more others than can be told at once delays no news of a subscriber", async () => {
    await open();
    await env.LEDGER.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
       INSERT INTO notices SELECT 'dead/' || i, 'gateway.delivery.dead', 'decisioning', ?, '{}' FROM n`,
    )
      .bind(road.clock.at)
      .run();
    await road.admin("/api/subscribers/decisioning/pause", "POST");
    await sweepAndDrain();
    expect(notices().map(({ type }) => type)).toContain("gateway.subscriber.paused");
  });

  it("because its message cannot be handled is told of too", async () => {
    await open();
    await owe(1);
    const [message] = road.queues.get("deliveries") ?? [];
    const task = message?.body as DeliverTask;
    const ledger = createDeliveringLedger(createLedgerDatabase(env.LEDGER, { isApplied: true }));
    await ledger.bury(task, "failed", road.clock.at);
    await sweepAndDrain();
    expect(notices()).toMatchObject([
      { data: { count: 1, deliveries: [{ delivery: task.delivery, reason: "failed" }] } },
    ]);
  });
});

describe("a subscriber", () => {
  it("that is paused is told of, with why; and again when it is paused again", async () => {
    await open();
    road.answers.push(fail(410));
    await owe(1);
    await road.drain();
    await sweepAndDrain();
    await road.admin("/api/subscribers/decisioning/resume", "POST");
    road.pass(SECOND);
    await road.admin("/api/subscribers/decisioning/pause", "POST");
    await road.admin("/api/subscribers/decisioning/pause", "POST");
    await sweepAndDrain();
    await sweepAndDrain();
    const paused = notices().filter(({ type }) => type === "gateway.subscriber.paused");
    expect(paused.map(({ data }) => data)).toEqual([
      { subscriber: "decisioning", why: "gone", consecutiveFailures: 1 },
      { subscriber: "decisioning", why: "manual", consecutiveFailures: 0 },
    ]);
  });

  it("whose breaker is closed again is told of", async () => {
    await open();
    road.answers.push(...Array.from({ length: 10 }, () => fail()));
    await owe(10);
    await road.drain();
    road.pass(MINUTE);
    await owe(1);
    await road.drain();
    await sweepAndDrain();
    const recovered = notices().filter(({ type }) => type === "gateway.subscriber.recovered");
    expect(recovered).toMatchObject([
      { subject: "decisioning", data: { subscriber: "decisioning", consecutiveFailures: 10, seconds: 60 } },
    ]);
  });

  it("whose breaker was closed by an attempt that was under way when it opened is no news: it may be so each second", async () => {
    await open();
    await env.LEDGER.prepare(
      "INSERT INTO subscribers (name, failures, opened_at, probe_at) VALUES ('decisioning', 10, ?, 0)",
    )
      .bind(road.clock.at)
      .run();
    road.pass(SECOND);
    await owe(1);
    await road.drain();
    await sweepAndDrain();
    const { results } = await env.LEDGER.prepare("SELECT failures, opened_at FROM subscribers").all();
    expect(results).toEqual([{ failures: 0, opened_at: null }]);
    expect(notices().map(({ type }) => type)).not.toContain("gateway.subscriber.recovered");
  });

  it("that took a notice again is no news", async () => {
    await open();
    await owe(1);
    await road.drain();
    await env.LEDGER.prepare(
      "INSERT INTO subscribers (name, failures, opened_at, probe_at) VALUES ('watcher', 10, 1, 0)",
    ).run();
    await road.admin("/api/subscribers/watcher/test", "POST");
    await road.drain();
    await sweepAndDrain();
    expect(notices().map(({ type }) => type)).toEqual(["gateway.test"]);
  });
});

describe("a configuration in the store that cannot be used", () => {
  it("is told of once for each such document, and not when it is mended", async () => {
    await open();
    const good = (await env.CONFIG.get("current")) ?? "";
    const put = async (text: string) => {
      await env.CONFIG.put("current", text);
      // Past the settling time after a change by the API, and what an isolate remembers.
      road.pass(5 * MINUTE);
    };
    for (const text of ["{", "{", "{}}", good]) {
      await put(text);
      await sweepAndDrain();
      road.pass(MINUTE);
      expect((await road.sweep()).notices, "nothing is written again").toBe(0);
      await road.drain();
    }
    expect(notices().map(({ type, data }) => [type, data])).toEqual([
      ["gateway.config.invalid", {}],
      ["gateway.config.invalid", {}],
    ]);
  });
});

describe("notices", () => {
  it("go to nobody who did not ask for them by type", async () => {
    await open(
      {},
      { all: { ...base, url: "https://all.example.com/" }, live: { ...base, filter: { environment: "live" } } },
    );
    road.answers.push(fail(410));
    await owe(1);
    await road.drain();
    await sweepAndDrain();
    expect(notices()).toEqual([]);
    const listed = await (await road.admin("/api/events?type=gateway.subscriber.paused")).json<{ items: object[] }>();
    expect(listed.items).toMatchObject([{ source: "gateway", deliveries: {} }]);
  });

  it("wait while R2 is out, and lose nothing to a sweep that dies anywhere", async () => {
    await open();
    road.answers.push(fail());
    await owe(1);
    await road.drain();
    road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    await road.sweep();
    for (let survives = 0; survives < 14; survives++) {
      const dying = dyingBindings(road.queueBindings, survives);
      road.world.bindings = dying.bindings;
      road.world.isDead = dying.isDead;
      await road.sweep().catch(() => undefined);
    }
    road.world.bindings = {};
    road.world.isDead = () => false;
    await sweepAndDrain();
    // One that was written down and not enqueued is owed like any delivery.
    road.pass(6 * MINUTE);
    await sweepAndDrain();
    expect(notices()).toHaveLength(1);
  });

  it("are valid by the schema that they name", async () => {
    await open();
    road.answers.push(fail(410));
    await owe(1);
    await road.drain();
    await sweepAndDrain();
    const schema = await (
      await road.request("/schemas/notice.v1.json")
    ).json<{
      required: string[];
      properties: Record<string, { enum?: string[]; const?: string; pattern?: string }>;
    }>();
    const all = notices();
    expect(all.map(({ type }) => String(type)).toSorted((left, right) => left.localeCompare(right))).toEqual([
      "gateway.delivery.dead",
      "gateway.subscriber.paused",
    ]);
    for (const notice of all) {
      expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(notice)));
      expect(Object.keys(notice)).toEqual(expect.arrayContaining(schema.required));
      for (const [name, rule] of Object.entries(schema.properties)) {
        const value = String(notice[name]);
        if (rule.enum) expect(rule.enum).toContain(value);
        if (rule.const) expect(value).toBe(rule.const);
        if (rule.pattern && notice[name] !== undefined) expect(value).toMatch(new RegExp(rule.pattern));
      }
    }
  });
});

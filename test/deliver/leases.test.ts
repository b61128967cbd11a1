/** A lease is for one attempt, by one consumer, and for its time: whatever else comes along makes no request of it. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { DeliverTask } from "../../src/core/tasks.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createDeliveringLedger } from "../../src/stores/ledger/delivering.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const LEASE_MS = 6 * MINUTE;
const subscriber = CONFIGURATION.subscribers.decisioning;
const ledger = createDeliveringLedger(createLedgerDatabase(env.LEDGER, { isApplied: true }));

let road: Road;
let sent = 0;

async function owe(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await sendSeon(road, seonFinished({ id: `s-${sent++}` }));
  await road.handOut("inbound");
}

const rows = async (columns: string) => (await env.LEDGER.prepare(`SELECT ${columns} FROM deliveries`).all()).results;
const enqueuedFirst = () => road.queues.get("deliveries")?.[0]?.body as DeliverTask;

beforeEach(async () => {
  road = await openRoad(
    { ...CONFIGURATION, subscribers: { decisioning: { ...subscriber, retry: [60, 600] } } },
    SECRETS,
  );
});

describe("a lease", () => {
  it("is of the attempt that is due, and not of a late copy of the one before in the same batch", async () => {
    await owe(1);
    const first = enqueuedFirst();
    road.answers.push(new Response("no", { status: 500 }));
    await road.handOut("deliveries");
    road.pass(MINUTE);
    const [second] = road.queues.get("retries")?.splice(0) ?? [];
    await road.queueBindings["RETRIES"]?.send(first);
    if (second) road.queues.get("retries")?.push(second);
    await road.handOut("retries");
    expect(road.posted).toHaveLength(2);
    expect(await rows("state, attempts")).toEqual([{ state: "delivered", attempts: 2 }]);
  });

  it("that was given up changes nothing of a delivery that was buried meanwhile", async () => {
    await owe(1);
    const task = enqueuedFirst();
    await ledger.lease([task], "holder", road.clock.at);
    await ledger.bury(task, "failed", road.clock.at);
    await ledger.putOff([{ task, dueAt: undefined }], "holder");
    await ledger.putOff([{ task, dueAt: road.clock.at }], "holder");
    expect(await rows("state, due_at")).toEqual([{ state: "dead", due_at: null }]);
  });

  it("long over, and its result written down once more, pauses nobody who was resumed since", async () => {
    await owe(1);
    const result = { task: enqueuedFirst(), state: "dead", reason: "gone", status: 410, at: road.clock.at } as const;
    await ledger.settle([result]);
    road.pass(SECOND);
    await road.admin("/api/subscribers/decisioning/resume", "POST");
    await ledger.settle([result]);
    const paused = "SELECT name FROM subscribers WHERE paused_at IS NOT NULL";
    expect((await env.LEDGER.prepare(paused).all()).results).toEqual([]);
    await ledger.settle([{ ...result, at: road.clock.at }]);
    expect((await env.LEDGER.prepare(paused).all()).results).toEqual([{ name: "decisioning" }]);
  });

  it("does not end while an attempt is made under it: what would take too long is left to another batch", async () => {
    await owe(20);
    const leasedAt = road.clock.at;
    const startedAt: number[] = [];
    const fetched = globalThis.fetch;
    globalThis.fetch = async (...call) => {
      startedAt.push(road.clock.at - leasedAt);
      // As long as it may take: a token is refused at the last moment, and so is the next.
      road.pass(20 * SECOND);
      return fetched(...call);
    };
    await road.handOut("deliveries");
    globalThis.fetch = fetched;
    expect(Math.max(...startedAt)).toBeLessThan(LEASE_MS - 3 * MINUTE + 1);
    await road.drain();
    road.pass(MINUTE);
    await road.drain();
    expect(road.posted).toHaveLength(20);
    expect(await rows("DISTINCT state, attempts")).toEqual([{ state: "delivered", attempts: 1 }]);
  });
});

/** An attempt that was asked for is made once, whichever of a delivery's messages and results comes first. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createDeliveringLedger } from "../../src/stores/ledger/delivering.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const subscriber = CONFIGURATION.subscribers.decisioning;

let road: Road;

beforeEach(async () => {
  road = await openRoad(
    { ...CONFIGURATION, subscribers: { decisioning: { ...subscriber, retry: [60, 600] } } },
    SECRETS,
  );
});

const no = () => new Response("no", { status: 500 });
const row = async () => (await env.LEDGER.prepare("SELECT * FROM deliveries").first<Record<string, unknown>>()) ?? {};
const attempts = async () => JSON.parse(String((await row())["log"])) as Record<string, unknown>[];
const retry = async () => road.admin(`/api/deliveries/${String((await row())["id"])}/retry`, "POST");

async function owe(): Promise<void> {
  await sendSeon(road, seonFinished());
  await road.handOut("inbound");
}

async function waitForSchedule(): Promise<void> {
  road.answers.push(no());
  await owe();
  await road.drain();
  expect(await row()).toMatchObject({ state: "retrying", attempts: 1 });
}

describe("the message of an earlier schedule", () => {
  it("that comes after the one that was asked for finds it made", async () => {
    await waitForSchedule();
    const late = road.queues.get("retries") ?? [];
    road.queues.delete("retries");
    await retry();
    await road.drain();
    expect(road.posted).toHaveLength(2);
    road.queues.set("retries", late);
    road.pass(MINUTE);
    await road.drain();
    expect(road.posted).toHaveLength(2);
    expect(await row()).toMatchObject({ state: "delivered", attempts: 2 });
  });

  it("that comes first makes it as it was asked for: past the pause, with the schedule begun anew", async () => {
    await waitForSchedule();
    road.pass(MINUTE);
    await road.admin("/api/subscribers/decisioning/pause", "POST");
    const early = road.queues.get("retries") ?? [];
    road.queues.delete("retries");
    await retry();
    const asked = road.queues.get("retries") ?? [];
    road.answers.push(no());
    road.queues.set("retries", early);
    await road.handOut("retries");
    expect(road.posted).toHaveLength(2);
    // 60 s, the first of the schedule, and not 600, the second.
    expect(await row()).toMatchObject({ state: "retrying", attempts: 2, due_at: road.clock.at + MINUTE });
    road.queues.set("retries", asked);
    await road.drain();
    expect(road.posted).toHaveLength(2);
    expect((await attempts()).map(({ asked: isAsked }) => isAsked)).toEqual([undefined, true]);
  });

  it("and the one that was asked for, at once, make one attempt", async () => {
    await waitForSchedule();
    road.pass(MINUTE);
    await retry();
    expect(road.waiting("retries")).toBe(2);
    await road.handOutAtOnce("retries");
    road.pass(HOUR);
    await road.drain();
    expect(road.posted).toHaveLength(2);
  });

  it("that could not be handled buries nothing that has been attempted since", async () => {
    await waitForSchedule();
    const [late] = road.queues.get("retries") ?? [];
    await retry();
    road.answers.push(no());
    await road.handOut("retries");
    expect(await row()).toMatchObject({ state: "retrying", attempts: 2 });
    const ledger = createDeliveringLedger(createLedgerDatabase(env.LEDGER, { isApplied: true }));
    await ledger.bury(late?.body as Parameters<typeof ledger.bury>[0], "failed", road.clock.at);
    expect(await row()).toMatchObject({ state: "retrying" });
  });
});

describe("a result that comes late, of an attempt from before somebody asked", () => {
  /** What the ledger could not take, for so long that the lease has ended. */
  async function attemptUnrecorded(answer: Response): Promise<void> {
    road.answers.push(answer);
    await owe();
    let calls = 0;
    const ledger = new Proxy(env.LEDGER, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (name !== "batch") return typeof member === "function" ? member.bind(target) : member;
        return (...parameters: [D1PreparedStatement[]]) =>
          ++calls === 1 ? target.batch(...parameters) : Promise.reject(new Error("injected failure"));
      },
    });
    await road.handOut("deliveries", { LEDGER: ledger });
    expect(await row()).toMatchObject({ attempts: 0, state: "pending" });
    expect(road.posted).toHaveLength(1);
    road.pass(7 * MINUTE);
  }

  /** The message of the attempt that was not recorded comes between the asking and what was asked for. */
  async function retryBeforeTheLateMessage(): Promise<void> {
    const late = road.queues.get("retries") ?? [];
    road.queues.delete("retries");
    await retry();
    const asked = road.queues.get("retries") ?? [];
    road.queues.set("retries", late);
    await road.handOut("retries");
    road.queues.set("retries", asked);
    await road.drain();
  }

  it("does not stand in its place where it failed", async () => {
    await attemptUnrecorded(no());
    await retryBeforeTheLateMessage();
    expect(road.posted).toHaveLength(2);
    expect(await row()).toMatchObject({ state: "delivered", attempts: 1 });
  });

  it("ends it where it was taken: that is never sent twice", async () => {
    await attemptUnrecorded(new Response("{}"));
    await retryBeforeTheLateMessage();
    expect(road.posted).toHaveLength(1);
    expect(await row()).toMatchObject({ state: "delivered", attempts: 1 });
  });
});

it("a delivery that is asked for more often than its log is long loses no answer from sight", async () => {
  await waitForSchedule();
  const log = Array.from({ length: 101 }, (_, index) => ({
    attempt: index + 1,
    at: 0,
    answer: `2026-02-03/past/${index + 1}`,
  }));
  await env.LEDGER.prepare("UPDATE deliveries SET attempts = 101, log = ?").bind(JSON.stringify(log)).run();
  await env.ARCHIVE.put("answers/2026-02-03/past.json", JSON.stringify({ 1: "the first", 2: "the second" }));
  road.queues.delete("retries");
  await retry();
  await road.drain();
  const kept = await attempts();
  expect([kept.length, kept[0]?.["attempt"], kept.at(-1)?.["attempt"]]).toEqual([101, 2, 102]);
  expect(await (await env.ARCHIVE.get("answers/2026-02-03/past.json"))?.json()).toEqual({ 2: "the second" });
});

/** What was under way when the ledger was lost is finished once it is reindexed, and what had been delivered is not delivered again. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { fails, faulty } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const KNOWN = ["cursors", "receipts", "sessions", "events", "deliveries", "files"];

let road: Road;
async function open(retention: object = {}): Promise<void> {
  const { sources } = CONFIGURATION;
  const seon = { ...sources.seon, retention };
  road = await openRoad({ ...CONFIGURATION, sources: { ...sources, seon } }, SECRETS);
  // The local R2 stamps objects with the real time.
  road.clock.at = Date.now();
}
beforeEach(() => open());

/** @param minute of the session's life */
const receive = (status: string, minute: number) =>
  sendSeon(
    road,
    seonFinished({
      id: "one",
      status,
      date: new Date(Date.parse("2026-02-03T10:00:00.000Z") + minute * MINUTE).toISOString(),
    }),
  );

async function loseAndReindex(): Promise<void> {
  await env.LEDGER.batch(KNOWN.map((table) => env.LEDGER.prepare(`DELETE FROM ${table}`)));
  road.pass(15 * MINUTE);
  for (let cursor: string | undefined = ""; cursor !== undefined;) {
    const step = await road.admin(`/api/reindex${cursor && `?cursor=${cursor}`}`, "POST");
    expect(step.status).toBe(200);
    ({ cursor } = await step.json<{ cursor?: string }>());
  }
}

async function settle(): Promise<void> {
  for (let run = 0; run < 3; run++) {
    road.pass(6 * MINUTE);
    await road.sweep();
    await road.drain();
  }
}

const outcomes = () => road.events().map(({ outcome }) => outcome);

it("an event that could not be committed before the ledger was lost is delivered", async () => {
  await road.sweep();
  await receive("APPROVED", 0);
  await road.handOut("inbound", { LEDGER: faulty(env.LEDGER, { batch: batchesFailAfter(1) }) });
  expect((await env.ARCHIVE.list({ prefix: "events/" })).objects).toHaveLength(1);
  await loseAndReindex();
  await settle();
  expect(outcomes()).toEqual(["approved"]);
});

it("a step that goes on keeps to what the ledger knew when the first began", async () => {
  await road.sweep();
  await receive("APPROVED", 0);
  await road.handOut("inbound", { LEDGER: faulty(env.LEDGER, { batch: batchesFailAfter(1) }) });
  await env.LEDGER.batch(KNOWN.map((table) => env.LEDGER.prepare(`DELETE FROM ${table}`)));
  const { cursor } = await (await road.admin("/api/reindex", "POST")).json<{ cursor: string }>();
  road.pass(15 * MINUTE);
  await env.ARCHIVE.put("ledger/known-until", new Date(road.clock.at).toISOString());
  const { receipts } = await (await road.admin(`/api/reindex?cursor=${cursor}`, "POST")).json<{ receipts: number }>();
  expect(receipts).toBe(0);
  await road.admin("/api/reindex", "POST");
});

it("what a session says again after it has said something else is news, as it would have been", async () => {
  await receive("APPROVED", 0);
  await road.drain();
  road.pass(MINUTE);
  await receive("DECLINED", 1);
  await road.drain();
  road.pass(MINUTE);
  await receive("APPROVED", 2);
  road.pass(MINUTE);
  await road.sweep();
  await loseAndReindex();
  await settle();
  expect(outcomes()).toEqual(["approved", "declined", "approved"]);
});

it("what was delivered, and expired soon after, is not delivered again", async () => {
  await open({ events: 1 });
  await receive("APPROVED", 0);
  await road.drain();
  road.pass(2 * DAY);
  for (let run = 0; run < 3; run++) await road.sweep();
  expect((await env.ARCHIVE.list({ prefix: "events/" })).objects).toEqual([]);
  await loseAndReindex();
  await settle();
  expect(road.posted).toHaveLength(1);
  const { results } = await env.LEDGER.prepare("SELECT state, reason FROM receipts").all();
  expect(results).toEqual([{ state: "held", reason: "reindexed" }]);
});

function batchesFailAfter(successes: number) {
  let batches = 0;
  return (...parameters: unknown[]) =>
    batches++ < successes ? Reflect.apply(env.LEDGER.batch, env.LEDGER, parameters) : fails();
}

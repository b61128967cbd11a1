/** Where the ledger was lost, a receipt has made what it made, in that order; and goes on from there. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";
import { heard, mend, newestReceipt, receiptOf, reprocess } from "./reprocessing.ts";

const MINUTE = 60_000;
const KNOWN = ["cursors", "receipts", "sessions", "events", "deliveries", "files"];
/** What was asked for and what came of it is history that only the ledger has. */
const CONTENTS = {
  receipts: "SELECT id, state, event, revision, session, subject, sequence FROM receipts ORDER BY id",
  events: "SELECT id, receipt, type, outcome, object, revision, superseded, time FROM events ORDER BY id",
  sessions: "SELECT source, session, version, digest, time, ended, outcome, event FROM sessions ORDER BY session",
};

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
  // The local R2 stamps objects with the real time.
  road.clock.at = Date.now();
});

async function receive(status: string, minute: number, id = "session-1"): Promise<string> {
  const date = new Date(Date.parse("2026-02-03T10:00:00.000Z") + minute * MINUTE).toISOString();
  await sendSeon(road, seonFinished({ id, status, date }));
  await road.drain();
  road.pass(1000);
  return newestReceipt(road);
}

async function contents() {
  const all = async (sql: string) => (await env.LEDGER.prepare(sql).all()).results;
  return Object.fromEntries(
    await Promise.all(Object.entries(CONTENTS).map(async ([table, sql]) => [table, await all(sql)] as const)),
  );
}

async function reindex(query = ""): Promise<void> {
  for (let cursor: string | undefined = ""; cursor !== undefined;) {
    const step = await road.admin(`/api/reindex?${query}${cursor && `&cursor=${cursor}`}`, "POST");
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

async function fill(): Promise<string> {
  const id = await receive("APPROVED", 0);
  await receive("REVIEW", 1, "session-2");
  for (const outcome of ["review", "declined"]) {
    await mend(road, "seon", { outcomes: { APPROVED: outcome } });
    await reprocess(road, id);
    road.pass(1000);
  }
  const late = await receive("REVIEW", 2);
  await mend(road, "seon", { outcomes: { APPROVED: "pending", REVIEW: "pending" } });
  await reprocess(road, id);
  await reprocess(road, late);
  road.pass(2 * MINUTE);
  await road.sweep();
  return id;
}

it("every revision is there again, its receipt names the newest, and its session stands where it stood", async () => {
  const id = await fill();
  const [before, told] = [await contents(), heard(road)];
  expect(told.filter((each) => each.includes("revision"))).toHaveLength(4);
  await env.LEDGER.batch(KNOWN.map((table) => env.LEDGER.prepare(`DELETE FROM ${table}`)));
  road.pass(15 * MINUTE);
  await reindex();
  expect(await contents()).toEqual(before);
  await settle();
  expect((await reprocess(road, id)).reprocessed).toMatchObject({ outcome: "unchanged" });
  expect(heard(road)).toEqual(told);
  await mend(road, "seon", {});
  expect(await reprocess(road, id)).toMatchObject({ revision: 5 });
});

it("a ledger that was put back to an earlier time learns of what was made since", async () => {
  await fill();
  const before = await contents();
  await env.LEDGER.batch(
    [
      "UPDATE cursors SET value = '2026-01-01T00:00:00.000Z' WHERE name = 'known-until'",
      "UPDATE receipts SET revision = NULL, event = (SELECT e.id FROM events e WHERE e.receipt = receipts.id AND e.revision IS NULL)",
      "DELETE FROM events WHERE revision IS NOT NULL",
      "DELETE FROM sessions WHERE event NOT IN (SELECT id FROM events)",
    ].map((sql) => env.LEDGER.prepare(sql)),
  );
  road.pass(15 * MINUTE);
  await reindex();
  expect(await contents()).toEqual(before);
});

it("a ledger that has forgotten nothing stays as it is", async () => {
  const id = await fill();
  const before = await contents();
  road.pass(15 * MINUTE);
  await reindex("force=true");
  expect([await contents(), (await receiptOf(road, id)).revision]).toEqual([before, 4]);
});

/** The ledger can be lost: what the archive knows is written into a new one, and nothing that was delivered is delivered again. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createIsolateMemory } from "../../src/isolate.ts";
import { fails, faulty } from "../faults.ts";
import type { Road } from "../road.ts";
import { incodeStatus, sendRegula, sendSeon, sendUnico, seonFinished } from "../senders.ts";
import { openReadingRoad, openRegula, runOut, type RegulaAccount } from "./accounts.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const TABLES = ["receipts", "sessions", "events", "files"] as const;

let road: Road;
let regula: RegulaAccount;
beforeEach(async () => {
  road = await openReadingRoad({}, { events: { "session.seen": { action: "record", fetch: true }, "*": "deliver" } });
  regula = openRegula(road);
});

const rowsOf = async (table: string) =>
  (await env.LEDGER.prepare(`SELECT * FROM ${table}`).all()).results.map((row) => JSON.stringify(row)).sort();
const contents = async (): Promise<Record<string, string[]>> =>
  Object.fromEntries(await Promise.all(TABLES.map(async (each) => [each, await rowsOf(each)])));
const stateOf = async (subject: string) =>
  (
    await env.LEDGER.prepare("SELECT state, reason FROM receipts WHERE subject = ? ORDER BY sequence")
      .bind(subject)
      .all()
  ).results;

async function send(...[seon]: Parameters<typeof seonFinished>): Promise<void> {
  await sendSeon(road, seonFinished(seon));
  await runOut(road, 60);
  road.pass(MINUTE);
}

async function fill(): Promise<void> {
  await send({ id: "changes", status: "APPROVED", date: "2026-02-03T10:20:29.000Z" });
  await send({
    id: "changes",
    status: "DECLINED",
    date: "2026-02-03T10:25:00.000Z",
    event: "idv:session_status_updated",
  });
  await send({
    id: "changes",
    status: "REVIEW",
    date: "2026-02-03T10:10:00.000Z",
    event: "idv:session_status_updated",
  });
  await send({ id: "only-recorded", event: "idv:unheard_of" });
  await sendSeon(road, "{}");
  await sendUnico(road, { id: "process-1", state: "PROCESS_STATE_FINISHED", result: "expired" });
  await road.request("/in/incode", {
    method: "POST",
    headers: { "x-incode-secret": "incode-header" },
    body: JSON.stringify(incodeStatus("MANUAL_REVIEW_APPROVED")),
  });
  regula.sessions.set("with-files", { status: 2, files: ["front", "back"] });
  regula.sessions.set("kept", { status: 2, files: ["front"] });
  await sendRegula(road, { sessionId: "with-files" });
  await sendRegula(road, { sessionId: "kept", event: "session.seen" });
  await runOut(road, 4000);
  // The same bytes after their window: one moment, said twice.
  road.pass(2 * DAY);
  await send({ id: "changes", status: "APPROVED", date: "2026-02-03T10:20:29.000Z" });
  await runOut(road);
}

/** The database is another, and so is the isolate. */
async function loseLedger(): Promise<void> {
  const { results } = await env.LEDGER.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
  ).all<{ name: string }>();
  await env.LEDGER.batch(results.map(({ name }) => env.LEDGER.prepare(`DROP TABLE ${name}`)));
  road.world.memory = createIsolateMemory();
  // The local R2 stamps objects with the real time.
  road.clock.at = Math.max(road.clock.at, Date.now() + 15 * MINUTE);
}

/** After what is stored so far, as the local R2 stamps it: the ledger knows all of it. */
async function sweepLater(): Promise<void> {
  road.clock.at = Math.max(road.clock.at, Date.now() + 2 * MINUTE);
  await road.sweep();
}

type Step = { cursor?: string; examined: number; receipts: number; events: number; sessions: number; files: number };

async function reindex(query = ""): Promise<{ steps: number; sums: Omit<Step, "cursor"> }> {
  const sums = { examined: 0, receipts: 0, events: 0, sessions: 0, files: 0 };
  let cursor: string | undefined;
  for (let steps = 1; ; steps++) {
    const response = await road.admin(
      `/api/reindex?${cursor === undefined ? "" : `cursor=${cursor}&`}${query}`,
      "POST",
    );
    expect(response.status).toBe(200);
    const step = await response.json<Step>();
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += step[name];
    if (step.cursor === undefined) return { steps, sums };
    cursor = step.cursor;
  }
}

async function sweepAll(): Promise<void> {
  for (let minute = 0; minute < 3; minute++) {
    road.pass(6 * MINUTE);
    await road.sweep();
    await runOut(road, 300);
  }
}

describe("a ledger that was lost", () => {
  it("is what it was, but for its deliveries, once it is reindexed; and nothing is delivered again", async () => {
    await fill();
    await sweepLater();
    const before = await contents();
    const states = before["receipts"]?.map((row) => (JSON.parse(row) as { state: string }).state);
    expect(new Set(states)).toEqual(new Set(["event", "recorded", "unreadable", "unchanged"]));
    const delivered = road.posted.length;
    await loseLedger();
    await road.admin("/api/events");
    const { sums } = await reindex();
    expect(await contents()).toEqual(before);
    expect(sums).toMatchObject({
      receipts: before["receipts"]?.length,
      events: before["events"]?.length,
      files: before["files"]?.length,
    });
    await sweepAll();
    expect(road.posted).toHaveLength(delivered);
    expect((await road.sweep()).needsReindex).toBe(false);
  });

  it("goes on from where its sessions stood: what was said is unchanged, what is new is an update", async () => {
    await send({ id: "one", status: "APPROVED" });
    await sweepLater();
    await loseLedger();
    await reindex();
    await send({ id: "one", status: "APPROVED", date: new Date(road.clock.at).toISOString() });
    await send({ id: "one", status: "DECLINED", date: new Date(road.clock.at).toISOString() });
    expect(road.posted.map(({ event }) => [event["type"], event["outcome"]])).toEqual([
      ["idv.session.finished", "approved"],
      ["idv.session.updated", "declined"],
    ]);
  });

  it("takes nothing up, and says what it needs, until somebody has it reindexed", async () => {
    await fill();
    await sweepLater();
    const delivered = road.posted.length;
    await loseLedger();
    // What comes in meanwhile is done as always.
    await send({ id: "new" });
    await sweepAll();
    expect(road.posted).toHaveLength(delivered + 1);
    const swept = await road.sweep();
    expect(swept).toMatchObject({ needsReindex: true, reconciled: 0, failures: [] });
    expect(road.logs.findLast(({ stage }) => stage === "sweep")).toMatchObject({
      outcome: "incomplete",
      reason: "reindex",
    });
    await reindex();
    await sweepAll();
    expect(road.posted).toHaveLength(delivered + 1);
  });

  it("was put back to an earlier time: the same, and what it still knew stays as it is", async () => {
    await send({ id: "one" });
    await sweepLater();
    const [row] = await rowsOf("events");
    await send({ id: "two" });
    await sweepLater();
    const before = await contents();
    const backTo = "2026-02-03T10:21:30.000Z";
    await env.LEDGER.batch(
      [
        `UPDATE cursors SET value = '${backTo}' WHERE name = 'known-until'`,
        "DELETE FROM events WHERE subject = 'two'",
        "DELETE FROM receipts WHERE subject = 'two'",
        "DELETE FROM sessions WHERE event NOT IN (SELECT id FROM events)",
      ].map((sql) => env.LEDGER.prepare(sql)),
    );
    expect(await rowsOf("events")).toEqual([row]);
    road.clock.at = Date.now() + 15 * MINUTE;
    await sweepAll();
    const { sums } = await reindex();
    expect([await contents(), sums.events]).toEqual([before, 1]);
    await sweepAll();
    expect(road.posted).toHaveLength(2);
  });

  it("leaves a webhook that had come to nothing yet to be processed, and delivers it; one of long ago is held", async () => {
    await send({ id: "done" });
    await sweepLater();
    for (const [id, at] of [
      ["long ago", Date.now() - 8 * DAY],
      ["under way", Date.now() - DAY],
    ] as const) {
      road.clock.at = at;
      await sendSeon(road, seonFinished({ id }));
    }
    road.queues.delete("inbound");
    await loseLedger();
    await reindex();
    await sweepAll();
    expect(road.events().map(({ subject }) => subject)).toEqual(["done", "under way"]);
    expect(await stateOf("long ago")).toEqual([{ state: "held", reason: "reindexed" }]);
  });

  it("holds what nobody can tell from what was delivered: a session that was read back and said nothing new", async () => {
    regula.sessions.set("one", { status: 2 });
    for (let time = 0; time < 2; time++) {
      await sendRegula(road, { sessionId: "one" });
      await runOut(road);
      road.pass(2 * MINUTE);
    }
    expect(await stateOf("one")).toMatchObject([{ state: "event" }, { state: "unchanged" }]);
    await sweepLater();
    await loseLedger();
    await reindex();
    await sweepAll();
    expect(await stateOf("one")).toEqual([
      { state: "event", reason: null },
      { state: "held", reason: "reindexed" },
    ]);
    expect([road.posted.length, regula.count(/sessions/)]).toEqual([1, 2]);
  });

  it("is brought back in bounded steps", async () => {
    await send({ id: "one" });
    await sweepLater();
    const facts = {
      v: "1",
      facts: JSON.stringify({ action: "record", vendor: "seon", sequence: "01", receivedAt: 1 }),
    };
    const put = (index: number) =>
      env.ARCHIVE.put(`receipts/seon/${"0".repeat(32)}/${String(index).padStart(32, "0")}.0`, "{}", {
        customMetadata: facts,
      });
    await Promise.all(Array.from({ length: 450 }, (_, index) => put(index)));
    await loseLedger();
    const { steps, sums } = await reindex();
    expect([steps, sums.receipts]).toEqual([4, 451]);
  }, 20_000);

  it("brings back nothing of a session that was erased", async () => {
    await send({ id: "one" });
    await sweepLater();
    const [event] = (await env.LEDGER.prepare("SELECT source, session FROM events").all<Record<string, string>>())
      .results;
    await loseLedger();
    await road.admin("/api/events");
    await env.LEDGER.prepare(
      "INSERT INTO tombstones (kind, source, subject, erased_at, erased_by) VALUES ('session', ?, ?, 0, 'somebody')",
    )
      .bind(event?.["source"], event?.["session"])
      .run();
    await reindex();
    expect((await contents())["events"]).toEqual([]);
    expect((await contents())["sessions"]).toEqual([]);
  });
});

describe("a ledger that has forgotten nothing", () => {
  it("is let alone, since what it does not know is only late; unless somebody knows better", async () => {
    await fill();
    await sweepLater();
    const before = await contents();
    const refused = await road.admin("/api/reindex", "POST");
    expect([refused.status, await refused.json()]).toMatchObject([
      409,
      { type: "urn:gatepost:problem:nothing-forgotten" },
    ]);
    road.clock.at = Date.now() + 15 * MINUTE;
    const { sums } = await reindex("force=true");
    expect(sums).toMatchObject({ receipts: 0, events: 0, sessions: 0, files: 0 });
    expect(await contents()).toEqual(before);
  });

  it("does not forestall an event that is just being written down with its deliveries", async () => {
    await road.admin("/api/events");
    let batches = 0;
    const batch = (...parameters: unknown[]) =>
      batches++ === 0 ? Reflect.apply(env.LEDGER.batch, env.LEDGER, parameters) : fails();
    await sendSeon(road, seonFinished());
    await road.handOut("inbound", { LEDGER: faulty(env.LEDGER, { batch }) });
    expect((await env.ARCHIVE.list({ prefix: "events/" })).objects).toHaveLength(1);
    road.clock.at = Date.now();
    await reindex("force=true");
    await runOut(road);
    expect(road.posted).toHaveLength(1);
  });
});

it("only the admin reindexes, by POST, with a cursor that was given", async () => {
  expect((await road.request("/api/reindex", { method: "POST" })).status).toBe(401);
  expect((await road.admin("/api/reindex")).status).toBe(405);
  expect((await road.admin("/api/reindex?cursor=MARKER", "POST")).status).toBe(400);
});

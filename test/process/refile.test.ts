/** A receipt whose session could not be told when it came belongs to it once it can: processed, found and erased as any other of it. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { dyingBindings } from "../faults.ts";
import type { Road } from "../road.ts";
import { sendRegula } from "../senders.ts";
import { configurationOf, configure, openReadingRoad, openRegula } from "./accounts.ts";
import { ask, heard, newestReceipt, receiptOf, receiptsOf, reprocess, toldBy } from "./reprocessing.ts";

const CASE = { sessionIdAt: ["/case"] };
const BODY = { case: "session-1", status: "done" };

let road: Road;
async function open(): Promise<void> {
  road = await openReadingRoad();
  const { sessions } = openRegula(road);
  for (let index = 0; index < 60; index++) sessions.set(`session-${index}`, { status: 2, files: ["front"] });
  // The local R2 stamps objects with the real time, which the sweep compares.
  road.clock.at = Date.now();
}
beforeEach(open);

async function receive(body: object = BODY): Promise<string> {
  await sendRegula(road, body);
  await road.drain();
  road.pass(1000);
  return newestReceipt(road);
}

const objects = async (prefix: string) => (await env.ARCHIVE.list({ prefix })).objects.map(({ key }) => key);
const countOf = async (table: string) =>
  (await env.LEDGER.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n;

async function sweepLater(): Promise<void> {
  road.pass(360_000);
  await road.sweep();
  await road.drain();
}

describe("an unreadable receipt that can be read now", () => {
  it("becomes the event that it would have been, and its former id leads to it", async () => {
    const former = await receive();
    expect(await receiptOf(road, former)).toMatchObject({ state: "unreadable", reason: "no_session_id" });
    await configure(road, CASE);
    const found = await reprocess(road, former);
    expect(found).toMatchObject({ id: former, state: "refiled", reprocessed: { outcome: "refiled" } });
    expect(found.reprocessing).toBeUndefined();
    const receipt = await receiptOf(road, found.receipt ?? "");
    expect(receipt).toMatchObject({ state: "event", session: "session-1", receivedAt: found.receivedAt });
    const body = await road.admin(`/api/receipts/${former}/body`);
    expect(await body.json()).toEqual(BODY);
    const [event] = toldBy(road);

    await open();
    await configure(road, CASE);
    const id = await receive();
    expect([id, toldBy(road)[0]?.id]).toEqual([receipt.id, event?.id]);
  });

  it("is processed anew under its new id, whichever it is asked for by", async () => {
    const former = await receive();
    await configure(road, CASE);
    const { receipt } = await reprocess(road, former);
    expect(await ask(road, former)).toBe(receipt);
    await road.drain();
    expect(await receiptOf(road, receipt ?? "")).toMatchObject({ reprocessed: { outcome: "unchanged" } });
    expect(heard(road)).toHaveLength(1);
  });

  it("is erased with its session, and leaves nothing behind", async () => {
    const former = await receive();
    await configure(road, CASE);
    await reprocess(road, former);
    expect(await objects("receipts/")).toHaveLength(1);
    expect((await road.admin("/api/sessions/regula/session-1", "DELETE")).status).toBe(200);
    expect([await objects("receipts/"), await objects("events/"), await countOf("receipts")]).toEqual([[], [], 0]);
    await sweepLater();
    expect([heard(road).length, await countOf("receipts")]).toEqual([1, 0]);
  });

  it("of a session that was erased meanwhile vanishes", async () => {
    const former = await receive();
    await configure(road, CASE);
    await road.admin("/api/sessions/regula/session-1", "DELETE");
    await reprocess(road, former);
    await sweepLater();
    expect([heard(road), await objects("receipts/"), await objects("events/")]).toEqual([[], [], []]);
  });

  it("whose bytes have come again since, and been understood, is that one", async () => {
    const former = await receive();
    await configure(road, CASE);
    const since = await receive();
    expect((await reprocess(road, former)).receipt).toBe(since);
    expect([heard(road).length, await objects("receipts/")]).toMatchObject([1, { length: 1 }]);
  });

  it("goes with its bytes when they expire, its former id too", async () => {
    const former = await receive();
    await configure(road, CASE, { retention: { receipts: 1, events: 1 } });
    await reprocess(road, former);
    road.pass(3 * 86_400_000);
    for (let run = 0; run < 6; run++) {
      await road.sweep();
      road.pass(3_600_000);
    }
    expect([await objects("receipts/"), await objects("events/"), await countOf("receipts")]).toEqual([[], [], 0]);
  });

  it("is one event in one place, wherever its consumer dies", async () => {
    for (let step = 0; ; step++) {
      expect(step).toBeLessThan(60);
      await configure(road, {});
      const former = await receive({ ...BODY, case: `session-${step}` });
      await configure(road, CASE);
      await ask(road, former);
      const dying = dyingBindings(road.queueBindings, step);
      await road.handOut("sessions", dying.bindings).catch(() => undefined);
      for (let round = 0; round < 3; round++) await sweepLater();
      const mine = road.posted.filter(({ event }) => event.subject === `session-${step}`);
      expect(mine, `died before step ${step}`).toHaveLength(1);
      expect(await objects("receipts/")).toHaveLength(step + 1);
      expect(await receiptOf(road, former)).toMatchObject({ state: "refiled" });
      if (!dying.isDead()) return void expect(step).toBeGreaterThan(6);
    }
  }, 60_000);
});

describe("a receipt that has come just before the change", () => {
  it("is filed where it belongs without being asked for", async () => {
    await sendRegula(road, BODY);
    await configure(road, CASE);
    await road.drain();
    expect(heard(road)).toEqual(["finished approved"]);
    expect((await receiptsOf(road)).map(({ state, session }) => [state, session])).toContainEqual([
      "event",
      "session-1",
    ]);
  });

  it("stays where it is where its source is gone: by its vendor's defaults nobody knows its session", async () => {
    await configure(road, CASE);
    await sendRegula(road, { ...BODY, id: "something else" });
    const { sources, ...configuration } = configurationOf(CASE);
    const { regula: _gone, ...others } = sources;
    await road.admin("/api/config", "PUT", { ...configuration, sources: others });
    await road.drain();
    expect(await receiptsOf(road)).toHaveLength(1);
  });
});

it("what has said something as one session says nothing as another", async () => {
  const id = await receive({ ...BODY, id: "mistaken" });
  await configure(road, CASE);
  const reprocessed = { outcome: "unreadable", reason: "other_session" };
  expect(await reprocess(road, id)).toMatchObject({ state: "event", session: "mistaken", reprocessed });
  expect(heard(road)).toHaveLength(1);
});

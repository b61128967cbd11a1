/** A receipt that is processed anew becomes what today's configuration makes of it, and says again only what it would say otherwise. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";
import { ask, heard, mend, newestReceipt, receiptOf, receiptsOf, reprocess, toldBy } from "./reprocessing.ts";

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

async function receive(seon: Parameters<typeof seonFinished>[0] = {}): Promise<string> {
  await sendSeon(road, seonFinished(seon));
  await road.drain();
  road.pass(1000);
  return newestReceipt(road);
}

const approvedIs = (outcome: string) => mend(road, "seon", { outcomes: { APPROVED: outcome } });
const sessionRow = () => env.LEDGER.prepare("SELECT outcome, event FROM sessions").first<Record<string, string>>();
const countOf = async (table: string) =>
  (await env.LEDGER.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n;
const DECLINED = { status: "DECLINED", date: "2026-02-03T11:00:00.000Z" };

describe("a receipt that made an event", () => {
  it("makes another in its place, with an id of its own, for whom the configuration names now", async () => {
    const id = await receive();
    const [decisioning] = [CONFIGURATION.subscribers.decisioning];
    const seon = { ...CONFIGURATION.sources.seon, outcomes: { APPROVED: "review" } };
    await road.admin("/api/config", "PUT", {
      sources: { ...CONFIGURATION.sources, seon },
      subscribers: { other: { ...decisioning, filter: { revision: { $gte: 2 } } } },
    });
    const receipt = await reprocess(road, id);
    const [first, second] = toldBy(road);
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
    expect(second?.data.supersedes).toBe(first?.id);
    expect(receipt).toMatchObject({ id, state: "event", event: second?.id, revision: 2 });
    expect(receipt.reprocessed).toMatchObject({ outcome: "event" });
    expect(receipt.reprocessing).toBeUndefined();
    const { results } = await env.LEDGER.prepare("SELECT event, subscriber FROM deliveries ORDER BY subscriber").all();
    expect(results).toEqual([
      { event: first?.id, subscriber: "decisioning" },
      { event: second?.id, subscriber: "other" },
    ]);
    expect(await sessionRow()).toEqual({ outcome: "review", event: second?.id });
  });

  it("makes a chain of them, each in the place of the one before; every one shows the receipt", async () => {
    const id = await receive();
    for (const outcome of ["review", "declined", "approved"]) {
      await approvedIs(outcome);
      await reprocess(road, id);
    }
    expect(heard(road)).toEqual([
      "finished approved",
      "finished review revision 2",
      "finished declined revision 3",
      "finished approved revision 4",
    ]);
    const told = toldBy(road);
    expect(told.slice(1).map(({ data }) => data.supersedes)).toEqual(told.slice(0, -1).map((each) => each.id));
    for (const [index, each] of told.entries()) {
      const shown = await (await road.admin(`/api/events/${each.id}`)).json();
      expect(shown).toMatchObject({ id: each.id, receipt: { id, event: told.at(-1)?.id } });
      expect((shown as { revision?: number }).revision).toBe(index === 0 ? undefined : index + 1);
    }
    expect((await receiptsOf(road)).map((each) => each.id)).toEqual([id]);
  });

  it("says so and makes nothing where it would say the same, however often it is asked", async () => {
    const id = await receive();
    for (let time = 0; time < 3; time++) {
      road.pass(1000);
      expect((await reprocess(road, id)).reprocessed).toMatchObject({ outcome: "unchanged" });
    }
    expect([road.posted.length, await countOf("events"), await countOf("deliveries")]).toEqual([1, 1, 1]);
    expect(await receiptOf(road, id)).toMatchObject({ state: "event" });
  });

  it("is superseded where its session has gone on, and does not turn it back", async () => {
    const id = await receive();
    await receive(DECLINED);
    const before = await sessionRow();
    await approvedIs("review");
    await reprocess(road, id);
    expect(heard(road)).toEqual(["finished approved", "updated declined", "finished review revision 2 superseded"]);
    expect(await sessionRow()).toEqual(before);
    expect((await reprocess(road, id)).reprocessed).toMatchObject({ outcome: "unchanged" });
  });

  it("is superseded even where what came after it is of the same moment", async () => {
    const id = await receive();
    await receive({ status: "DECLINED" });
    await approvedIs("review");
    await reprocess(road, id);
    expect(heard(road).at(-1)).toBe("finished review revision 2 superseded");
    expect((await sessionRow())?.["outcome"]).toBe("declined");
  });

  it("stays an update where it was one", async () => {
    await receive();
    const id = await receive(DECLINED);
    await mend(road, "seon", { outcomes: { DECLINED: "review" } });
    await reprocess(road, id);
    expect(heard(road).at(-1)).toBe("updated review revision 2");
  });

  it("moves its session though that was told the same once more since", async () => {
    const id = await receive();
    await receive({ date: "2026-02-03T11:00:00.000Z" });
    await approvedIs("review");
    await reprocess(road, id);
    expect(heard(road).at(-1)).toBe("finished review revision 2");
    expect(await env.LEDGER.prepare("SELECT outcome, time FROM sessions").first()).toEqual({
      outcome: "review",
      time: "2026-02-03T11:00:00.000Z",
    });
    await receive({ date: "2026-02-03T12:00:00.000Z" });
    expect(heard(road)).toHaveLength(2);
  });

  it("goes on being an event where nothing is to be delivered of its kind any more", async () => {
    const id = await receive();
    for (const action of ["record", "ignore"]) {
      await mend(road, "seon", { events: { "*": action } });
      expect(await reprocess(road, id)).toMatchObject({ state: "event", reprocessed: { outcome: "recorded" } });
    }
    expect(road.posted).toHaveLength(1);
  });

  it("whose event has expired makes the next one, which cannot be taken for the first", async () => {
    const id = await receive();
    const [first] = toldBy(road);
    await env.ARCHIVE.delete((await env.ARCHIVE.list({ prefix: "events/" })).objects.map(({ key }) => key));
    await env.LEDGER.batch(
      ["UPDATE receipts SET event = NULL", "DELETE FROM sessions", "DELETE FROM events"].map((sql) =>
        env.LEDGER.prepare(sql),
      ),
    );
    await reprocess(road, id);
    expect(heard(road)).toEqual(["finished approved", "finished approved revision 2"]);
    expect(toldBy(road)[1]?.data.supersedes).toBe(first?.id);
  });
});

describe("a receipt that made none", () => {
  it("recorded, and to be delivered now, becomes the event that it would have been", async () => {
    await mend(road, "seon", { events: { "*": "record" } });
    const id = await receive();
    expect(await reprocess(road, id)).toMatchObject({ state: "recorded", reprocessed: { outcome: "recorded" } });
    expect(road.posted).toEqual([]);
    await mend(road, "seon", {});
    expect(await reprocess(road, id)).toMatchObject({ state: "event" });
    const [event] = toldBy(road);
    road = await openRoad(CONFIGURATION, SECRETS);
    await receive();
    expect(toldBy(road)[0]).toMatchObject({ id: event?.id });
    expect(event).not.toHaveProperty("revision");
  });

  it("recorded, is superseded where its session has gone on without it", async () => {
    await mend(road, "seon", { events: { "idv:session_finished/APPROVED": "record", "*": "deliver" } });
    const id = await receive();
    await receive(DECLINED);
    await mend(road, "seon", {});
    await reprocess(road, id);
    expect(heard(road)).toEqual(["finished declined", "finished approved superseded"]);
    expect((await sessionRow())?.["outcome"]).toBe("declined");
  });

  it("dead, is brought to life", async () => {
    const id = await receive();
    for (const table of ["events", "deliveries", "sessions"]) await env.LEDGER.prepare(`DELETE FROM ${table}`).run();
    await env.LEDGER.prepare("UPDATE receipts SET state = 'dead', reason = 'failed', event = NULL").run();
    expect(await reprocess(road, id)).toMatchObject({ state: "event" });
    expect((await receiptOf(road, id)).reason).toBeUndefined();
  });

  it("unreadable, stays it as long as nobody can read it", async () => {
    await sendSeon(road, "not json at all");
    await road.drain();
    const id = await newestReceipt(road);
    const reprocessed = { outcome: "unreadable", reason: "not_json" };
    expect(await reprocess(road, id)).toMatchObject({ state: "unreadable", reason: "not_json", reprocessed });
  });

  it("unchanged, stays it, also where its session has gone on; and is an event once it says something else", async () => {
    await receive();
    const id = await receive({ date: "2026-02-03T10:30:00.000Z" });
    await receive(DECLINED);
    expect(await receiptOf(road, id)).toMatchObject({ state: "unchanged" });
    for (let time = 0; time < 2; time++)
      expect(await reprocess(road, id)).toMatchObject({ state: "unchanged", reprocessed: { outcome: "unchanged" } });
    expect(road.posted).toHaveLength(2);
    await approvedIs("review");
    expect(await reprocess(road, id)).toMatchObject({ state: "event", reprocessed: { outcome: "event" } });
    expect(heard(road).at(-1)).toBe("finished review superseded");
    expect((await reprocess(road, id)).reprocessed).toMatchObject({ outcome: "unchanged" });
  });
});

describe("what cannot be processed anew", () => {
  it("is what nobody knows, what has expired, and what was erased", async () => {
    const statusOf = async (id: string) => (await road.admin(`/api/receipts/${id}/reprocess`, "POST")).status;
    expect(await statusOf(`rcp_${"0".repeat(32)}`)).toBe(404);
    expect(await statusOf("MARKER")).toBe(404);
    const id = await receive();
    await env.ARCHIVE.delete(await road.receipts());
    const expired = await road.admin(`/api/receipts/${id}/reprocess`, "POST");
    expect([expired.status, await expired.json()]).toMatchObject([410, { type: "urn:gatepost:problem:expired" }]);
    expect((await receiptOf(road, id)).reprocessing).toBeUndefined();
    const erased = await receive({ id: "session-2" });
    await road.admin("/api/sessions/seon/session-2", "DELETE");
    expect(await statusOf(erased)).toBe(404);
  });

  it("is a receipt of a person who is erased, though the rows are still there", async () => {
    const id = await receive();
    await env.LEDGER.prepare(
      "INSERT INTO tombstones (subject, kind, erased_at, erased_by) SELECT external, 'person', ?, 'somebody' FROM receipts",
    )
      .bind(road.clock.at)
      .run();
    expect((await road.admin(`/api/receipts/${id}/reprocess`, "POST")).status).toBe(410);
  });

  it("but what is on hold can", async () => {
    const id = await receive();
    await road.admin("/api/sessions/seon/session-1/hold", "PUT");
    await approvedIs("review");
    expect(await reprocess(road, id)).toMatchObject({ state: "event", revision: 2 });
  });

  it("vanishes where it is erased on the way", async () => {
    const id = await receive();
    await approvedIs("review");
    await ask(road, id);
    await road.admin("/api/sessions/seon/session-1", "DELETE");
    await road.drain();
    expect([heard(road), await countOf("receipts"), await countOf("events")]).toEqual([["finished approved"], 0, 0]);
    expect((await env.ARCHIVE.list({ prefix: "events/" })).objects).toEqual([]);
  });
});

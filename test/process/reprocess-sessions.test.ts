/** A receipt whose session is read back is processed anew with what its vendor says now; and never with less than it had. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Road } from "../road.ts";
import { sendRegula } from "../senders.ts";
import { configure, dataOf, openReadingRoad, openRegula, runOut, type RegulaAccount } from "./accounts.ts";
import { ask, heard, newestReceipt, receiptOf, receiptsOf, toldBy } from "./reprocessing.ts";

const DAY = 86_400_000;

let road: Road;
let regula: RegulaAccount;
beforeEach(async () => {
  road = await openReadingRoad();
  regula = openRegula(road);
  regula.sessions.set("one", { status: 2, files: ["front"] });
});

async function receive(more: object = {}): Promise<string> {
  await sendRegula(road, { sessionId: "one", ...more });
  await runOut(road);
  road.pass(1000);
  return newestReceipt(road);
}

async function reprocess(id: string) {
  const asked = await ask(road, id);
  await runOut(road);
  return receiptOf(road, asked);
}

const filesOf = (index: number) => dataOf(road.events()[index]).files ?? [];
const unavailable = () => new Response("", { status: 503 });
const sessionRow = () => env.LEDGER.prepare("SELECT outcome, event FROM sessions").first();

describe("a receipt whose session was read back", () => {
  it("says nothing where its vendor still says the same, and fetches no file again", async () => {
    const id = await receive();
    const asked = regula.count(/files/);
    expect((await reprocess(id)).reprocessed).toMatchObject({ outcome: "unchanged" });
    expect([heard(road), regula.count(/files/)]).toEqual([["finished approved"], asked]);
  });

  it("is a revision with its files where it is read otherwise now", async () => {
    const id = await receive();
    regula.sessions.set("one", { status: 2, files: ["front", "back"] });
    await configure(road, {}, { outcomes: { "2": "review" } });
    expect(await reprocess(id)).toMatchObject({ state: "event", revision: 2 });
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
    expect([filesOf(0).length, filesOf(1).length]).toEqual([1, 2]);
    const event = toldBy(road)[1]?.id ?? "";
    const shown = await (await road.admin(`/api/events/${event}`)).json<{ files: object[] }>();
    expect(shown.files).toHaveLength(2);
    expect(await sessionRow()).toEqual({ outcome: "review", event });
    const { url } = filesOf(1)[0] as unknown as { url: string };
    expect((await road.request(url.replace(/^https:\/\/[^/]+/, ""))).status).toBe(200);
  });

  it("tells what its vendor says now, though its session had gone on and its own event was older", async () => {
    const id = await receive();
    regula.sessions.set("one", { status: 1000 });
    await receive({ event: "later" });
    regula.sessions.set("one", { status: 2 });
    await reprocess(id);
    expect(heard(road)).toEqual(["finished approved", "updated declined", "updated approved revision 2"]);
    expect(await sessionRow()).toMatchObject({ outcome: "approved" });
    for (const { id: each } of await receiptsOf(road))
      expect((await reprocess(each)).reprocessed).toMatchObject({ outcome: "unchanged" });
  });

  it("keeps its event where its vendor has the session no more: a revision never has less", async () => {
    const id = await receive();
    regula.sessions.delete("one");
    await configure(road, {}, { outcomes: { "2": "review" } });
    expect(await reprocess(id)).toMatchObject({
      state: "event",
      reprocessed: { outcome: "held", reason: "incomplete" },
    });
    await configure(road, null);
    expect(await reprocess(id)).toMatchObject({ reprocessed: { outcome: "held", reason: "incomplete" } });
    expect([heard(road), (await receiptOf(road, id)).revision]).toEqual([["finished approved"], undefined]);
  });

  it("keeps its event where a file of it is gone", async () => {
    const id = await receive();
    regula.trouble = (path) => (path.startsWith("/files/") ? new Response("", { status: 404 }) : undefined);
    await configure(road, {}, { outcomes: { "2": "review" } });
    expect((await reprocess(id)).reprocessed).toMatchObject({ outcome: "held", reason: "incomplete" });
    expect(heard(road)).toEqual(["finished approved"]);
  });

  it("is completed by what could not be had then", async () => {
    regula.trouble = (path) => (path.startsWith("/files/") ? new Response("", { status: 404 }) : undefined);
    const id = await receive();
    expect(dataOf(road.events()[0]).missing).toEqual([{ what: "files/front", why: "gone" }]);
    regula.trouble = () => undefined;
    await configure(road, { files: ["front"] });
    await reprocess(id);
    expect([heard(road).length, filesOf(1).length]).toEqual([2, 1]);
  });

  it("is read back where its source did not do so when it came", async () => {
    await configure(road, null);
    const id = await receive();
    expect(heard(road)).toEqual(["progress unknown"]);
    await configure(road, {});
    expect(await reprocess(id)).toMatchObject({ revision: 2 });
    expect(heard(road)[1]).toBe("finished approved revision 2");
  });
});

describe("a vendor that cannot answer now", () => {
  it("is asked again for as long as its source's patience lasts, counted from when it was asked for", async () => {
    const id = await receive();
    await configure(road, {}, { outcomes: { "2": "review" } });
    road.pass(30 * DAY);
    regula.asked.length = 0;
    regula.trouble = () => (regula.seconds(/sessions/).length > 4 ? undefined : unavailable());
    await ask(road, id);
    await road.drain();
    expect(await receiptOf(road, id)).toMatchObject({
      state: "event",
      reprocessing: { dueAt: new Date(road.clock.at + 1000).toISOString() },
    });
    await runOut(road);
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
  });

  it("and never does, leaves the event as it was", async () => {
    const id = await receive();
    await configure(road, {}, { outcomes: { "2": "review" } });
    regula.trouble = unavailable;
    expect(await reprocess(id)).toMatchObject({ state: "event", reprocessed: { outcome: "held" } });
    expect(heard(road)).toEqual(["finished approved"]);
  });

  it("is asked by one message, though its receipt is asked for again and again", async () => {
    regula.trouble = unavailable;
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    const id = await newestReceipt(road);
    for (let time = 0; time < 3; time++) {
      road.pass(100);
      await ask(road, id);
      await road.drain();
    }
    road.pass(60_000);
    await road.drain();
    road.pass(1000);
    await road.drain();
    expect(road.waiting("sessions")).toBe(1);
  });
});

it("a message that comes twice has one after it", async () => {
  const id = await receive();
  regula.trouble = unavailable;
  await ask(road, id);
  const [message] = road.queues.get("sessions") ?? [];
  await road.drain();
  const asked = regula.asked.length;
  if (message) road.queues.get("sessions")?.push({ ...message, id: "copy", attempts: 0 });
  await road.drain();
  expect([road.waiting("sessions"), regula.asked.length]).toEqual([1, asked]);
});

describe("a receipt that waits, or is held", () => {
  it("is asked for at once, and its old message finds it done", async () => {
    regula.trouble = unavailable;
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    for (let time = 0; time < 6; time++) {
      road.pass(60_000);
      await road.drain();
    }
    const id = await newestReceipt(road);
    expect(await receiptOf(road, id)).toMatchObject({ state: "waiting" });
    regula.trouble = () => undefined;
    await ask(road, id);
    await road.drain();
    expect(await receiptOf(road, id)).toMatchObject({ state: "event", reprocessed: { outcome: "event" } });
    await runOut(road);
    expect(heard(road)).toEqual(["finished approved"]);
  });

  it("whose message was lost is found by the sweep, whatever it was", async () => {
    road.clock.at = Date.now();
    await configure(road, { onGiveUp: "hold" });
    regula.sessions.delete("one");
    const id = await receive();
    expect(await receiptOf(road, id)).toMatchObject({ state: "held" });
    regula.sessions.set("one", { status: 2 });
    await ask(road, id);
    road.queues.delete("sessions");
    road.pass(360_000);
    await road.sweep();
    await road.drain();
    expect(heard(road)).toEqual(["finished approved"]);
  });

  it("after a pull that the vendor did not confirm, is asked for anew", async () => {
    await road.admin("/api/sessions/regula/late/pull", "POST");
    await runOut(road);
    const id = await newestReceipt(road);
    expect(await receiptOf(road, id)).toMatchObject({ state: "held", reason: "not_confirmed" });
    regula.sessions.set("late", { status: 1000 });
    expect(await reprocess(id)).toMatchObject({ state: "event" });
    expect(heard(road)).toEqual(["updated declined"]);
  });
});

it("a receipt to be kept and fetched is, and makes nothing known", async () => {
  await configure(road, {}, { events: { "*": "record" } });
  const id = await receive();
  expect(regula.asked).toEqual([]);
  await configure(road, {}, { events: { "*": { action: "record", fetch: true } } });
  expect(await reprocess(id)).toMatchObject({ state: "recorded" });
  expect([road.posted.length, (await env.ARCHIVE.list({ prefix: "files/" })).objects.length]).toEqual([0, 1]);
});

/** What has been kept for as long as its source wants it goes; what is still needed, owed or held stays. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { configurationOf, openRegula, API_SECRETS, type RegulaAccount } from "../process/accounts.ts";
import { fails, faulty } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { sendRegula, sendSeon, seonFinished } from "../senders.ts";

const DAY = 86_400_000;

vi.setConfig({ testTimeout: 60_000 });

let road: Road;
let regula: RegulaAccount;

async function open(retention: object): Promise<void> {
  const { sources, subscribers } = configurationOf();
  const kept = { seon: { ...sources.seon, retention }, regula: { ...sources.regula, retention } };
  road = await openRoad({ sources: { ...sources, ...kept }, subscribers }, API_SECRETS);
  // The local R2 stamps objects with the real time.
  road.clock.at = Date.now();
  regula = openRegula(road);
}
beforeEach(() => open({ receipts: 10, events: 30, files: 20 }));

async function receive(id = "one"): Promise<void> {
  await sendSeon(road, seonFinished({ id: `seon-${id}` }));
  regula.sessions.set(`regula-${id}`, { status: 2, files: ["front", "selfie"] });
  await sendRegula(road, { sessionId: `regula-${id}` });
  await road.drain();
}

/** Two runs are enough to come round once. */
async function passDays(days: number): Promise<void> {
  road.pass(days * DAY);
  for (let run = 0; run < 3; run++) await road.sweep();
}

/** What stays whatever a source keeps: configurations, the ledger's mark, and what the subscriber has answered to the road's deliveries. */
const OTHERS = /^(config|ledger)\/|^answers\/(?!.*holder)/;

/** How many other objects with bytes there are, by the first step of their keys. */
async function archive(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { key, size } of (await env.ARCHIVE.list()).objects) {
    const shelf = key.split("/")[0] ?? "";
    if (size > 0 && !OTHERS.test(key)) counts[shelf] = (counts[shelf] ?? 0) + 1;
  }
  return counts;
}
const places = async () => (await env.ARCHIVE.list({ prefix: "receipts/" })).objects.length;

async function ledger(): Promise<Record<string, unknown>> {
  const tables = ["receipts", "sessions", "events", "deliveries", "files"];
  const counts = tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`);
  return (await env.LEDGER.prepare(`SELECT ${counts.join(", ")}`).first()) ?? {};
}

const WHOLE = { receipts: 2, events: 2, files: 2 };

describe("what a source keeps for a time", () => {
  it("stays until then", async () => {
    await receive();
    await passDays(9.9);
    expect(await archive()).toEqual(WHOLE);
  });

  it("goes after it, each kind by itself, and the rows go with their kind", async () => {
    await receive();
    const rows = await ledger();
    await passDays(10.1);
    expect([await archive(), await ledger()]).toEqual([{ events: 2, files: 2 }, rows]);
    await passDays(10);
    expect([await archive(), await ledger()]).toEqual([{ events: 2 }, rows]);
    await passDays(10);
    expect([await archive(), await ledger()]).toMatchObject([{}, { events: 0, deliveries: 0, files: 0, sessions: 0 }]);
    // The places of their receipts.
    await passDays(1);
    expect([await archive(), await places()]).toEqual([{}, 0]);
    expect(Object.values(await ledger())).toEqual([0, 0, 0, 0, 0]);
  });

  it("is kept for ever where nothing is said, and costs no look", async () => {
    await open({});
    await receive();
    road.pass(10_000 * DAY);
    const listed: string[] = [];
    const list = (options: unknown) => {
      listed.push((options as { prefix: string }).prefix);
      return env.ARCHIVE.list(options as R2ListOptions);
    };
    road.world.bindings = { ARCHIVE: faulty(env.ARCHIVE, { list }) };
    await road.sweep();
    expect(await archive()).toEqual(WHOLE);
    expect(listed.filter((prefix) => /^(events|files|dead|notices|receipts\/.)/.test(prefix))).toEqual([]);
  });

  it("is no longer than 30 days where subscribers said it, whatever sources keep", async () => {
    await open({});
    await env.ARCHIVE.put("answers/2026-02-03/holder.json", "{}");
    await passDays(29);
    expect(await archive()).toEqual({ answers: 1 });
    await passDays(2);
    expect(await archive()).toEqual({});
  });

  it("goes with what the gateway itself had to say, rows and all, unless that is still owed", async () => {
    const { sources, subscribers } = configurationOf();
    const all = Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, { ...source, retention: { receipts: 10 } }]),
    );
    expect((await road.admin("/api/config", "PUT", { sources: all, subscribers })).status).toBe(200);
    const [name = "none"] = Object.keys(subscribers);
    await road.admin(`/api/subscribers/${name}/test`, "POST");
    await road.drain();
    await road.admin(`/api/subscribers/${name}/test`, "POST");
    expect([await archive(), await ledger()]).toMatchObject([{ notices: 2 }, { events: 2, deliveries: 2 }]);
    await passDays(9.9);
    expect(await archive()).toEqual({ notices: 2 });
    await passDays(0.2);
    expect([await archive(), await ledger()]).toMatchObject([{ notices: 1 }, { events: 1, deliveries: 1 }]);
    await road.drain();
    await passDays(1);
    expect([await archive(), await ledger()]).toMatchObject([{}, { events: 0, deliveries: 0 }]);
  });

  it("goes with the dead letters, and what subscribers answered when no source keeps its receipts any longer", async () => {
    const { sources, subscribers } = configurationOf();
    const all = Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, { ...source, retention: { receipts: 10 } }]),
    );
    const letters = [`dead/seon/${"0".repeat(32)}/q.1.json`, "dead/-/q.2.json", "answers/2026-02-03/holder.json"];
    for (const key of letters) await env.ARCHIVE.put(key, "{}");
    await passDays(11);
    expect(await archive()).toEqual({ dead: 1, answers: 1 });
    expect((await road.admin("/api/config", "PUT", { sources: all, subscribers })).status).toBe(200);
    await passDays(1);
    expect(await archive()).toEqual({});
  });
});

describe("who asks for what has expired", () => {
  it("is told so: a receipt's bytes, a file", async () => {
    await receive();
    const { items } = await (
      await road.admin("/api/events?source=regula")
    ).json<{ items: { id: string; receipt: string }[] }>();
    const { files } = await (await road.admin(`/api/events/${items[0]?.id}`)).json<{ files: { id: string }[] }>();
    await passDays(21);
    for (const path of [`/api/receipts/${items[0]?.receipt}/body`, `/files/${files[0]?.id}`]) {
      const response = await road.admin(path);
      expect([response.status, await response.json()]).toMatchObject([410, { type: "urn:gatepost:problem:expired" }]);
    }
    expect((await road.admin(`/api/receipts/${items[0]?.receipt}`)).status).toBe(200);
    expect((await road.admin(`/api/events/${items[0]?.id}`)).status).toBe(200);
    await passDays(10);
    expect((await road.admin(`/api/events/${items[0]?.id}`)).status).toBe(404);
    expect((await road.admin(`/files/${files[0]?.id}`)).status).toBe(404);
  });
});

describe("what is still needed stays", () => {
  it("while a receipt waits for its vendor", async () => {
    regula.trouble = (path) => (path.endsWith("selfie") ? new Response(null, { status: 503 }) : undefined);
    await receive();
    await env.LEDGER.prepare("UPDATE receipts SET due_at = ? WHERE state = 'waiting'")
      .bind(road.clock.at + 100 * DAY)
      .run();
    await passDays(50);
    expect(await archive()).toEqual({ receipts: 1, files: 1 });
  });

  it.each(["pending", "retrying", "held"])("while a delivery of its event is %s", async (state) => {
    await receive();
    await env.LEDGER.prepare("UPDATE deliveries SET state = ?").bind(state).run();
    await passDays(50);
    expect(await archive()).toEqual(WHOLE);
  });

  it("while process has not seen it", async () => {
    await sendSeon(road, seonFinished());
    road.queues.clear();
    await passDays(50);
    expect(await archive()).toEqual({ receipts: 1 });
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("while it is on hold", async () => {
    await receive();
    for (const of of ["seon/seon-one", "regula/regula-one"]) await road.admin(`/api/sessions/${of}/hold`, "PUT");
    await passDays(50);
    expect(await archive()).toEqual(WHOLE);
    await road.admin("/api/sessions/regula/regula-one/hold", "DELETE");
    await passDays(1);
    expect(await archive()).toEqual({ receipts: 1, events: 1 });
  });
});

describe("while the ledger has forgotten what it knew", () => {
  it("nothing goes; and what was on hold is so again once it is reindexed", async () => {
    await receive();
    await road.admin("/api/sessions/regula/regula-one/hold", "PUT");
    await passDays(1);
    await env.LEDGER.batch(
      ["cursors", "receipts", "sessions", "events", "deliveries", "files", "holds"].map((table) =>
        env.LEDGER.prepare(`DELETE FROM ${table}`),
      ),
    );
    await passDays(50);
    expect(await archive()).toEqual(WHOLE);
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const step = await road.admin(`/api/reindex${cursor && `?cursor=${cursor}`}`, "POST");
      ({ cursor } = await step.json<{ cursor?: string }>());
    }
    await passDays(1);
    expect(await archive()).toEqual({ receipts: 1, events: 1, files: 2 });
    await road.admin("/api/sessions/regula/regula-one/hold", "DELETE");
    await passDays(1);
    expect(await archive()).toEqual({});
  });

  it("a hold that was refused, or has been released, is not remembered", async () => {
    await receive();
    await road.admin("/api/sessions/regula/regula-one/hold", "PUT");
    await road.admin("/api/sessions/regula/regula-one/hold", "DELETE");
    await road.admin("/api/sessions/regula/nobody/hold", "PUT");
    expect((await env.ARCHIVE.list({ prefix: "holds/" })).objects).toEqual([]);
  });
});

describe("the same bytes after their receipt has expired", () => {
  it("are news again: their event is another one, and what the first one made is not lost", async () => {
    const approved = seonFinished({ status: "APPROVED", date: "2026-02-03T10:20:29.000Z" });
    await sendSeon(road, approved);
    await sendSeon(road, seonFinished({ status: "REJECTED", date: "2026-02-03T10:20:30.000Z" }));
    await road.drain();
    await passDays(11);
    expect(await archive()).toEqual({ events: 2 });
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    road.pass(DAY);
    regula.sessions.set("one", { status: 3 });
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    await passDays(11);
    regula.sessions.set("one", { status: 2 });
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    const mine = road.events().filter(({ subject }) => subject === "one");
    expect(new Set(mine.map(({ id }) => id)).size).toBe(3);
    expect(await ledger()).toMatchObject({ events: 5 });
  });

  it("are news again as well where their event has expired before them", async () => {
    await open({ receipts: 20, events: 10 });
    regula.sessions.set("one", { status: 2 });
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    await passDays(11);
    expect(await ledger()).toMatchObject({ events: 0, receipts: 1, sessions: 0 });
    await sendRegula(road, { sessionId: "one" });
    await road.drain();
    expect(road.events()).toHaveLength(2);
    await passDays(10);
    await passDays(1);
    expect([await archive(), await ledger()]).toMatchObject([{}, { events: 0, receipts: 0 }]);
  });

  it("by a message that comes late are no fault", async () => {
    await sendSeon(road, seonFinished());
    const [late] = road.queues.get("inbound") ?? [];
    await road.drain();
    await passDays(11);
    road.queues.set("inbound", late ? [late] : []);
    await road.drain();
    expect(road.waiting("inbound")).toBe(0);
    expect(road.posted).toHaveLength(1);
  });
});

describe("a run", () => {
  it("that dies between an object and its row is finished by the next", async () => {
    await sendSeon(road, seonFinished({ event: "idv:unheard_of" }));
    await road.drain();
    road.pass(11 * DAY);
    let batches = 0;
    const batch = (statements: unknown) => {
      const isForgetting = ++batches > 0 && removed;
      return isForgetting ? fails() : env.LEDGER.batch(statements as D1PreparedStatement[]);
    };
    let removed = false;
    const remove = async (keys: unknown) => {
      await env.ARCHIVE.delete(keys as string[]);
      removed = true;
    };
    road.world.bindings = {
      ARCHIVE: faulty(env.ARCHIVE, { delete: remove }),
      LEDGER: faulty(env.LEDGER, { batch }),
    };
    await road.sweep();
    road.world.bindings = {};
    expect([await places(), (await ledger()).receipts]).toEqual([0, 1]);
    await road.sweep();
    expect((await ledger()).receipts).toBe(0);
  });

  it("removes a bounded number, and goes on where it stopped", async () => {
    for (let start = 0; start < 700; start += 100) {
      const keys = Array.from({ length: 100 }, (_, index) => `dead/seon/${"0".repeat(32)}/queue.${start + index}.json`);
      await Promise.all(keys.map((key) => env.ARCHIVE.put(key, "{}")));
    }
    road.pass(11 * DAY);
    const runs: number[] = [];
    for (let run = 0; run < 4; run++) runs.push((await road.sweep()).expired);
    expect(runs).toEqual([500, 200, 0, 0]);
  });
});

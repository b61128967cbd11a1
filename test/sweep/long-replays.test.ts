/** A long replay goes its way in steps, oldest first, which nothing can double or overrun. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenD1, faulty } from "../faults.ts";
import { STEP } from "../../src/stores/ledger/replaying.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const subscriber = { ...CONFIGURATION.subscribers.decisioning, retry: [] };
const FROM = { from: "2026-02-01" };

let road: Road;

const query = async (sql: string) => (await env.LEDGER.prepare(sql).all<Record<string, unknown>>()).results;
const no = () => new Response("no", { status: 500 });

interface ReplayBody {
  id: string;
  state: string;
}
async function replay(body: object): Promise<ReplayBody> {
  const response = await road.admin("/api/replays", "POST", body);
  return response.json();
}
const look = async (id: string, method = "GET") => (await road.admin(`/api/replays/${id}`, method)).json<ReplayBody>();

beforeEach(async () => {
  road = await openRoad({ ...CONFIGURATION, subscribers: { decisioning: subscriber } }, SECRETS);
});

describe("a long replay", () => {
  /** Of 500 in one step. */
  const EVENTS = 1203;

  /** As the ledger would have them, the oldest first. */
  async function fill(): Promise<void> {
    road.answers.push(no());
    await sendSeon(road, seonFinished());
    await road.drain();
    const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${EVENTS - 1})`;
    const place = "printf('%s%016d', substr(sequence, 1, 10), i)";
    await env.LEDGER.batch(
      [
        `${numbers} INSERT INTO events (id, sequence, receipt, source, type, outcome, session, object, time, received_at, superseded, environment)
         SELECT printf('evt_%032x', i), ${place}, '', source, type, outcome, 'session', object, time, received_at, 0, 'live' FROM events, n`,
        `${numbers} INSERT INTO deliveries (id, event, sequence, object, subscriber, state, attempts)
         SELECT printf('dlv_%032x', i) || substr(id, 37), printf('evt_%032x', i), ${place}, object, subscriber, 'dead', 1 FROM deliveries, n`,
      ].map((sql) => env.LEDGER.prepare(sql)),
    );
    road.pass(SECOND);
  }
  const putBack = async () =>
    Number((await query("SELECT count(*) AS n FROM deliveries WHERE round IS NOT NULL"))[0]?.["n"]);

  it("begins with its request, goes on with each sweep, and tells how far it has come", async () => {
    await fill();
    const begun = await replay(FROM);
    expect(begun).toMatchObject({ state: "running", events: 500, sent: 500 });
    expect(await putBack()).toBe(500);
    const newest = await query("SELECT max(sequence) AS at FROM deliveries WHERE round IS NOT NULL");
    const oldest = await query("SELECT min(sequence) AS at FROM deliveries WHERE round IS NULL");
    expect(String(newest[0]?.["at"]) < String(oldest[0]?.["at"])).toBe(true);
    expect(await road.sweep()).toMatchObject({ replayed: EVENTS - 500, failures: [] });
    expect(await look(begun.id)).toMatchObject({ state: "finished", events: EVENTS, sent: EVENTS, skipped: 0 });
    expect(await putBack()).toBe(EVENTS);
    expect((await road.sweep()).replayed).toBe(0);
    expect(road.waiting("retries")).toBe(EVENTS);
  });

  it("is doubled by no two sweeps at once", async () => {
    await fill();
    const { id } = await replay(FROM);
    const swept = await Promise.all([road.sweep(), road.sweep(), road.sweep()]);
    for (let minute = 0; minute < 3; minute++) swept.push(await road.sweep());
    expect(swept.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(EVENTS - 500);
    expect(await look(id)).toMatchObject({ state: "finished", events: EVENTS, sent: EVENTS, skipped: 0 });
    expect(road.waiting("retries")).toBe(EVENTS);
  });

  it("puts nothing further back once it is cancelled, whoever is at it; what is owed stays owed", async () => {
    await fill();
    const { id } = await replay(FROM);
    let isStepping = false;
    // Between what a step has read and what it writes.
    const LEDGER = faulty(env.LEDGER, {
      prepare: (sql) => {
        isStepping ||= sql === STEP;
        return env.LEDGER.prepare(String(sql));
      },
      batch: async (...parameters) => {
        if (isStepping) await env.LEDGER.prepare("UPDATE replays SET state = 'cancelled'").run();
        return env.LEDGER.batch(parameters[0] as D1PreparedStatement[]);
      },
    });
    road.world.bindings = { LEDGER };
    await road.sweep();
    expect(isStepping).toBe(true);
    road.world.bindings = {};
    expect(await look(id, "DELETE")).toMatchObject({ state: "cancelled", sent: 500 });
    expect(await putBack()).toBe(500);
    expect((await road.sweep()).replayed).toBe(0);
    expect((await query("SELECT count(*) AS n FROM deliveries WHERE due_at IS NOT NULL"))[0]?.["n"]).toBe(500);
  });

  it("goes on where it was when the ledger fails between its steps, or after one", async () => {
    await fill();
    const { id } = await replay(FROM);
    road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    expect((await road.sweep()).failures).not.toEqual([]);
    let lost = 0;
    let isStep = false;
    const LEDGER = faulty(env.LEDGER, {
      prepare: (sql) => {
        isStep ||= sql === STEP;
        return env.LEDGER.prepare(String(sql));
      },
      batch: async (...parameters) => {
        const isLost = isStep && lost === 0;
        if (isLost) lost++;
        const results = await env.LEDGER.batch(parameters[0] as D1PreparedStatement[]);
        if (isLost) throw new Error("injected failure");
        return results;
      },
    });
    road.world.bindings = { LEDGER };
    expect((await road.sweep()).failures).toHaveLength(1);
    expect([lost, await putBack()]).toEqual([1, 1000]);
    road.world.bindings = {};
    await road.sweep();
    expect(await look(id)).toMatchObject({ state: "finished", events: EVENTS, sent: EVENTS, skipped: 0 });
    expect(await putBack()).toBe(EVENTS);
  });

  it("waits while as much is due as is delivered in a minute", async () => {
    await fill();
    const { id } = await replay(FROM);
    const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)";
    await env.LEDGER.prepare(
      `${numbers} INSERT INTO deliveries (id, event, sequence, object, subscriber, state, due_at)
       SELECT printf('dlv_x%d', i), 'evt', '', 'object', 'other', 'retrying', 1 FROM n`,
    ).run();
    expect((await road.sweep()).replayed).toBe(0);
    await env.LEDGER.prepare("DELETE FROM deliveries WHERE subscriber = 'other'").run();
    await road.sweep();
    expect(await look(id)).toMatchObject({ state: "finished", sent: EVENTS });
  });
});

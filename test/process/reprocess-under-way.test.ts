/** What was asked for is done once, whatever gets lost, dies, comes twice or comes between; and nothing newer is lost by it. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createIsolateMemory } from "../../src/isolate.ts";
import { adapters } from "../../src/vendors/registry.ts";
import { brokenQueue, dyingBindings, interruptedBindings } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";
import { ask, heard, mend, newestReceipt, receiptOf, receiptsOf, reprocess, toldBy } from "./reprocessing.ts";

const MINUTE = 60_000;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
  // The local R2 stamps objects with the real time, which the sweep compares.
  road.clock.at = Date.now();
});

const at = (minute: number) => new Date(Date.parse("2026-02-03T10:00:00.000Z") + minute * MINUTE).toISOString();
const say = (status: string, minute: number) => sendSeon(road, seonFinished({ status, date: at(minute) }));
async function receive(status = "APPROVED", minute = 0): Promise<string> {
  await say(status, minute);
  await road.drain();
  road.pass(1000);
  return newestReceipt(road);
}
const approvedIs = (outcome: string) => mend(road, "seon", { outcomes: { APPROVED: outcome } });

async function sweepLater(): Promise<void> {
  road.pass(6 * MINUTE);
  await road.sweep();
  await road.drain();
}

describe("a message that is lost", () => {
  it("before it was in its queue is found by the sweep", async () => {
    const id = await receive();
    await approvedIs("review");
    road.world.bindings = { SESSIONS: brokenQueue };
    await ask(road, id);
    road.world.bindings = {};
    await road.drain();
    expect(heard(road)).toEqual(["finished approved"]);
    expect((await receiptOf(road, id)).reprocessing).toBeDefined();
    await sweepLater();
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
  });

  it("is looked for only when it is due, and not again once it is done", async () => {
    const id = await receive();
    await approvedIs("review");
    await ask(road, id);
    road.queues.delete("sessions");
    await road.sweep();
    expect(road.waiting("sessions")).toBe(0);
    await sweepLater();
    await sweepLater();
    expect(heard(road)).toHaveLength(2);
    expect(road.logs.filter(({ again }) => again)).toHaveLength(1);
  });
});

describe("a consumer that dies", () => {
  it("at any step leaves one revision, delivered once", async () => {
    for (let step = 0; ; step++) {
      expect(step).toBeLessThan(40);
      await sendSeon(road, seonFinished({ id: `session-${step}` }));
      await road.drain();
      const id = await newestReceipt(road);
      await approvedIs("review");
      await ask(road, id);
      const dying = dyingBindings(road.queueBindings, step);
      await road.handOut("sessions", dying.bindings).catch(() => undefined);
      for (let round = 0; round < 2; round++) await sweepLater();
      const mine = road.posted.filter(({ event }) => event.subject === `session-${step}`);
      expect(
        mine.map(({ event }) => event["revision"]),
        `died before step ${step}`,
      ).toEqual([undefined, 2]);
      await mend(road, "seon", {});
      if (!dying.isDead()) return void expect(step).toBeGreaterThan(4);
    }
  }, 60_000);
});

describe("asked for twice", () => {
  it("at once, it is one revision", async () => {
    const id = await receive();
    await approvedIs("review");
    await Promise.all([ask(road, id), ask(road, id), ask(road, id)]);
    await road.handOutAtOnce("sessions");
    await road.drain();
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
  });

  it("with something mended in between, the second is what counts", async () => {
    const id = await receive();
    await approvedIs("review");
    await ask(road, id);
    road.pass(10);
    await approvedIs("declined");
    await ask(road, id);
    await road.drain();
    expect(heard(road)).toEqual(["finished approved", "finished declined revision 2"]);
  });

  it("while the first is being done, loses neither", async () => {
    for (let step = 0; ; step++) {
      const id = await receive("APPROVED", step);
      await approvedIs("review");
      await ask(road, id);
      const interrupted = interruptedBindings(road.queueBindings, step, async () => {
        road.pass(10);
        await approvedIs("declined");
        await ask(road, id);
      });
      await road.handOut("sessions", interrupted.bindings);
      await road.drain();
      await sweepLater();
      if (!interrupted.hasHappened()) return void expect(step).toBeGreaterThan(4);
      expect(toldBy(road).at(-1), `asked again before step ${step}`).toMatchObject({ outcome: "declined" });
      expect((await receiptOf(road, id)).reprocessing).toBeUndefined();
      road.posted.length = 0;
      await mend(road, "seon", {});
      await env.LEDGER.batch(
        ["receipts", "events", "sessions", "deliveries"].map((table) => env.LEDGER.prepare(`DELETE FROM ${table}`)),
      );
      await env.ARCHIVE.delete(await road.receipts());
    }
  }, 60_000);

  it("a copy of its message does nothing more", async () => {
    const id = await receive();
    await approvedIs("review");
    await ask(road, id);
    const [message] = road.queues.get("sessions") ?? [];
    await road.drain();
    await approvedIs("declined");
    road.queues.set("sessions", message ? [{ ...message }] : []);
    await road.drain();
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
  });
});

describe("a newer webhook", () => {
  it("that is processed at any step between is not undone", async () => {
    for (let step = 0; ; step++) {
      road.pass(1000);
      const name = `session-${step}`;
      await sendSeon(road, seonFinished({ id: name, date: at(0) }));
      await road.drain();
      const id = await newestReceipt(road);
      await approvedIs("review");
      await ask(road, id);
      const interrupted = interruptedBindings(road.queueBindings, step, async () => {
        await sendSeon(road, seonFinished({ id: name, status: "DECLINED", date: at(1) }));
        await road.handOut("inbound");
      });
      await road.handOut("sessions", interrupted.bindings);
      await road.drain();
      const row = await env.LEDGER.prepare(
        "SELECT s.outcome FROM sessions s JOIN events e ON e.id = s.event WHERE e.subject = ?",
      )
        .bind(name)
        .first();
      if (!interrupted.hasHappened()) return void expect(step).toBeGreaterThan(4);
      expect(row, `came before step ${step}`).toEqual({ outcome: "declined" });
      const mine = toldBy(road).filter(({ data }) => (data.session as { id?: string }).id === name);
      expect(mine).toHaveLength(3);
      expect(mine.filter(({ revision }) => revision === 2)).toHaveLength(1);
      await mend(road, "seon", {});
    }
  }, 60_000);
});

describe("an isolate that has not seen the change yet", () => {
  it("processes by the configuration that it was asked for with", async () => {
    const id = await receive();
    const here = road.world.memory;
    const elsewhere = createIsolateMemory();
    road.world.memory = elsewhere;
    await road.admin("/api/config");
    await road.request("/in/seon", { method: "POST", body: "{}" });
    road.world.memory = here;
    await approvedIs("review");
    await ask(road, id);
    road.world.memory = elsewhere;
    await road.drain();
    expect(elsewhere.config.config?.sources.get("seon")?.adapterOptions.outcomes).toEqual({});
    expect(heard(road)).toEqual(["finished approved", "finished review revision 2"]);
  });
});

describe("what is to be done", () => {
  it("does not expire before it is", async () => {
    await mend(road, "seon", { retention: { receipts: 1, events: 90 } });
    const id = await receive();
    const sweepDays = async () => {
      road.pass(2 * 1440 * MINUTE);
      for (let run = 0; run < 3; run++) await road.sweep();
    };
    await ask(road, id);
    await sweepDays();
    await road.drain();
    expect((await receiptOf(road, id)).reprocessed).toMatchObject({ outcome: "unchanged" });
    await sweepDays();
    expect((await road.admin(`/api/receipts/${id}/reprocess`, "POST")).status).toBe(410);
  });
});

describe("what can never be done", () => {
  it("is recorded, and not tried for ever", async () => {
    const id = await receive();
    await ask(road, id);
    const [message] = road.queues.get("sessions") ?? [];
    road.queues.set("sessions", []);
    road.queues.set("sessions-dead", message ? [message] : []);
    const poison = vi.spyOn(adapters.seon, "normalize").mockImplementation(() => {
      throw new TypeError("poison");
    });
    await road.handOut("sessions-dead");
    poison.mockRestore();
    expect(await receiptOf(road, id)).toMatchObject({
      state: "event",
      reprocessed: { outcome: "dead", reason: "failed" },
    });
    await sweepLater();
    expect(road.waiting("sessions")).toBe(0);
  });

  it("as what has expired on the way, is said so", async () => {
    const id = await receive();
    await ask(road, id);
    await env.ARCHIVE.delete(await road.receipts());
    await road.drain();
    expect(await receiptOf(road, id)).toMatchObject({
      state: "event",
      reprocessed: { outcome: "dead", reason: "expired" },
    });
  });
});

describe("with a configuration that is the same", () => {
  const MOST = 4;
  const statement = fc.record({
    status: fc.constantFrom("APPROVED", "APPROVED", "DECLINED", "INVENTED"),
    minute: fc.integer({ min: 0, max: 3 }),
    event: fc.constantFrom("idv:session_finished", "idv:session_finished", "idv:unheard_of"),
  });

  it("processing anew, in any order and any number of times, changes nothing", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(statement, { minLength: 1, maxLength: MOST }),
        fc.constantFrom(undefined, { APPROVED: "review" }, { APPROVED: "declined", INVENTED: "approved" }),
        fc.array(fc.nat({ max: MOST - 1 }), { minLength: 1, maxLength: 6 }),
        async (statements, outcomes, again) => {
          await mend(road, "seon", {});
          const session = `session-${++run}`;
          const known = new Set((await receiptsOf(road)).map(({ id }) => id));
          for (const { minute, ...said } of statements) {
            await sendSeon(road, seonFinished({ id: session, date: at(minute), ...said }));
            await road.drain();
            road.pass(1000);
          }
          const receipts = (await receiptsOf(road)).filter(({ id }) => !known.has(id));
          if (outcomes) {
            await mend(road, "seon", { outcomes });
            for (const { id } of receipts) await reprocess(road, id);
          }
          const [posted, before] = [road.posted.length, await rows(session)];
          for (const index of again) {
            const receipt = receipts[index % receipts.length];
            if (receipt) await reprocess(road, receipt.id);
          }
          expect([road.posted.length, await rows(session)]).toEqual([posted, before]);
        },
      ),
      { numRuns: 40, seed: 20_261_125 },
    );
  }, 60_000);
});

async function rows(subject: string): Promise<unknown[]> {
  const all = async (sql: string) => (await env.LEDGER.prepare(sql).bind(subject).all()).results;
  return [
    await all("SELECT id, type, outcome, object, superseded FROM events WHERE subject = ? ORDER BY id"),
    await all("SELECT id, state, event FROM receipts WHERE subject = ? ORDER BY id"),
    await all(
      "SELECT s.outcome, s.digest, s.time, s.event FROM sessions s JOIN events e ON e.id = s.event WHERE e.subject = ?",
    ),
  ];
}

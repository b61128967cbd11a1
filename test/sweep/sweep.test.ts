/** What was promised and has no message any more is found, once, and within bounds. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenD1, brokenQueue, faulty, fails } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const LATER = 301_000;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

const forget = (queue: string) => road.queues.delete(queue);

describe("the sweep", () => {
  it("finds owed deliveries whose message never came", async () => {
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    forget("deliveries");
    await road.sweep();
    expect(road.waiting("deliveries")).toBe(0);
    road.pass(LATER);
    await road.sweep();
    await road.sweep();
    expect(road.waiting("deliveries")).toBe(1);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("lets a place be whose bytes have expired: nothing can be made of it any more, and nobody waits for it", async () => {
    await sendSeon(road, seonFinished());
    forget("inbound");
    const [key = ""] = await road.receipts();
    const { customMetadata = {} } = (await env.ARCHIVE.head(key)) ?? {};
    await env.ARCHIVE.put(key, "", { customMetadata: { ...customMetadata, expired: "1" } });
    road.clock.at = Date.now() + LATER;
    expect(await road.sweep()).toMatchObject({ reconciled: 0, failures: [] });
    expect((await env.LEDGER.prepare("SELECT * FROM receipts").all()).results).toEqual([]);
  });

  it("finds retries whose message never came", async () => {
    road.answers.push(new Response("no", { status: 500 }));
    await sendSeon(road, seonFinished());
    await road.drain();
    forget("retries");
    road.pass(5000 + LATER);
    await road.sweep();
    await road.drain();
    expect(road.posted).toHaveLength(2);
  });

  it("finds receipts that never became events, and leaves the finished ones alone", async () => {
    for (const id of ["done-1", "done-2"]) await sendSeon(road, seonFinished({ id }));
    await sendSeon(road, seonFinished({ id: "only-recorded", event: "idv:unheard_of" }));
    await road.drain();
    await sendSeon(road, seonFinished({ id: "lost" }));
    forget("inbound");
    // The local R2 stamps objects with the real time.
    road.clock.at = Date.now() + LATER;
    const swept = await road.sweep();
    expect(swept.reconciled).toBe(1);
    await road.drain();
    expect(road.events().map(({ subject }) => subject)).toEqual(["done-1", "done-2", "lost"]);
    expect((await road.sweep()).reconciled).toBe(0);
  });

  it("brings back a lost receipt for what it was kept for: one that was to be recorded is not delivered", async () => {
    await sendSeon(road, seonFinished({ event: "idv:unheard_of" }));
    forget("inbound");
    road.clock.at = Date.now() + LATER;
    expect((await road.sweep()).reconciled).toBe(1);
    await road.drain();
    expect(road.posted).toEqual([]);
    expect((await road.sweep()).reconciled).toBe(0);
  });

  it("walks past one page of receipts and remembers where it stopped", async () => {
    const facts = { v: "1", facts: JSON.stringify({ action: "record" }) };
    for (let start = 0; start < 1500; start += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const key = `receipts/seon/${"0".repeat(32)}/${String(start + index).padStart(32, "0")}.0`;
          return env.ARCHIVE.put(key, "{}", { customMetadata: facts });
        }),
      );
    }
    road.clock.at = Date.now() + LATER;
    const first = await road.sweep();
    const second = await road.sweep();
    expect([first.reconciled, second.reconciled]).toEqual([1000, 500]);
  }, 30_000);

  it("goes on with the rest where one part fails", async () => {
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    forget("deliveries");
    road.pass(LATER);
    road.world.bindings = { ARCHIVE: faulty(env.ARCHIVE, { list: fails }) };
    const swept = await road.sweep();
    expect(swept).toMatchObject({ overdue: 1 });
    expect(swept.failures.length).toBeGreaterThan(0);
  });

  it("keeps an outbox marker whose queue still fails", async () => {
    road.world.bindings = { INBOUND: brokenQueue };
    await sendSeon(road, seonFinished());
    await road.sweep();
    expect((await env.ARCHIVE.list({ prefix: "outbox/" })).objects).toHaveLength(1);
    road.world.bindings = {};
    await road.sweep();
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("sends what its queue takes, whatever another queue does", async () => {
    road.world.bindings = { INBOUND: brokenQueue };
    await sendSeon(road, seonFinished());
    const marker = { v: 1, queue: "retries", messages: [{ task: { v: 1, kind: "settle", results: [] } }] };
    await env.ARCHIVE.put("outbox/zzz.retries.json", JSON.stringify(marker));
    await env.ARCHIVE.put("outbox/000.retries.json", "not json");
    await road.sweep();
    expect(road.waiting("retries")).toBe(1);
    expect((await env.ARCHIVE.list({ prefix: "outbox/" })).objects).toHaveLength(2);
  });

  it("survives a ledger that is out", async () => {
    road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    expect((await road.sweep()).failures).toHaveLength(9);
  });
});

describe("a poison message", () => {
  it("ends on record and does not loop", async () => {
    road.queues.set("inbound-dead", [{ id: "poison", body: { v: 99, kind: "receipt" }, dueAt: 0, attempts: 0 }]);
    await road.drain();
    expect(road.waiting("inbound-dead")).toBe(0);
    expect(await (await env.ARCHIVE.get("dead/-/gatepost-inbound-dead.poison.json"))?.json()).toMatchObject({
      id: "poison",
    });
  });

  it("whose receipt is gone is dead in the ledger, and the sweep does not take it up again", async () => {
    await sendSeon(road, seonFinished());
    const [held] = road.queues.get("inbound") ?? [];
    const [key = ""] = await road.receipts();
    await env.ARCHIVE.delete(key);
    road.queues.set("inbound-dead", held ? [held] : []);
    forget("inbound");
    await road.drain();
    const row = await env.LEDGER.prepare("SELECT state FROM receipts").first();
    expect(row).toEqual({ state: "dead" });
  });
});

/** `ratePerSecond` and `concurrency`: no more than so much, nothing lost, and no attempt counted for having waited. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { faulty } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const subscriber = CONFIGURATION.subscribers.decisioning;

let road: Road;
let sent = 0;

const open = (limits: object, subscribers: object = {}) =>
  openRoad({ ...CONFIGURATION, subscribers: { decisioning: { ...subscriber, ...limits }, ...subscribers } }, SECRETS);

async function owe(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await sendSeon(road, seonFinished({ id: `s-${sent++}` }));
  await road.handOut("inbound");
}

const attempts = async () =>
  (await env.LEDGER.prepare("SELECT DISTINCT state, attempts FROM deliveries").all()).results;

/** The most requests at a time from now on. */
function watchInFlight(): () => number {
  const subscribers = vi.mocked(globalThis.fetch).getMockImplementation();
  let inFlight = 0;
  let most = 0;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...call) => {
    most = Math.max(most, ++inFlight);
    await scheduler.wait(5);
    inFlight--;
    return subscribers?.(...call) ?? new Response();
  });
  return () => most;
}

/** How many requests come in each second. */
async function perSecond(seconds: number): Promise<number[]> {
  const counts: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const before = road.posted.length;
    await road.handOut("deliveries");
    await road.handOut("retries");
    counts.push(road.posted.length - before);
    road.pass(SECOND);
  }
  return counts;
}

describe("a rate", () => {
  it("is kept from second to second, until all is delivered at the first attempt", async () => {
    road = await open({ ratePerSecond: 4 });
    await owe(18);
    const counts = await perSecond(6);
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    expect(counts.slice(0, 4)).toEqual([4, 4, 4, 4]);
    expect(road.posted).toHaveLength(18);
    expect(await attempts()).toEqual([{ state: "delivered", attempts: 1 }]);
  });

  it("is one for all consumers at the same time", async () => {
    road = await open({ ratePerSecond: 3 });
    await owe(9);
    await road.handOutAtOnce("deliveries");
    expect(road.posted).toHaveLength(3);
  });

  it("puts nothing off that is not more than it: no message is sent twice", async () => {
    road = await open({ ratePerSecond: 50 });
    await owe(10);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(10);
    expect(road.waiting("retries")).toBe(0);
  });

  it("keeps what waits for its turn out of the sweep's hands, and gives it back if its message is lost", async () => {
    road = await open({ ratePerSecond: 1 });
    await owe(3);
    await env.LEDGER.prepare("INSERT INTO subscribers (name, next_slot_at) VALUES ('decisioning', ?)")
      .bind(road.clock.at + 1000 * SECOND)
      .run();
    await road.handOut("deliveries");
    road.queues.delete("retries");
    road.pass(900 * SECOND);
    expect(await road.sweep()).toMatchObject({ overdue: 0 });
    road.pass(500 * SECOND);
    expect(await road.sweep()).toMatchObject({ overdue: 3 });
    await perSecond(4);
    expect(road.posted).toHaveLength(3);
  });

  it("that is raised is the rate of what comes from then on, however long the line was", async () => {
    road = await open({ ratePerSecond: 1 });
    await owe(20);
    await road.handOut("deliveries");
    await road.admin("/api/config", "PUT", {
      ...CONFIGURATION,
      subscribers: { decisioning: { ...subscriber, ratePerSecond: 100 } },
    });
    const before = road.posted.length;
    await owe(10);
    await road.handOut("deliveries");
    expect(road.posted.length - before).toBe(10);
  });

  it("of one is nothing to another", async () => {
    road = await open({ ratePerSecond: 1 }, { free: { ...subscriber, url: "https://free.example.com/" } });
    await owe(5);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(6);
  });
});

describe("a concurrency", () => {
  it("is kept by one batch and by many at a time, until all is delivered at the first attempt", async () => {
    road = await open({ concurrency: 2 });
    await owe(10);
    const most = watchInFlight();
    await road.handOut("deliveries");
    for (let round = 0; round < 10; round++) {
      if (round === 0) await owe(10);
      await Promise.all([road.handOutAtOnce("deliveries"), road.handOutAtOnce("retries")]);
      road.pass(5 * SECOND);
    }
    expect(most()).toBe(2);
    expect(road.posted).toHaveLength(20);
    expect(await attempts()).toEqual([{ state: "delivered", attempts: 1 }]);
    expect((await env.LEDGER.prepare("SELECT * FROM places").all()).results).toEqual([]);
  });

  it("of few that may take long leaves to other batches what would outlast its leases", async () => {
    road = await open({ concurrency: 1, timeoutSeconds: 60 });
    await owe(10);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(4);
    road.pass(5 * SECOND);
    await road.handOut("retries");
    expect(road.posted).toHaveLength(8);
  });

  it("whose holder died is free again when its time is over", async () => {
    road = await open({ concurrency: 1 });
    await owe(1);
    await env.LEDGER.prepare("INSERT INTO places VALUES ('decisioning', 1, 'the dead', ?)")
      .bind(road.clock.at + 10 * SECOND)
      .run();
    await road.handOut("deliveries");
    expect(road.posted).toEqual([]);
    road.pass(11 * SECOND);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });
});

describe("what finds no place", () => {
  it("asks ever less often, so that a long line does not keep the ledger busy; and never waits longer than it has", async () => {
    road = await open({ concurrency: 1 });
    await owe(1);
    await env.LEDGER.prepare("INSERT INTO places VALUES ('decisioning', 1, 'another', ?)")
      .bind(road.clock.at + 300 * SECOND)
      .run();
    await road.handOut("deliveries");
    let asked = 0;
    for (let second = 0; second < 300; second++) {
      asked += await road.handOut("retries");
      road.pass(SECOND);
    }
    expect(asked).toBeLessThanOrEqual(15);
    expect(road.posted).toEqual([]);
    for (let second = 0; second < 60; second++, road.pass(SECOND)) await road.handOut("retries");
    expect(road.posted).toHaveLength(1);
    expect(await attempts()).toEqual([{ state: "delivered", attempts: 1 }]);
  });
});

describe("without the ledger", () => {
  it("there are no limits", async () => {
    road = await open({ ratePerSecond: 1, concurrency: 1 });
    await owe(4);
    const prepare = (sql: unknown): unknown => {
      if (/next_slot_at|places/.test(String(sql))) throw new Error("injected failure");
      return env.LEDGER.prepare(String(sql));
    };
    await road.handOut("deliveries", { LEDGER: faulty(env.LEDGER, { prepare }) });
    expect(road.posted).toHaveLength(4);
  });
});

describe("limits", () => {
  it("of all subscribers of a batch are asked for at once, since nobody's first attempt is made before", async () => {
    const names = ["one", "two", "three"];
    road = await open({}, Object.fromEntries(names.map((name) => [name, { ...subscriber, ratePerSecond: 1 }])));
    await owe(1);
    let [asking, most] = [0, 0];
    const prepare = (sql: unknown): unknown => {
      const statement = env.LEDGER.prepare(String(sql));
      if (!/next_slot_at/.test(String(sql))) return statement;
      const first = async () => {
        most = Math.max(most, ++asking);
        await scheduler.wait(20);
        asking--;
        return { first: road.clock.at };
      };
      return { bind: () => ({ first }) };
    };
    await road.handOut("deliveries", { LEDGER: faulty(env.LEDGER, { prepare }) });
    expect(most).toBe(names.length);
    expect(road.posted).toHaveLength(4);
  });

  it("of one are not kept by another that hangs in the same batch: places are given back, and what waits is sent", async () => {
    road = await open(
      { ratePerSecond: 4, concurrency: 1 },
      { dead: { ...subscriber, url: "https://dead.example.com/" } },
    );
    let [giveUp, hasHung] = [() => {}, false];
    const untilGivenUp = new Promise<void>((resolve) => void (giveUp = resolve));
    road.vendors = async (request) => {
      if (new URL(request.url).host !== "dead.example.com") return undefined;
      hasHung = true;
      await untilGivenUp;
      return new Response("no", { status: 500 });
    };
    await owe(8);
    const batch = road.handOut("deliveries");
    await vi.waitFor(async () => {
      expect(hasHung).toBe(true);
      expect(road.posted).toHaveLength(4);
      expect(road.waiting("retries")).toBe(4);
      expect((await env.LEDGER.prepare("SELECT * FROM places").all()).results).toEqual([]);
    });
    giveUp();
    await batch;
    expect(road.posted).toHaveLength(4);
  });
});

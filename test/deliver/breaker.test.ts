/** Promise 3: a slow or dead subscriber delays nobody else, is left alone while it is dead, and is found again when it is well. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { hurryTimeouts, openRoad, untilAborted, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const subscriber = CONFIGURATION.subscribers.decisioning;

// Each hanging request takes its 30 ms, and some of these make many.
vi.setConfig({ testTimeout: 30_000 });

let road: Road;
let sent = 0;

const open = (subscribers: object) => openRoad({ ...CONFIGURATION, subscribers }, SECRETS);

/** As many new events, in one batch. */
async function owe(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await sendSeon(road, seonFinished({ id: `s-${sent++}` }));
  await road.handOut("inbound");
}

const query = async (sql: string) => (await env.LEDGER.prepare(sql).all<Record<string, unknown>>()).results;
const health = async () => (await query("SELECT * FROM subscribers"))[0];
const reasons = async () => (await query("SELECT reason FROM deliveries")).map(({ reason }) => reason);
const setOpen = (probeAt: number) =>
  env.LEDGER.prepare("INSERT INTO subscribers (name, failures, opened_at, probe_at) VALUES ('decisioning', 10, 1, ?)")
    .bind(probeAt)
    .run();
const times = <T>(count: number, value: () => T): T[] => Array.from({ length: count }, value);
const no = () => new Response("no", { status: 500 });

describe("a subscriber that hangs", () => {
  beforeEach(async () => {
    road = await open({ decisioning: { ...subscriber, retry: [60, 600, 600] } });
    hurryTimeouts();
  });

  it("is left alone after three timeouts: the rest of the batch is skipped, which counts and is on record", async () => {
    road.answers.push(...times(20, () => "hang" as const));
    await owe(10);
    await road.handOut("deliveries");
    // Five at a time, since nobody else waits; then it is known to be slow, and after three to be down.
    expect(road.posted).toHaveLength(5);
    await road.handOut("retries");
    expect(road.posted).toHaveLength(5);
    expect((await reasons()).filter((reason) => reason === "skipped").length).toBeGreaterThanOrEqual(3);
    expect(await query("SELECT DISTINCT state, attempts FROM deliveries")).toEqual([
      { state: "retrying", attempts: 1 },
    ]);
    expect(await health()).toMatchObject({ opened_at: road.clock.at });
    const [row] = await query("SELECT log FROM deliveries WHERE reason = 'skipped'");
    expect(JSON.parse(String(row?.log))).toMatchObject([{ attempt: 1, reason: "skipped" }]);
  });

  it("once is tried among the retries from then on, until it answers", async () => {
    road.answers.push("hang");
    await owe(1);
    await road.handOut("deliveries");
    await owe(2);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(1);
    await road.handOut("retries");
    expect(road.posted).toHaveLength(3);
    await owe(1);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(4);
    expect(await query("SELECT DISTINCT attempts FROM deliveries")).toEqual([{ attempts: 1 }]);
  });

  it("does not hold back the others of its batch", async () => {
    road = await open({
      dead: { ...subscriber, url: "https://dead.example.com/" },
      alive: { ...subscriber, url: "https://alive.example.com/" },
    });
    const order: string[] = [];
    road.vendors = async (request) => {
      const { host } = new URL(request.url);
      order.push(host);
      if (host === "dead.example.com") await untilAborted(request.signal);
      return new Response("{}");
    };
    await owe(6);
    await road.handOut("deliveries");
    // All of the other one's are out before a third of the dead one's is tried.
    const third = order.flatMap((host, index) => (host === "dead.example.com" ? [index] : []))[2] ?? Infinity;
    expect(order.slice(0, third).filter((host) => host === "alive.example.com")).toHaveLength(6);
  });

  it("is left alone by the next batch too, even of an isolate that cannot write it down", async () => {
    road.answers.push(...times(20, () => "hang" as const));
    await owe(3);
    await road.handOut("deliveries");
    await env.LEDGER.prepare("DELETE FROM subscribers").run();
    const before = road.posted.length;
    await owe(3);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(before);
  });

  it("is tried with one delivery every 30 s, then less often; a success lets all through", async () => {
    road.answers.push(...times(3, () => "hang" as const));
    await owe(3);
    await road.handOut("deliveries");
    const openedAt = road.clock.at;
    expect(road.posted).toHaveLength(3);

    road.answers.push(...times(3, () => "hang" as const));
    const probedAt: number[] = [];
    for (let step = 0; step < 70; step++) {
      road.pass(5 * SECOND);
      await owe(1);
      const before = road.posted.length;
      await road.handOut("deliveries");
      await road.handOut("retries");
      const made = road.posted.length - before;
      if (made > 0) probedAt.push((road.clock.at - openedAt) / SECOND);
      expect(made, "one at a time").toBeLessThanOrEqual(1);
      if (probedAt.length === 4) break;
    }
    expect(probedAt).toEqual([30, 90, 210, 450].filter((at) => at <= 350));
    await env.LEDGER.prepare("UPDATE subscribers SET probe_at = 0").run();
    await owe(1);
    await road.handOut("deliveries");
    await road.handOut("retries");
    expect(await health()).toMatchObject({ failures: 0, opened_at: null, last_success_at: road.clock.at });
    const before = road.posted.length;
    await owe(4);
    await road.handOut("deliveries");
    expect(road.posted.length - before).toBe(4);
  });

  it("is probed where retries are made, so that no first attempt waits behind the probe", async () => {
    road.answers.push(...times(3, () => "hang" as const));
    await owe(3);
    await road.handOut("deliveries");
    road.pass(31 * SECOND);
    await owe(2);
    await road.handOut("deliveries");
    expect(road.posted).toHaveLength(3);
    await road.handOut("retries");
    expect(road.posted).toHaveLength(4);
    expect(await query("SELECT DISTINCT attempts FROM deliveries")).toEqual([{ attempts: 1 }]);
  });

  it("is not probed once somebody has paused it", async () => {
    road.answers.push(...times(3, () => "hang" as const));
    await owe(3);
    await road.handOut("deliveries");
    road.pass(31 * SECOND);
    await owe(1);
    await road.handOut("deliveries");
    await road.admin("/api/subscribers/decisioning/pause", "POST");
    await road.handOut("retries");
    expect(road.posted).toHaveLength(3);
    expect(await query("SELECT attempts FROM deliveries WHERE state = 'held'")).toEqual([{ attempts: 0 }]);
  });

  it("is probed by one of two consumers at the same time", async () => {
    road.answers.push(...times(3, () => "hang" as const));
    await owe(3);
    await road.handOut("deliveries");
    road.pass(MINUTE + SECOND);
    await road.handOutAtOnce("retries");
    expect(road.posted).toHaveLength(4);
  });
});

describe("a breaker", () => {
  it("opens after ten failures of any kind in a row, and does not stretch the schedule", async () => {
    road = await open({ decisioning: { ...subscriber, retry: [60, 600] } });
    road.answers.push(...times(15, no));
    await owe(15);
    await road.handOut("deliveries");
    // Those under way at the tenth are not called back.
    expect(road.posted.length).toBeGreaterThanOrEqual(10);
    expect(road.posted.length).toBeLessThanOrEqual(14);
    const due = await query("SELECT DISTINCT due_at FROM deliveries");
    expect(due).toEqual([{ due_at: road.clock.at + MINUTE }]);
  });

  it("never writes a row for a delivery that succeeds", async () => {
    road = await open({ decisioning: subscriber });
    await owe(3);
    await road.drain();
    expect(await query("SELECT * FROM subscribers")).toEqual([]);
    expect(road.posted).toHaveLength(3);
  });

  it("counts what consumers at the same time find", async () => {
    road = await open({ decisioning: subscriber });
    road.answers.push(...times(5, no));
    await owe(5);
    await road.handOutAtOnce("deliveries");
    expect(await health()).toMatchObject({ failures: 5 });
  });

  it("ends a delivery whose whole schedule passes while it is open, without a request", async () => {
    road = await open({ decisioning: { ...subscriber, retry: [] } });
    await owe(1);
    await setOpen(road.clock.at + MINUTE);
    await road.drain();
    expect(road.posted).toEqual([]);
    expect(await query("SELECT state, attempts, reason FROM deliveries")).toEqual([
      { state: "dead", attempts: 1, reason: "skipped" },
    ]);
  });

  it("of a subscriber that is tried only once is closed all the same", async () => {
    road = await open({ decisioning: { ...subscriber, retry: [] } });
    await owe(1);
    await setOpen(road.clock.at);
    await road.drain();
    expect(road.posted).toHaveLength(1);
    expect(await health()).toMatchObject({ failures: 0, opened_at: null });
  });

  it("is not moved by what is the gateway's own fault", async () => {
    road = await open({ decisioning: { ...subscriber, signing: [{ secret: "not-set" }] } });
    await owe(12);
    await road.drain();
    expect(await query("SELECT * FROM subscribers")).toEqual([]);
  });
});

/** `/api/stats`, `/metrics` and `/readyz`, over what really happened on the road. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenD1, brokenKv, brokenR2, hangs } from "../faults.ts";
import { openRoad, type Bindings, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendIncode, sendSeon, seonFinished, incodeStatus } from "../senders.ts";
import { parseExposition } from "./exposition.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

const getJson = async (path: string) => (await road.admin(path)).json<Record<string, unknown>>();

/** Two delivered, one of them at the second attempt; a repeat, and two refusals. */
async function aDay(): Promise<void> {
  await sendSeon(road, seonFinished());
  await sendSeon(road, seonFinished());
  await sendIncode(road, incodeStatus("MANUAL_REVIEW_REJECTED"));
  await road.request("/in/seon", { method: "POST", body: "{}" });
  await road.request("/in/nobody", { method: "POST", body: "{}" });
  road.answers.push(new Response("no", { status: 500 }));
  road.pass(100);
  await road.drain();
  road.pass(6000);
  await road.drain();
}

describe("stats", () => {
  it("tell rates, outcomes, times, attempts and each subscriber's health", async () => {
    await aDay();
    const stats = await getJson("/api/stats?window=15m");
    expect(stats).toMatchObject({
      window: "15m",
      to: new Date(road.clock.at).toISOString(),
      received: { count: 5, sources: { seon: 3, incode: 1, "-": 1 } },
      accepted: { count: 2 },
      repeated: { count: 1 },
      ignored: { count: 0, perMinute: 0 },
      refused: { count: 2, reasons: { unknown_source: 1, "not_verified/credential_missing": 1 } },
      processed: { event: 2 },
      outcomes: { seon: { approved: 1 }, incode: { declined: 1 } },
      latency: { count: 2 },
      attempts: 3,
      retries: 1,
      delivered: 2,
      dead: 0,
      subscribers: { decisioning: { delivered: 2, failed: 1, dead: 0 } },
      backlog: { due: 0, oldestDueSeconds: 0, waiting: 0, held: 0, outbox: 0 },
    });
    const { from, received } = stats as { from: string; received: { perMinute: number } };
    expect(received.perMinute).toBeCloseTo(5 / ((road.clock.at - Date.parse(from)) / MINUTE));
    const { p50, p99 } = stats["latency"] as { p50: number; p99: number };
    expect(p50).toBeGreaterThan(80);
    expect(p50).toBeLessThanOrEqual(113);
    expect(p99).toBeGreaterThan(5120);
    expect(p99).toBeLessThanOrEqual(7241);
  });

  it("count a vendor's ping as ignored, and apart from what was proven and then ignored", async () => {
    const ping = JSON.stringify({ event: "ping", message: "Webhook URL validation check." });
    await road.request("/in/seon", { method: "POST", body: ping });
    await sendSeon(road, JSON.stringify({ event: "idv:draft", details: { sessionId: "s" } }));
    expect(await getJson("/api/stats")).toMatchObject({
      received: { count: 2 },
      ignored: { count: 2 },
      refused: { count: 0 },
    });
    expect(await (await road.admin("/metrics")).text()).toContain(
      'gatepost_received_total{source="seon",answer="ping"} 1',
    );
  });

  it("tell nothing of before their window, by the minute and by the hour", async () => {
    await sendSeon(road, seonFinished());
    const counted = async (window: string) => {
      const { received } = await getJson(`/api/stats?window=${window}`);
      return (received as { count: number }).count;
    };
    road.pass(10 * MINUTE);
    expect([await counted("5m"), await counted("11m"), await counted("24h")]).toEqual([0, 1, 1]);
    road.pass(25 * HOUR);
    expect([await counted("24h"), await counted("2d"), await counted("90d")]).toEqual([0, 1, 1]);
  });

  it.each(["0m", "1s", "91d", "1", "h", "1.5h", "-1h", "1h1h", "9999999d", ""])(
    "refuse a window of %j",
    async (window) => {
      const response = await road.admin(`/api/stats?window=${window}`);
      expect(response.status).toBe(400);
    },
  );

  it("tell what waits, and how long the oldest has been due", async () => {
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    road.world.bindings = {
      INBOUND: { send: () => Promise.reject(new Error("full")), metrics: () => Promise.resolve({ backlogCount: 7 }) },
    };
    await sendSeon(road, seonFinished({ id: "another" }));
    road.pass(90_000);
    const { backlog } = await getJson("/api/stats");
    expect(backlog).toEqual({ due: 1, oldestDueSeconds: 90, waiting: 0, held: 0, outbox: 1, queues: { inbound: 7 } });
  });

  it("tell what was counted although the archive is out of reach", async () => {
    await aDay();
    road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    const stats = await getJson("/api/stats");
    expect(stats).toMatchObject({ delivered: 2 });
    expect(Object.keys(stats)).not.toContain("backlog");
  });
});

describe("metrics", () => {
  it("are Prometheus' text of all that was ever counted, which only falls where it may", async () => {
    await aDay();
    road.pass(100 * 24 * HOUR);
    await road.sweep();
    const response = await road.admin("/metrics");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parseExposition(await response.text());
    const valueOf = (name: string, labels: object = {}) => {
      const family = families.find((each) => name.startsWith(each.name));
      const is = JSON.stringify(Object.entries(labels));
      return family?.samples.find((each) => each.name === name && JSON.stringify(Object.entries(each.labels)) === is)
        ?.value;
    };
    expect(valueOf("gatepost_received_total", { source: "seon", answer: "accepted" })).toBe(1);
    expect(valueOf("gatepost_received_total", { source: "seon", answer: "repeat" })).toBe(1);
    const refused = { source: "seon", answer: "not_verified", reason: "credential_missing" };
    expect(valueOf("gatepost_received_total", refused)).toBe(1);
    expect(valueOf("gatepost_events_total", { vendor: "incode", outcome: "declined" })).toBe(1);
    expect(valueOf("gatepost_deliveries_total", { subscriber: "decisioning", state: "delivered" })).toBe(2);
    expect(valueOf("gatepost_attempts_total", { subscriber: "decisioning" })).toBe(3);
    expect(valueOf("gatepost_retries_total", { subscriber: "decisioning" })).toBe(1);
    expect(valueOf("gatepost_delivery_seconds_count")).toBe(2);
    expect(valueOf("gatepost_delivery_seconds_sum")).toBe(6.2);
    expect(valueOf("gatepost_delivery_seconds_bucket", { le: "0.113" })).toBe(1);
    expect(valueOf("gatepost_delivery_seconds_bucket", { le: "+Inf" })).toBe(2);
    expect(valueOf("gatepost_due_deliveries")).toBe(0);
    expect(valueOf("gatepost_info", { version: "0.1.0" })).toBe(1);
  });

  it("are for nobody without a token", async () => {
    expect((await road.request("/metrics")).status).toBe(401);
    expect((await road.request("/api/stats")).status).toBe(401);
  });
});

describe("readiness", () => {
  const get = async (headers = {}) => {
    const response = await road.request("/readyz", { headers });
    return { status: response.status, body: await response.json<Record<string, unknown>>() };
  };

  it("is told to strangers in one word", async () => {
    expect(await get()).toEqual({ status: 200, body: { status: "ready" } });
  });

  it("is told in full to who is signed in, and to nobody who guesses", async () => {
    const response = await road.admin("/readyz");
    expect(await response.json()).toEqual({
      status: "ready",
      version: "0.1.0",
      bindings: Object.fromEntries(
        ["CONFIG", "IDEMPOTENCY", "TOKENS", "ARCHIVE", "LEDGER", "INBOUND", "SESSIONS", "DELIVERIES", "RETRIES"].map(
          (name) => [name, "reached"],
        ),
      ),
      ledger: "current",
      configuration: { state: "current", version: 1 },
      missing: { secrets: [], bindings: ["METRICS"] },
      backlog: { due: 0, oldestDueSeconds: 0, waiting: 0, held: 0, outbox: 0, queues: {} },
    });
    expect((await get({ authorization: "Bearer a-guess" })).status).toBe(401);
  });

  const faults: [string, () => Bindings][] = [
    ["CONFIG", () => ({ CONFIG: brokenKv(env.CONFIG) })],
    ["TOKENS", () => ({ TOKENS: brokenKv(env.TOKENS) })],
    ["ARCHIVE", () => ({ ARCHIVE: brokenR2(env.ARCHIVE) })],
    ["LEDGER", () => ({ LEDGER: brokenD1(env.LEDGER) })],
    ["INBOUND", () => ({ INBOUND: { metrics: () => Promise.reject(new Error("out")) } })],
    ["DELIVERIES", () => ({ DELIVERIES: { metrics: hangs } })],
  ];

  it.each(faults)(
    "ends where %s cannot be reached, within two seconds, and says so only to who is signed in",
    async (name, fault) => {
      road.world.bindings = fault();
      const startedAt = Date.now();
      expect(await get()).toEqual({ status: 503, body: { status: "not_ready" } });
      expect(Date.now() - startedAt).toBeLessThan(3000);
      const { bindings } = await getJson("/readyz");
      const unreachable = Object.entries(bindings as object).filter(([, state]) => state === "unreachable");
      expect(unreachable).toEqual([[name, "unreachable"]]);
    },
  );

  it("asks the stores again for strangers only after five seconds", async () => {
    await get();
    road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    expect((await get()).status).toBe(200);
    road.pass(5000);
    expect((await get()).status).toBe(503);
  });

  it("says that the last good configuration is used, and names secrets that nobody has set", async () => {
    await road.admin("/api/secrets/unico-basic", "DELETE");
    await env.CONFIG.put("current", '{"sources": "MARKER"}');
    road.pass(120_000);
    const ready = await getJson("/readyz");
    expect(ready).toMatchObject({
      status: "ready",
      configuration: { state: "last_good", version: 1, faults: [{ path: "/sources" }] },
      missing: { secrets: ["unico-basic"] },
    });
    expect(JSON.stringify(ready)).not.toContain("MARKER");
  });

  it("is not while the ledger has forgotten what it knew, until it is reindexed", async () => {
    await road.sweep();
    await env.LEDGER.exec("DELETE FROM cursors");
    expect(await get()).toEqual({ status: 503, body: { status: "not_ready" } });
    expect(await getJson("/readyz")).toMatchObject({ status: "not_ready", ledger: "behind" });
    for (let cursor: string | undefined = ""; cursor !== undefined;) {
      const step = await road.admin(`/api/reindex${cursor && `?cursor=${cursor}`}`, "POST");
      ({ cursor } = await step.json<{ cursor?: string }>());
    }
    expect(await getJson("/readyz")).toMatchObject({ status: "ready", ledger: "current" });
  });

  it("is not where no configuration was ever put", async () => {
    const { keys } = await env.CONFIG.list();
    for (const { name } of keys) await env.CONFIG.delete(name);
    Object.assign(road.world.memory.config, { config: undefined, text: undefined });
    expect(await get()).toEqual({ status: 503, body: { status: "not_ready" } });
    expect(await getJson("/readyz")).toMatchObject({ configuration: { state: "none" } });
  });
});

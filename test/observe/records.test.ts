/** The log: one record per unit of work, with what it cost, all of one webhook in one trace; and the counts that follow from it. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { LogRecord } from "../../src/observe/log.ts";
import { brokenD1, brokenQueue, fails, faulty } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished, signSeon } from "../senders.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const GIVEN = `00-${TRACE}-b7ad6b7169203331-01`;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
  road.logs.length = 0;
});

const of = (stage: LogRecord["stage"]) => road.logs.filter((record) => record.stage === stage);

async function sendTraced(traceparent: string, id = "session-1"): Promise<void> {
  const body = seonFinished({ id });
  const headers = { digest: await signSeon(body), "content-type": "application/json", traceparent };
  await road.request("/in/seon", { method: "POST", headers, body });
}

async function counted(span = "minute"): Promise<Record<string, number>> {
  const { results } = await env.LEDGER.prepare(
    "SELECT key, sum(value) AS count FROM tallies, json_each(counts) WHERE span = ? GROUP BY key",
  )
    .bind(span)
    .all<{ key: string; count: number }>();
  return Object.fromEntries(results.map(({ key, count }) => [key, count]));
}

describe("a webhook's records", () => {
  it("are one per stage, with ids, outcome, time and operations", async () => {
    const { body } = await sendSeon(road, seonFinished());
    road.pass(1500);
    await road.drain();
    const receipt = body["id"];
    const [processed] = of("process");
    const [delivered] = of("deliver");
    expect(road.logs).toHaveLength(3);
    expect(of("receive")[0]).toEqual({
      stage: "receive",
      outcome: "accepted",
      route: "receive",
      status: 200,
      ms: 0,
      source: "seon",
      receipt,
      event: "idv:session_finished",
      traceId: String(receipt).slice(4),
      kv: 1,
      r2: 1,
      d1: 0,
      queue: 1,
      fetch: 0,
    });
    expect(processed).toMatchObject({
      outcome: "event",
      receipt,
      source: "seon",
      vendor: "seon",
      type: "idv.session.finished",
      verdict: "approved",
      lane: "gatepost-inbound",
      batch: 1,
      attempts: 1,
      kv: 0,
      r2: 2,
      d1: 2,
      queue: 1,
      fetch: 0,
    });
    expect(delivered).toMatchObject({
      outcome: "delivered",
      event: processed?.["event"],
      subscriber: "decisioning",
      attempt: 1,
      status: 200,
      latencyMs: 1500,
      lane: "gatepost-deliveries",
      batch: 1,
      kv: 0,
      r2: 2,
      d1: 2,
      queue: 0,
      fetch: 1,
    });
  });

  it("of a batch tell what the batch took, and how large it was", async () => {
    for (const id of ["a", "b", "c"]) await sendSeon(road, seonFinished({ id }));
    await road.drain();
    expect(of("process").map(({ batch, r2, d1 }) => [batch, r2, d1])).toEqual([
      [3, 6, 2],
      [3, 6, 2],
      [3, 6, 2],
    ]);
    expect(of("deliver").map(({ batch, fetch, d1 }) => [batch, fetch, d1])).toEqual([
      [3, 3, 2],
      [3, 3, 2],
      [3, 3, 2],
    ]);
  });

  it("say which receipt and which delivery could not be handled", async () => {
    await sendSeon(road, seonFinished());
    const LEDGER = brokenD1(env.LEDGER);
    await road.handOut("inbound", { LEDGER });
    expect(of("process")).toMatchObject([{ outcome: "again", receipt: of("receive")[0]?.["receipt"], source: "seon" }]);
    road.pass(10_000);
    await road.handOut("inbound");
    await road.handOut("deliveries", { LEDGER });
    const event = of("process").at(-1)?.["event"];
    expect(of("deliver")).toMatchObject([{ outcome: "again", event, subscriber: "decisioning", attempt: 1 }]);
  });
});

describe("a webhook's trace", () => {
  const sentTo = () => road.posted.map(({ headers }) => headers.get("traceparent"));

  it("is its sender's, in every record and at the subscriber, whose request is a span of its own", async () => {
    await sendTraced(GIVEN);
    road.answers.push(new Response("no", { status: 500 }));
    await road.drain();
    road.pass(10_000);
    await road.drain();
    expect(road.logs.map(({ stage, traceId }) => [stage, traceId])).toEqual(
      ["receive", "process", "deliver", "deliver"].map((stage) => [stage, TRACE]),
    );
    const spans = of("deliver").map(({ spanId }) => spanId);
    expect(new Set(spans).size).toBe(2);
    expect(sentTo()).toEqual(spans.map((span) => `00-${TRACE}-${String(span)}-01`));
  });

  it.each(["", "Ana Sample", `${GIVEN}-more`, "x".repeat(600)])("is its own where it came with %#", async (header) => {
    await sendTraced(header);
    await road.drain();
    const own = String(of("receive")[0]?.["receipt"]).slice("rcp_".length);
    expect(road.logs.map(({ traceId }) => traceId)).toEqual([own, own, own]);
    expect(sentTo()[0]).toMatch(new RegExp(`^00-${own}-[0-9a-f]{16}-01$`));
  });

  it("stays not sampled where its sender does not sample", async () => {
    await sendTraced(GIVEN.replace(/01$/, "00"));
    await road.drain();
    expect(sentTo()[0]).toMatch(/-00$/);
  });
});

describe("a request's record", () => {
  const requests = [
    ["GET", "/api/events?session=marker-session", "listEvents", 200, "answered"],
    ["GET", "/api/events/evt_marker", "getEvent", 404, "refused"],
    ["GET", "/api/sessions/seon/marker-session", "getSession", 404, "refused"],
    ["DELETE", "/api/secrets/marker-name", "deleteSecret", 404, "refused"],
  ] as const;

  it.each(requests)("%s %s names route, status and role, and neither path nor query", async (method, path, ...rest) => {
    const [route, status, outcome] = rest;
    await road.admin(path, method);
    expect(road.logs).toEqual([expect.objectContaining({ stage: "http", outcome, route, status, role: "admin" })]);
    expect(JSON.stringify(road.logs)).not.toContain("marker");
  });

  it("of somebody who may not has no role", async () => {
    await road.request("/api/events", { headers: { authorization: "Bearer marker" } });
    expect(road.logs).toMatchObject([{ outcome: "refused", status: 401 }]);
    expect(Object.keys(road.logs[0] ?? {})).not.toContain("role");
  });

  it("says that a store was out of reach", async () => {
    road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    await road.admin("/api/events");
    expect(road.logs).toMatchObject([
      { stage: "http", outcome: "unavailable", reason: "ledger unavailable", status: 503 },
    ]);
  });
});

describe("the sweep's record", () => {
  it("tells what it took up", async () => {
    const { INBOUND } = road.queueBindings;
    road.world.bindings = { INBOUND: brokenQueue };
    await sendSeon(road, seonFinished());
    road.world.bindings = INBOUND === undefined ? {} : { INBOUND };
    await road.sweep();
    expect(of("sweep")).toMatchObject([{ outcome: "done", outbox: 1, overdue: 0, queue: 1, ms: 0 }]);
    expect(await counted()).toMatchObject({ "swept - outbox": 1 });
  });
});

describe("counts", () => {
  it("are of all that was on record, in each span", async () => {
    await sendSeon(road, seonFinished());
    await sendSeon(road, seonFinished());
    await sendSeon(road, JSON.stringify({ event: "idv:draft", details: { sessionId: "s" } }));
    road.answers.push(new Response("no", { status: 500 }));
    await road.drain();
    road.pass(6000);
    await road.drain();
    const expected = {
      "received seon accepted": 1,
      "received seon repeat": 1,
      "received seon ignored": 1,
      "processed seon event": 1,
      "events seon approved": 1,
      "attempted decisioning retrying": 1,
      "attempted decisioning delivered": 1,
      "latency - 7241": 1,
      "latency_sum - ms": 6000,
    };
    expect([await counted(), await counted("hour"), await counted("ever")]).toEqual([expected, {}, {}]);
    road.pass(3_600_000);
    await road.sweep();
    await road.sweep();
    expect([await counted(), await counted("hour"), await counted("ever")]).toEqual([expected, expected, expected]);
  });

  it("of attempts are of requests: what is held or skipped is none, but a delivery that ends so is dead", async () => {
    await road.admin("/api/subscribers/decisioning/pause", "POST");
    await sendSeon(road, seonFinished());
    await road.drain();
    expect(of("deliver")).toMatchObject([{ outcome: "held" }]);
    expect(Object.keys(await counted()).filter((key) => key.startsWith("attempted"))).toEqual([]);
    await road.admin("/api/subscribers/decisioning/resume", "POST");
    const opened = "UPDATE subscribers SET opened_at = 1, probe_at = ?";
    await env.LEDGER.prepare(opened).bind(Number.MAX_SAFE_INTEGER).run();
    const attempts = 10;
    for (let attempt = 0; attempt < attempts; attempt++) {
      await road.drain();
      road.pass(110_000_000);
    }
    expect(await counted()).toMatchObject({
      "attempted decisioning skipped/retrying": attempts - 1,
      "attempted decisioning skipped/dead": 1,
    });
    const stats = await (await road.admin("/api/stats?window=90d")).json<object>();
    expect(stats).toMatchObject({ attempts: 0, retries: 0, dead: 1, latency: { count: 0 } });
    expect(road.posted).toEqual([]);
  });

  it("of strangers name no source that is not configured, however many they try", async () => {
    for (const name of ["marker-a", "marker-b", "marker-c"]) await road.request(`/in/${name}`, { method: "POST" });
    await road.request("/in/seon", { method: "POST", body: "{}" });
    await road.request("/in/seon", { method: "POST", body: "{}" }, "http://gatepost.example.com");
    expect(await counted()).toEqual({
      "received - unknown_source": 3,
      "received seon not_verified/credential_missing": 1,
      "received - plain_http": 1,
    });
  });

  it("that the ledger cannot take hold up no answer and fail no batch", async () => {
    const LEDGER = faulty(env.LEDGER, {
      prepare: (sql) =>
        String(sql).includes("INTO tallies") ? { bind: () => ({ run: fails }) } : env.LEDGER.prepare(String(sql)),
    });
    road.world.bindings = { LEDGER };
    expect((await sendSeon(road, seonFinished())).status).toBe(200);
    await road.drain();
    expect(road.posted).toHaveLength(1);
    road.world.bindings = {};
    await sendSeon(road, seonFinished({ id: "another" }));
    expect(await counted()).toMatchObject({ "received seon accepted": 2, "attempted decisioning delivered": 1 });
  });

  it("are data points too where Analytics Engine is bound, 25 at most", async () => {
    const points: unknown[] = [];
    const METRICS = { writeDataPoint: (point: unknown) => void points.push(point) };
    road.world.bindings = { METRICS };
    await sendSeon(road, seonFinished());
    expect(points).toEqual([{ blobs: ["received", "seon", "accepted"], doubles: [1], indexes: ["received"] }]);
  });
});

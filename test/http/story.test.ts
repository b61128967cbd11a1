/** One event's whole road can be told: what proved it, how its session was read, by which configuration it was made and routed. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { brokenR2 } from "../faults.ts";
import { configurationOf, openReadingRoad, openRegula, runOut } from "../process/accounts.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendRegula, sendSeon, seonFinished } from "../senders.ts";

const { decisioning } = CONFIGURATION.subscribers;
const SUBSCRIBERS = {
  decisioning: { ...decisioning, retry: [5] },
  declined: { ...decisioning, filter: { type: "idv.session.finished", outcome: "declined" } },
  disabled: { ...decisioning, enabled: false },
};
const DOCUMENT = { ...CONFIGURATION, subscribers: SUBSCRIBERS };

type Told = Readonly<Record<string, unknown>> & { id: string; routing: { judgedBy: string; config?: string } };

async function storyOf(road: Road): Promise<Told> {
  const { items } = await (await road.admin("/api/events")).json<{ items: { id: string }[] }>();
  const response = await road.admin(`/api/events/${items[0]?.id}`);
  expect(response.status).toBe(200);
  return response.json<Told>();
}

async function deliverOne(document: object = DOCUMENT): Promise<Road> {
  const road = await openRoad(document, SECRETS);
  await sendSeon(road, seonFinished());
  await road.drain();
  return road;
}

/** The hash of the configuration in force. */
async function versionIn(road: Road): Promise<string | undefined> {
  const { items } = await (await road.admin("/api/config/versions")).json<{ items: { hash: string }[] }>();
  return items[0]?.hash;
}

describe("an event's story", () => {
  it("tells its receipt, what proved it, its routing, its deliveries and every attempt", async () => {
    const road = await openRoad(DOCUMENT, SECRETS);
    road.answers.push(new Response("no", { status: 500 }));
    await sendSeon(road, seonFinished());
    await road.drain();
    road.pass(10_000);
    await road.drain();
    const config = await versionIn(road);
    const told = await storyOf(road);
    expect(told).toMatchObject({
      outcome: "approved",
      event: { specversion: "1.0", id: told.id, data: { session: { externalId: "cust-881" } } },
      receipt: { state: "event", basis: "signature", vendor: "seon", session: "session-1", size: expect.any(Number) },
      verification: { basis: "signature", scheme: "hmac" },
      normalization: { config, version: 1 },
      files: [],
      routing: {
        judgedBy: "the configuration of that time",
        config,
        subscribers: [
          { subscriber: "decisioning", matched: true },
          { subscriber: "declined", matched: false, because: "filter", condition: "outcome" },
          { subscriber: "disabled", matched: false, because: "disabled" },
        ],
      },
      deliveries: [
        {
          subscriber: "decisioning",
          state: "delivered",
          attemptCount: 2,
          attempts: [
            { attempt: 1, at: expect.any(String), ms: expect.any(Number), status: 500, reason: "status_500" },
            { attempt: 2, at: expect.any(String), ms: expect.any(Number), status: 200 },
          ],
        },
      ],
    });
    expect("reading" in told).toBe(false);
  });

  it("judges the routing as it was then, whatever the configuration says by now", async () => {
    const road = await deliverOne();
    const before = await storyOf(road);
    await road.admin("/api/config", "PUT", { ...CONFIGURATION, subscribers: { declined: SUBSCRIBERS.declined } });
    expect((await storyOf(road)).routing).toEqual(before.routing);
    expect(await versionIn(road)).not.toBe(before.routing.config);
  });

  it("says so where the configuration of that time is not on record", async () => {
    const road = await deliverOne();
    const { routing } = await storyOf(road);
    await env.ARCHIVE.delete(`config/${routing.config}.json`);
    expect((await storyOf(road)).routing).toEqual({ ...routing, judgedBy: "the configuration as it is now" });
  });

  it("is still told where the event's bytes are gone", async () => {
    const road = await deliverOne();
    for (const { key } of (await env.ARCHIVE.list({ prefix: "events/" })).objects) await env.ARCHIVE.delete(key);
    const told = await storyOf(road);
    expect([told["outcome"], "event" in told, told.routing]).toEqual([
      "approved",
      false,
      expect.objectContaining({ subscribers: [] }),
    ]);
  });

  it("names every scheme that had to pass", async () => {
    const [hmac] = CONFIGURATION.sources.seon.verify;
    const verify = [{ all: [{ scheme: "none" }, hmac] }];
    const sources = { ...CONFIGURATION.sources, seon: { ...CONFIGURATION.sources.seon, verify } };
    const told = await storyOf(await deliverOne({ ...DOCUMENT, sources }));
    expect(told["verification"]).toEqual({ basis: "signature", scheme: "none+hmac" });
  });

  it("tells how often its session was asked for, when, and what was refused", async () => {
    const road = await openReadingRoad({ patienceSeconds: 600 });
    const regula = openRegula(road);
    regula.sessions.set("one", { status: 2, files: ["front"] });
    regula.trouble = (path) => {
      if (path.startsWith("/files/")) return new Response("no", { status: 403 });
      return regula.count(/sessions/) <= 3 ? new Response("busy", { status: 503 }) : undefined;
    };
    await sendRegula(road, { sessionId: "one" });
    await runOut(road);
    const { reading, verification } = await storyOf(road);
    expect(verification).toEqual({ basis: "credential", scheme: "header" });
    expect(reading).toEqual({
      asked: 2,
      at: expect.stringMatching(/^2026-02-03T10:20:3\d/),
      confirmed: true,
      refusals: ["forbidden 403"],
    });
  });
});

describe("a receipt whose vendor is still asked", () => {
  it("tells how often it was in vain, why, and when it is asked again", async () => {
    const road = await openReadingRoad({ patienceSeconds: 600 });
    const regula = openRegula(road);
    regula.trouble = () => new Response("busy", { status: 503 });
    await sendRegula(road, { sessionId: "one" });
    await runOut(road, 10);
    const { items } = await (await road.admin("/api/receipts?session=one")).json<{ items: object[] }>();
    expect(items).toMatchObject([
      { state: "waiting", reason: "503", asked: 4, dueAt: expect.stringMatching(/^2026-02-03T10:20:/) },
    ]);
  });
});

describe("a configuration that was ever in force is on record", () => {
  const kept = async () => {
    const { objects } = await env.ARCHIVE.list({ prefix: "config/" });
    return objects.map(({ key }) => key).filter((key) => key.endsWith(".json"));
  };

  it("as it was put, once", async () => {
    const road = await openRoad(DOCUMENT, SECRETS);
    await road.admin("/api/config", "PUT", DOCUMENT);
    const version = await versionIn(road);
    expect(await kept()).toEqual([`config/${version}.json`]);
    expect(await (await env.ARCHIVE.get(`config/${version}.json`))?.json()).toEqual(DOCUMENT);
  });

  it("where it came by way of KV, as soon as it is used; and no bad one", async () => {
    const road = await openRoad(DOCUMENT, SECRETS);
    await env.CONFIG.put("current", JSON.stringify(configurationOf()));
    road.pass(600_000);
    await sendSeon(road, seonFinished());
    const both = await kept();
    expect(both).toHaveLength(2);
    await env.CONFIG.put("current", '{"sources":5}');
    road.pass(600_000);
    await sendSeon(road, seonFinished({ id: "session-2" }));
    expect(await kept()).toEqual(both);
  });

  it("even where it came by way of KV and the archive was out of reach at first", async () => {
    const road = await openRoad(DOCUMENT, SECRETS);
    road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    await env.CONFIG.put("current", JSON.stringify(CONFIGURATION));
    road.pass(120_000);
    expect((await sendSeon(road, seonFinished())).status).toBe(200);
    expect(await kept()).toHaveLength(1);
    road.world.bindings = {};
    road.pass(120_000);
    await sendSeon(road, seonFinished());
    expect(await kept()).toHaveLength(2);
  });
});

/** What the gateway says about its sources: told once each time, whoever restarts, and again only after it was over. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createIsolateMemory } from "../../src/isolate.ts";
import { faulty } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished, signSeon } from "../senders.ts";

const MINUTE = 60_000;
/** Minutes. */
const STEP = 5;
const { decisioning } = CONFIGURATION.subscribers;
const watcher = {
  ...decisioning,
  url: "https://watcher.example.com/",
  filter: { type: { $startsWith: "gateway.source." } },
};

let road: Road;
let sent = 0;

async function open(seon: object = {}): Promise<void> {
  const sources = { ...CONFIGURATION.sources, seon: { ...CONFIGURATION.sources.seon, ...seon } };
  road = await openRoad({ sources, subscribers: { decisioning, watcher } }, SECRETS);
}

const accept = () => sendSeon(road, seonFinished({ id: `s-${sent++}`, name: "Ana Sample" }));

async function refuse(count: number, digest?: string): Promise<void> {
  for (let index = 0; index < count; index++)
    await road.request("/in/seon", { method: "POST", body: "{}", ...(digest ? { headers: { digest } } : {}) });
}

/** In a new isolate: nothing that is remembered is its own. Every minute, as cron does it, would only take longer. */
async function pass(minutes: number): Promise<void> {
  // What could not be counted yet is not what this is about.
  road.world.memory = { ...createIsolateMemory(), tallies: road.world.memory.tallies };
  for (let left = minutes; left > 0; left -= STEP) {
    road.pass(Math.min(left, STEP) * MINUTE);
    await road.sweep();
  }
  await road.drain();
}

const told = () => road.events().filter(({ type }) => String(type).startsWith("gateway.source."));
const typesTold = () => told().map(({ type }) => String(type).replace("gateway.source.", ""));

describe("a source that refuses everything", () => {
  it("is told of once, with why, and again only when it has recovered and does so again", async () => {
    await open();
    await accept();
    await pass(15);
    await refuse(15, await signSeon("{}", "another-key"));
    await refuse(6);
    await pass(10);
    expect(told()).toMatchObject([
      {
        source: "/gateway",
        subject: "seon",
        data: {
          source: "seon",
          count: 21,
          reasons: { credential_wrong: 15, credential_missing: 6 },
          lastAcceptedAt: "2026-02-03T10:20:00.000Z",
        },
      },
    ]);
    expect(JSON.stringify(told())).not.toContain("Ana");

    await refuse(20);
    await pass(3);
    expect(typesTold()).toHaveLength(1);
    await pass(10);
    await accept();
    await pass(15);
    await refuse(20);
    await pass(10);
    expect(typesTold()).toEqual(["rejecting", "rejecting"]);
  });

  it("is told of once while strangers flood it and its vendor is heard now and then", async () => {
    await open();
    for (let round = 0; round < 3; round++) {
      await refuse(20);
      await accept();
      await pass(5);
      await refuse(20);
      await pass(10);
    }
    expect(typesTold()).toEqual(["rejecting"]);
  });

  it("is not told of where its vendor is heard among the strangers", async () => {
    await open();
    for (let round = 0; round < 4; round++) {
      await refuse(30);
      await accept();
      await pass(5);
    }
    expect(told()).toEqual([]);
  });

  it("is told of once by two sweeps at the same time", async () => {
    await open();
    await refuse(20);
    road.pass(MINUTE);
    const earlier = road.sweep();
    road.pass(1);
    await Promise.all([earlier, road.sweep()]);
    await pass(2);
    expect(typesTold()).toEqual(["rejecting"]);
  });
});

describe("a source that fell silent", () => {
  it("is told of once, and again when it has sent something and falls silent again", async () => {
    await open({ silentAfterSeconds: 900 });
    await accept();
    await pass(15);
    expect(told()).toEqual([]);
    await pass(15);
    const data = { source: "seon", silentAfterSeconds: 900, lastAcceptedAt: "2026-02-03T10:20:00.000Z" };
    expect(told()).toMatchObject([{ subject: "seon", data }]);
    await accept();
    await pass(25);
    expect(typesTold()).toEqual(["silent", "silent"]);
  });

  it("is not told of where nobody asked for it, nor one that was never heard", async () => {
    await open();
    await accept();
    await pass(25);
    expect(told()).toEqual([]);
    await open({ silentAfterSeconds: 600 });
    await refuse(3);
    await pass(25);
    expect(told()).toEqual([]);
  });

  it("begins anew where it was taken out of the configuration meanwhile", async () => {
    await open({ silentAfterSeconds: 600 });
    await accept();
    await pass(2);
    const config = await (await road.admin("/api/config")).json<{ sources: Record<string, object> }>();
    const put = (enabled: boolean) =>
      road.admin("/api/config", "PUT", {
        ...config,
        sources: { ...config.sources, seon: { ...config.sources["seon"], enabled } },
      });
    await put(false);
    await pass(25);
    await put(true);
    await pass(3);
    expect(told()).toEqual([]);
    expect((await env.LEDGER.prepare("SELECT * FROM sources").all()).results).toEqual([]);
  });
});

describe("sources that are well", () => {
  it("cost one read a minute and a row in five, and their webhooks nothing", async () => {
    await open({ silentAfterSeconds: 600 });
    const statements: string[] = [];
    const prepare = (sql: unknown) => {
      if (/\bsources\b/.test(String(sql))) statements.push(String(sql));
      return env.LEDGER.prepare(String(sql));
    };
    road.world.bindings = { LEDGER: faulty(env.LEDGER, { prepare }) };
    for (let minute = 0; minute < 11; minute++) {
      await accept();
      road.pass(MINUTE);
      await road.sweep();
    }
    const written = statements.filter((sql) => /INSERT|UPDATE|DELETE/.test(sql));
    expect(statements.length - written.length).toBe(11);
    expect(written.length).toBe(3);
  });
});

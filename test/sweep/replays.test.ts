/** A replay puts back what its filter lets through: each once, oldest first, in steps that nothing can double. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenQueue, faulty } from "../faults.ts";
import { problemOf } from "../http/gateway.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const subscriber = { ...CONFIGURATION.subscribers.decisioning, retry: [] };
const FROM = { from: "2026-02-01" };

let road: Road;
let sent = 0;

const configure = (subscribers: object) => road.admin("/api/config", "PUT", { ...CONFIGURATION, subscribers });
const query = async (sql: string) => (await env.LEDGER.prepare(sql).all<Record<string, unknown>>()).results;
const states = async () =>
  (await query("SELECT state FROM deliveries ORDER BY sequence, id")).map(({ state }) => state);
const no = () => new Response("no", { status: 500 });

interface ReplayBody {
  id: string;
  state: string;
  filter: Record<string, unknown>;
  events: number;
  sent: number;
  skipped: number;
}
async function replay(body: object, search = ""): Promise<ReplayBody> {
  const response = await road.admin(`/api/replays${search}`, "POST", body);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** As many sessions, a second apart. @param answer of the subscriber */
async function receive(count: number, answer?: () => Response): Promise<void> {
  for (let index = 0; index < count; index++) {
    await sendSeon(road, seonFinished({ id: `s-${sent++}` }));
    if (answer) road.answers.push(answer());
    await road.drain();
    road.pass(SECOND);
  }
}

beforeEach(async () => {
  sent = 0;
  road = await openRoad({ ...CONFIGURATION, subscribers: { decisioning: subscriber } }, SECRETS);
});

describe("a replay of what died", () => {
  it("sends it again, and nothing else, in the order of receipt", async () => {
    await receive(3, no);
    await receive(2);
    const before = road.posted.length;
    expect(await replay(FROM)).toMatchObject({
      state: "finished",
      events: 3,
      sent: 3,
      skipped: 0,
      filter: { state: "dead" },
    });
    expect([road.waiting("deliveries"), road.waiting("retries")]).toEqual([0, 3]);
    await road.drain();
    expect(road.posted.slice(before).map(({ event }) => event["subject"])).toEqual(["s-0", "s-1", "s-2"]);
    expect(await states()).toEqual(Array(5).fill("delivered"));
  });

  it("keeps to its filter: source, type, outcome, session, person, subscriber and time", async () => {
    await receive(2, no);
    const filters = [
      { source: "incode" },
      { type: "idv.session.progress" },
      { outcome: "declined" },
      { session: "s-9" },
      { externalId: "nobody" },
      { state: "held" },
      { to: "2026-02-03T10:20:30Z" },
    ];
    for (const filter of filters) expect(await replay({ ...FROM, ...filter })).toMatchObject({ events: 0, sent: 0 });
    expect(await states()).toEqual(["dead", "dead"]);
    expect(await replay({ ...FROM, session: "s-1" })).toMatchObject({ sent: 1 });
    expect(await states()).toEqual(["dead", "retrying"]);
    const whole = { source: "seon", type: "idv.session.finished", outcome: "approved", externalId: "cust-881" };
    expect(await replay({ ...FROM, ...whole, subscriber: "decisioning" })).toMatchObject({ events: 1, sent: 1 });
  });

  it("sends what was delivered where that is asked for, and what is owed already not at all", async () => {
    await receive(1);
    await sendSeon(road, seonFinished({ id: "owed" }));
    await road.handOut("inbound");
    road.pass(SECOND);
    expect(await replay({ ...FROM, state: "delivered" })).toMatchObject({ events: 1, sent: 1 });
    expect(await states()).toEqual(["retrying", "pending"]);
    const refused = await road.admin("/api/replays", "POST", { ...FROM, state: "retrying" });
    expect(await problemOf(refused)).toMatchObject({ status: 422, errors: [{ path: "/state" }] });
  });

  it("leaves alone what was delivered between its look and its step", async () => {
    await receive(2, no);
    const LEDGER = faulty(env.LEDGER, {
      batch: async (...parameters) => {
        await env.LEDGER.prepare(
          "UPDATE deliveries SET state = 'delivered' WHERE sequence = (SELECT min(sequence) FROM deliveries)",
        ).run();
        return env.LEDGER.batch(parameters[0] as D1PreparedStatement[]);
      },
    });
    road.world.bindings = { LEDGER };
    expect(await replay(FROM)).toMatchObject({ events: 2, sent: 1, skipped: 1 });
    road.world.bindings = {};
    expect(await states()).toEqual(["delivered", "retrying"]);
  });

  it("leaves what nobody can be sent as it is, and says how much that is", async () => {
    await configure({ decisioning: subscriber, leaving: subscriber });
    await receive(2, no);
    await env.LEDGER.prepare("UPDATE deliveries SET state = 'dead'").run();
    await configure({ decisioning: subscriber });
    expect(await replay(FROM)).toMatchObject({ events: 2, sent: 2, skipped: 2 });
  });
});

it("a replay never goes beyond the moment at which it was asked for", async () => {
  await receive(1, no);
  const asked = new Date(road.clock.at).toISOString();
  const { filter } = await replay({ ...FROM, to: "2099-01-01" });
  expect(filter["to"]).toBe(asked);
});

describe("a replay to subscribers that are named", () => {
  it("gives them what was before them, whatever their filter, and what they see is theirs alone", async () => {
    await receive(2);
    await configure({
      decisioning: subscriber,
      newcomer: { ...subscriber, filter: { outcome: "declined" }, include: [], url: "https://newcomer.example.com/" },
    });
    const before = road.posted.length;
    expect(await replay({ ...FROM, subscribers: ["newcomer"] })).toMatchObject({ events: 2, sent: 2 });
    await road.drain();
    const posted = road.posted.slice(before);
    expect(posted.map(({ url }) => url)).toEqual(Array(2).fill("https://newcomer.example.com/"));
    expect(JSON.stringify(posted)).not.toContain("Ana Sample");
  });

  it("gives them nothing of tests and nothing of the gateway's own, unless that is asked for", async () => {
    const sources = { ...CONFIGURATION.sources, seon: { ...CONFIGURATION.sources.seon, environment: "test" } };
    await road.admin("/api/config", "PUT", { sources, subscribers: { decisioning: subscriber } });
    await receive(1);
    await road.admin("/api/subscribers/decisioning/test", "POST");
    await env.LEDGER.prepare("UPDATE events SET environment = 'live' WHERE source = 'gateway'").run();
    await road.drain();
    road.pass(SECOND);
    const named = { ...FROM, subscribers: ["decisioning"] };
    expect(await replay(named)).toMatchObject({ events: 0 });
    expect(await replay({ ...named, source: "seon" })).toMatchObject({ events: 1, sent: 1 });
    expect(await replay({ ...named, type: "gateway.test" })).toMatchObject({ events: 1, sent: 1 });
  });

  it("passes over an attempt that is under way, and says so", async () => {
    await receive(2);
    await env.LEDGER.prepare(
      "UPDATE deliveries SET lease_until = ? WHERE sequence = (SELECT min(sequence) FROM deliveries)",
    )
      .bind(road.clock.at + MINUTE)
      .run();
    expect(await replay({ ...FROM, subscribers: ["decisioning"] })).toMatchObject({ events: 2, sent: 1, skipped: 1 });
  });
});

describe("what cannot be replayed", () => {
  it.each([
    [{}, "/from"],
    [{ from: "yesterday" }, "/from"],
    [{ from: "2026-01-31T25:00:00Z" }, "/from"],
    [{ from: "2026-01-32" }, "/from"],
    [{ from: "2026-01-01", to: "2026-02-30" }, "/to"],
    [{ from: "2030-01-01" }, "/from"],
    [{ ...FROM, to: "2026-01-01" }, "/to"],
    [{ ...FROM, outcome: "perhaps" }, "/outcome"],
    [{ ...FROM, source: 7 }, "/source"],
    [{ ...FROM, subscriber: "nobody" }, "/subscriber"],
    [{ ...FROM, subscribers: ["decisioning", "nobody"] }, "/subscribers/1"],
    [{ ...FROM, subscribers: [] }, "/subscribers"],
    [{ ...FROM, limit: "3" }, ""],
    [[], ""],
  ])("%j is refused by its path, and nothing is done", async (body, path) => {
    await receive(1, no);
    const refused = await problemOf(await road.admin("/api/replays", "POST", body));
    expect(refused).toMatchObject({ status: 422, type: "urn:gatepost:problem:invalid-replay" });
    expect(refused.errors?.map((each) => each.path)).toContain(path);
    expect(await query("SELECT * FROM replays")).toEqual([]);
    expect(await states()).toEqual(["dead"]);
  });

  it("is counted with dryRun, and nothing is done", async () => {
    await receive(3, no);
    expect(await replay(FROM, "?dryRun=true")).toEqual({ events: 3, deliveries: 3 });
    expect(await replay({ ...FROM, subscribers: ["decisioning"] }, "?dryRun=true")).toEqual({
      events: 3,
      deliveries: 3,
    });
    expect(await query("SELECT * FROM replays")).toEqual([]);
    expect(await states()).toEqual(Array(3).fill("dead"));
  });
});

describe("replays", () => {
  it("whose messages are lost are found by the sweep", async () => {
    await receive(2, no);
    road.world.bindings = { RETRIES: brokenQueue };
    expect(await replay(FROM)).toMatchObject({ state: "finished", sent: 2 });
    road.world.bindings = {};
    road.pass(6 * MINUTE);
    await road.sweep();
    await road.drain();
    expect(await states()).toEqual(["delivered", "delivered"]);
  });

  it("are five at a time, listed newest first, and forgotten after 90 days", async () => {
    for (let count = 0; count < 5; count++) {
      await replay(FROM);
      road.pass(SECOND);
    }
    await env.LEDGER.prepare("UPDATE replays SET state = 'running', finished_at = NULL").run();
    const refused = await road.admin("/api/replays", "POST", FROM);
    expect(await problemOf(refused)).toMatchObject({ status: 409, type: "urn:gatepost:problem:too-many-replays" });
    const list = async (search: string) =>
      (await road.admin(`/api/replays${search}`)).json<{ items: ReplayBody[]; cursor?: string }>();
    const first = await list("?limit=3");
    const second = await list(`?limit=3&cursor=${first.cursor}`);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect([ids.length, second.cursor]).toEqual([5, undefined]);
    expect(ids).toEqual(ids.toSorted().toReversed());
    await road.sweep();
    road.pass(91 * 24 * 60 * MINUTE);
    await road.sweep();
    expect((await list("")).items).toEqual([]);
    expect((await road.admin(`/api/replays/${ids[0]}`)).status).toBe(404);
  });
});

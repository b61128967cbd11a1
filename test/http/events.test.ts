/** Anything can be found: events, receipts, deliveries and sessions over the admin API, by those who may, and nothing personal in a list. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendRegula, sendSeon, seonFinished } from "../senders.ts";
import { problemOf } from "./gateway.ts";

const NAME = "Ana Marker";
const { decisioning } = CONFIGURATION.subscribers;
const SUBSCRIBERS = {
  decisioning: { ...decisioning, retry: [5] },
  declined: { ...decisioning, filter: { type: "idv.session.finished", outcome: "declined" } },
  disabled: { ...decisioning, enabled: false },
};

interface Item {
  readonly [member: string]: unknown;
  id: string;
}

let road: Road;

beforeEach(async () => {
  road = await openRoad({ ...CONFIGURATION, subscribers: SUBSCRIBERS }, SECRETS);
});

async function send(id: string, status = "APPROVED"): Promise<void> {
  await sendSeon(road, seonFinished({ id, status, name: NAME }));
  await road.drain();
  road.pass(1000);
}

const read = async <T = Item>(path: string): Promise<T> => {
  const response = await road.admin(path);
  expect([path, response.status]).toEqual([path, 200]);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return response.json<T>();
};
const list = (path: string) => read<{ items: Item[]; cursor?: string }>(path);
const sessionsOf = async (path: string) => (await list(path)).items.map(({ session }) => session);

describe("a list of events", () => {
  it("tells ids, outcomes and what became of the deliveries, newest first", async () => {
    await send("session-1");
    await send("session-2", "DECLINED");
    const { items, cursor } = await list("/api/events");
    expect(cursor).toBeUndefined();
    expect(items).toEqual([
      expect.objectContaining({ session: "session-2", outcome: "declined", deliveries: { delivered: 2 } }),
      {
        id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
        sequence: expect.any(String),
        receipt: expect.stringMatching(/^rcp_[0-9a-f]{32}$/),
        source: "seon",
        vendor: "seon",
        environment: "live",
        type: "idv.session.finished",
        outcome: "approved",
        session: "session-1",
        time: "2026-02-03T10:20:29.000Z",
        receivedAt: "2026-02-03T10:20:30.000Z",
        deliveries: { delivered: 1 },
      },
    ]);
  });

  it.each([
    ["source=seon", ["session-2", "session-1"]],
    ["source=unico", []],
    ["type=idv.session.finished&outcome=declined", ["session-2"]],
    ["session=session-1", ["session-1"]],
    ["session=session-1&source=incode", []],
    ["externalId=cust-881", ["session-2", "session-1"]],
    ["externalId=cust-882", []],
    ["subscriber=declined", ["session-2"]],
    ["subscriber=declined&state=dead", []],
    ["state=delivered&limit=1", ["session-2"]],
    ["from=2026-02-03T10:20:31Z", ["session-2"]],
    ["to=2026-02-03T10:20:31Z", ["session-1"]],
    ["from=2026-02-03&to=2026-02-04", ["session-2", "session-1"]],
  ])("by %s", async (query, expected) => {
    await send("session-1");
    await send("session-2", "DECLINED");
    expect(await sessionsOf(`/api/events?${query}`)).toEqual(expected);
  });

  it("goes on where its cursor stands", async () => {
    for (const id of ["session-1", "session-2", "session-3"]) await send(id);
    const first = await list("/api/events?limit=2");
    await send("session-4");
    const second = await list(`/api/events?limit=2&cursor=${first.cursor}`);
    const sessions = [...first.items, ...second.items].map(({ session }) => session);
    expect([sessions, second.cursor]).toEqual([["session-3", "session-2", "session-1"], undefined]);
  });

  it("holds nothing personal", async () => {
    await send("session-1");
    const { items } = await list("/api/events");
    const detail = await road.admin(`/api/events/${items[0]?.id}`);
    expect(await detail.text()).toContain(NAME);
    for (const path of ["events", "receipts", "deliveries", `receipts/${items[0]?.["receipt"] as string}`]) {
      const text = await (await road.admin(`/api/${path}`)).text();
      for (const personal of [NAME, "cust-881"]) expect(text).not.toContain(personal);
    }
    const { results } = await env.LEDGER.prepare("SELECT * FROM events").all();
    for (const personal of [NAME, "cust-881"]) expect(JSON.stringify(results)).not.toContain(personal);
  });
});

describe("a query that cannot be used", () => {
  it.each([
    ["/api/events?limit=0", "limit"],
    ["/api/events?limit=201", "limit"],
    ["/api/events?limit=ten", "limit"],
    ["/api/events?type=MARKER", "type"],
    ["/api/events?outcome=MARKER", "outcome"],
    ["/api/events?state=MARKER", "state"],
    ["/api/events?source=MARKER", "source"],
    ["/api/events?session=", "session"],
    ["/api/events?from=MARKER", "from"],
    ["/api/events?from=2026-02-31", "from"],
    ["/api/events?from=2026-04-31T00:00:00Z", "from"],
    ["/api/events?to=2026-99-99", "to"],
    ["/api/events?cursor=MARKER", "cursor"],
    ["/api/events?cursor=W10", "cursor"],
    ["/api/events?source=a&source=b", "source"],
    ["/api/events?MARKER=1", undefined],
    ["/api/events?__proto__=1", undefined],
    ["/api/receipts?state=pending", "state"],
    ["/api/deliveries?event=MARKER", "event"],
    ["/api/sessions/seon/session-1?MARKER=1", undefined],
  ])("%s is refused, by its name and without its value", async (path, parameter) => {
    const response = await road.admin(path);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 400, type: "urn:gatepost:problem:bad-query" });
    expect((problem as { parameter?: string }).parameter).toBe(parameter);
    expect(problem.detail).toMatch(/^(Expected|Allowed|It may)/);
    expect(JSON.stringify(problem)).not.toContain("MARKER");
  });
});

describe("a receipt", () => {
  it("is listed whatever became of it", async () => {
    await send("session-1");
    await sendSeon(road, "{}");
    await sendSeon(road, seonFinished({ id: "session-2", event: "idv:other" }));
    await road.drain();
    const { items } = await list("/api/receipts");
    const told = new Map(items.map(({ state, session }) => [state, session]));
    expect(told).toEqual(
      new Map([
        ["event", "session-1"],
        ["recorded", "session-2"],
        ["unreadable", undefined],
      ]),
    );
    expect(await sessionsOf("/api/receipts?state=recorded&source=seon")).toEqual(["session-2"]);
  });

  it("gives its exact bytes, as a download", async () => {
    const body = `${seonFinished()}  \n`;
    await sendSeon(road, body);
    await road.drain();
    const { items } = await list("/api/receipts");
    const response = await road.admin(`/api/receipts/${items[0]?.id}/body`);
    expect(await response.text()).toBe(body);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "content-disposition": `attachment; filename="${items[0]?.id}"`,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  });
});

describe("deliveries", () => {
  it("are listed by state, subscriber and event", async () => {
    road.answers.push(new Response("no", { status: 410 }));
    await send("session-1");
    await send("session-2");
    const { items } = await list("/api/deliveries?state=dead");
    expect(items).toMatchObject([
      { subscriber: "decisioning", state: "dead", reason: "gone", status: 410, attemptCount: 1 },
    ]);
    const event = items[0]?.["event"] as string;
    expect((await list(`/api/deliveries?event=${event}`)).items).toEqual(items);
    expect((await list("/api/deliveries?subscriber=decisioning")).items).toHaveLength(2);
    expect((await list("/api/deliveries?subscriber=declined")).items).toEqual([]);
    expect((await list("/api/events?state=dead")).items.map(({ id }) => id)).toEqual([event]);
  });
});

describe("a session", () => {
  it("is told with its state and its events", async () => {
    await send("session-1");
    const { items } = await list("/api/events");
    expect(await read("/api/sessions/seon/session-1")).toEqual({
      source: "seon",
      id: "session-1",
      outcome: "approved",
      ended: true,
      time: "2026-02-03T10:20:29.000Z",
      event: items[0]?.id,
      events: { items },
    });
  });
});

describe("what there is none of", () => {
  const none = "0".repeat(32);

  it.each([
    [`/api/events/evt_${none}`, "unknown-event"],
    ["/api/events/MARKER", "unknown-event"],
    [`/api/receipts/rcp_${none}`, "unknown-receipt"],
    [`/api/receipts/rcp_${none}/body`, "unknown-receipt"],
    ["/api/sessions/seon/MARKER", "unknown-session"],
  ])("%s is 404", async (path, type) => {
    const problem = await problemOf(await road.admin(path));
    expect(problem).toMatchObject({ status: 404, type: `urn:gatepost:problem:${type}` });
    expect(JSON.stringify(problem)).not.toContain("MARKER");
  });

  it.each(["events", "events/a", "receipts", "receipts/a", "receipts/a/body", "deliveries", "deliveries/a"])(
    "nobody but the holder of the token reads or changes /api/%s",
    async (path) => {
      expect((await road.request(`/api/${path}`)).status).toBe(401);
      const response = await road.admin(`/api/${path}`, "PUT");
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    },
  );

  it("a receipt that the vendor's session was not read for is found by what its webhook named", async () => {
    await sendRegula(road, { event: "session", sessionId: "session-9" });
    await road.drain();
    expect(await sessionsOf("/api/receipts?session=session-9")).toEqual(["session-9"]);
  });
});

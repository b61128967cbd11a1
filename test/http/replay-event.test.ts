/** One event is sent again to whom it is meant for: to all that had it, or to whoever is named. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { hookRegula, openErasing } from "../erase/erasing.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";
import { problemOf } from "./gateway.ts";

const HOUR = 3_600_000;
const subscriber = CONFIGURATION.subscribers.decisioning;
const SUBSCRIBERS = {
  first: subscriber,
  second: subscriber,
  picky: { ...subscriber, filter: { outcome: "declined" }, redact: ["/data/person"] },
};

let road: Road;
let event: string;

const configure = (subscribers: object) => road.admin("/api/config", "PUT", { ...CONFIGURATION, subscribers });
const replay = (body?: object) => road.admin(`/api/events/${event}/replay`, "POST", body);
const deliveries = async () =>
  (await env.LEDGER.prepare("SELECT subscriber, state, attempts FROM deliveries ORDER BY subscriber").all()).results;

beforeEach(async () => {
  road = await openRoad({ ...CONFIGURATION, subscribers: SUBSCRIBERS }, SECRETS);
  await sendSeon(road, seonFinished());
  await road.drain();
  event = road.posted[0]?.id ?? "none";
  road.pass(HOUR);
});

describe("an event that is replayed", () => {
  // What comes by the network always has a body, be it an empty one.
  it.each([{}, { body: new Uint8Array() }])(
    "goes to all that it has deliveries for, and to nobody else",
    async (body) => {
      const headers = { authorization: `Bearer ${env.ADMIN_TOKEN}` };
      const response = await road.request(`/api/events/${event}/replay`, { method: "POST", headers, ...body });
      expect([response.status, await response.json()]).toMatchObject([
        202,
        { items: [{ state: "retrying" }, { state: "retrying" }], skipped: [] },
      ]);
      await road.drain();
      expect(await deliveries()).toEqual([
        { subscriber: "first", state: "delivered", attempts: 2 },
        { subscriber: "second", state: "delivered", attempts: 2 },
      ]);
    },
  );

  it("goes to whoever is named, though it never was his and his filter would refuse it, as he sees events", async () => {
    const before = road.posted.length;
    expect(await (await replay({ subscribers: ["picky", "picky"] })).json()).toMatchObject({
      items: [{ subscriber: "picky", state: "pending" }],
    });
    expect([road.waiting("deliveries"), road.waiting("retries")]).toEqual([0, 1]);
    await road.drain();
    const posted = road.posted.slice(before);
    expect(posted.map(({ id }) => id)).toEqual([event]);
    expect(posted[0]?.event["data"]).toHaveProperty("session");
    expect(posted[0]?.event["data"]).not.toHaveProperty("person");
    expect(road.logs.filter(({ subscriber: to, latencyMs }) => to === "picky" && latencyMs !== undefined)).toEqual([]);
  });

  it("passes over subscribers that are gone or switched off since, and says why", async () => {
    await configure({ second: { ...subscriber, enabled: false } });
    expect(await (await replay()).json()).toMatchObject({
      items: [],
      skipped: expect.arrayContaining([
        { subscriber: "first", why: "gone" },
        { subscriber: "second", why: "disabled" },
      ]),
    });
  });

  it("passes over an attempt under way; where there is nothing else, 409", async () => {
    await env.LEDGER.prepare("UPDATE deliveries SET lease_until = ? WHERE subscriber = 'first'")
      .bind(road.clock.at + HOUR)
      .run();
    expect(await (await replay()).json()).toMatchObject({
      items: [{ subscriber: "second" }],
      skipped: [{ subscriber: "first", why: "under_way" }],
    });
    const refused = await replay({ subscribers: ["first"] });
    expect(await problemOf(refused)).toMatchObject({ type: "urn:gatepost:problem:delivery-under-way" });
  });

  it.each([
    [{ subscribers: ["first", "nobody"] }, "/subscribers/1"],
    [{ subscribers: "first" }, "/subscribers"],
    [{ subscribers: [] }, "/subscribers"],
    [{ to: ["first"] }, ""],
    [["first"], ""],
  ])("to %j is refused by its path, and goes to nobody", async (body, path) => {
    expect(await problemOf(await replay(body))).toMatchObject({ status: 422, errors: [{ path }] });
    await road.drain();
    expect(road.posted).toHaveLength(2);
  });

  it("has links that are made anew", async () => {
    const world = await openErasing();
    await hookRegula(world, "session-1");
    await world.road.drain();
    world.road.pass(HOUR);
    await world.road.admin(`/api/events/${world.road.posted[0]?.id}/replay`, "POST");
    await world.road.drain();
    const expiries = world.road.posted.map(({ event: { data } }) => {
      const [file] = (data as { files: { url: string }[] }).files;
      return Number(new URL(file?.url ?? "").searchParams.get("expires"));
    });
    expect(expiries).toHaveLength(2);
    expect((expiries[1] ?? 0) - (expiries[0] ?? 0)).toBe(3600);
  });
});

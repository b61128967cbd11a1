/** Nothing of an erased session is sent again, and no replay brings it back or remembers which it was. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { interruptedBindings } from "../faults.ts";
import { eraseSession, hookSeon, leftOf, openErasing, settle, tracesOf, type Erasing } from "./erasing.ts";

const SECOND = 1000;
let world: Erasing;

beforeEach(async () => {
  world = await openErasing();
  for (const id of ["session-7", "session-8"]) {
    await hookSeon(world, id);
    await world.road.drain();
    world.road.pass(SECOND);
  }
});

const from = "2020-01-01";
const subscribers = ["newcomer"];

async function addNewcomer(): Promise<void> {
  const { road } = world;
  const document = await (await road.admin("/api/config")).json<{ subscribers: Record<string, object> }>();
  const newcomer = { ...Object.values(document.subscribers)[0], url: "https://newcomer.example.com/" };
  await road.admin("/api/config", "PUT", { ...document, subscribers: { ...document.subscribers, newcomer } });
}
const sentTo = (host: string) =>
  world.road.posted.filter(({ url }) => new URL(url).host === host).map(({ event }) => event["subject"]);

describe("a session that is erased while it is replayed", () => {
  it.each([
    ["all that it was delivered to", { from, state: "delivered" }],
    ["a subscriber that never had it", { from, subscribers }],
  ])("to %s leaves nothing, at whatever step the erasure comes", async (_to, body) => {
    for (let step = 0; step < 200; step++) {
      world = await openErasing();
      await hookSeon(world, "session-7");
      await world.road.drain();
      await addNewcomer();
      world.road.pass(SECOND);
      const { road } = world;
      const { bindings, hasHappened } = interruptedBindings(road.queueBindings, step, async () => {
        const before = road.world.bindings;
        road.world.bindings = {};
        await eraseSession(world, "seon", "session-7");
        road.world.bindings = before;
      });
      road.world.bindings = bindings;
      const response = await road.admin("/api/replays", "POST", body);
      expect(response.status).toBe(202);
      road.world.bindings = {};
      if (!hasHappened()) {
        expect(step).toBeGreaterThan(2);
        return;
      }
      await settle(world);
      expect([step, await leftOf("seon", "session-7")]).toEqual([step, []]);
      expect((await env.LEDGER.prepare("SELECT * FROM deliveries").all()).results).toEqual([]);
    }
    throw new Error("it never ends");
  });

  it("is not sent, and the others are", async () => {
    await addNewcomer();
    await world.road.admin("/api/replays", "POST", { from, subscribers });
    await eraseSession(world, "seon", "session-7");
    await world.road.drain();
    expect(sentTo("newcomer.example.com")).toEqual(["session-8"]);
  });

  it("is not made a delivery of while its person's erasure has not come to it yet", async () => {
    await addNewcomer();
    const external = (await env.LEDGER.prepare("SELECT external FROM events").first<{ external: string }>())?.external;
    await env.LEDGER.prepare(
      "INSERT INTO tombstones (subject, kind, erased_at, erased_by) VALUES (?, 'person', ?, 'somebody')",
    )
      .bind(external, world.road.clock.at)
      .run();
    const answer = await world.road.admin("/api/replays", "POST", { from, subscribers });
    expect(await answer.json()).toMatchObject({ events: 2, sent: 0, skipped: 2 });
  });

  it("is remembered by no replay that was of it alone, nor does that go on with all the others", async () => {
    const begun = await world.road.admin("/api/replays", "POST", { from, session: "session-7", state: "delivered" });
    const { id } = await begun.json<{ id: string }>();
    await env.LEDGER.prepare(
      "UPDATE replays SET state = 'running', finished_at = NULL, sequence = '', event = ''",
    ).run();
    await world.road.drain();
    await eraseSession(world, "seon", "session-7");
    expect(await (await world.road.admin(`/api/replays/${id}`)).json()).toMatchObject({ filter: { session: "" } });
    expect(await world.road.sweep()).toMatchObject({ replayed: 0 });
    await settle(world);
    expect(await tracesOf("session-7")).toEqual([]);
    expect(await (await world.road.admin(`/api/replays/${id}`)).json()).toMatchObject({ state: "finished" });
  });
});

/** A person is erased with all that was received of it until then, at whatever vendor, under way or not; and may come again. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { hashExternalId } from "../../src/core/ids.ts";
import { sendUnico } from "../senders.ts";
import { erasePerson, hookSeon, leftOf, openErasing, PERSON, settle, type Erasing, tracesOf } from "./erasing.ts";

let world: Erasing;
beforeEach(async () => {
  world = await openErasing();
});

const subjects = () => world.road.events().map(({ subject }) => subject);

async function erased() {
  const response = await erasePerson(world);
  return { status: response.status, ...(await response.json<{ state: string; sessions: number; removed: object }>()) };
}

describe("a person who is erased", () => {
  it("goes with every session, over all sources, and nobody else does", async () => {
    await hookSeon(world, "session-one");
    await hookSeon(world, "session-two");
    await hookSeon(world, "of-another", { person: "somebody-else" });
    await sendUnico(world.road, {
      processId: "process-one",
      state: "PROCESS_STATE_FINISHED",
      result: "ok",
      clientReference: PERSON,
    });
    await world.road.drain();
    expect(await erased()).toMatchObject({ status: 200, kind: "person", state: "done", sessions: 3 });
    for (const [source, id] of [
      ["seon", "session-one"],
      ["seon", "session-two"],
      ["unico", "process-one"],
    ] as const) {
      expect((await world.road.admin(`/api/sessions/${source}/${id}`)).status).toBe(410);
    }
    expect(await tracesOf(PERSON, "session-one", "session-two", "process-one")).toEqual([]);
    expect((await world.road.admin("/api/sessions/seon/of-another")).status).toBe(200);
  });

  it("goes with the events of such a session that did not name the person", async () => {
    const unnamed = { processId: "process-one", state: "PROCESS_STATE_CREATED" };
    await sendUnico(world.road, unnamed);
    await sendUnico(world.road, { ...unnamed, state: "PROCESS_STATE_FINISHED", result: "ok", clientReference: PERSON });
    await world.road.drain();
    expect(world.road.posted).toHaveLength(2);
    expect((await erased()).sessions).toBe(1);
    expect(await leftOf("unico", "process-one")).toEqual([]);
  });

  it("goes with sessions that were only recorded", async () => {
    await hookSeon(world, "session-one", { event: "idv:unheard_of" });
    await world.road.drain();
    expect(await erased()).toMatchObject({ sessions: 1, removed: { receipts: 1 } });
    expect(await leftOf("seon", "session-one")).toEqual([]);
  });

  it("goes with what had been received and was still under way", async () => {
    await hookSeon(world, "session-one");
    expect(await erased()).toMatchObject({ sessions: 0 });
    world.road.pass(1000);
    await hookSeon(world, "session-new");
    await settle(world);
    expect(await leftOf("seon", "session-one")).not.toEqual([]);
    expect(subjects()).toEqual(["session-new"]);
    expect(await tracesOf("session-one")).toEqual([]);
    expect((await world.road.admin("/api/sessions/seon/session-one")).status).toBe(410);
    const tombstones = await env.LEDGER.prepare("SELECT erased_by FROM tombstones").all();
    expect(tombstones.results).toEqual([{ erased_by: "admin" }, { erased_by: "admin" }]);
  });

  it("may come again with a new session, and be erased again; the first one stays erased for ever", async () => {
    await hookSeon(world, "session-one");
    await world.road.drain();
    const first = await erased();
    world.road.pass(1000);
    await hookSeon(world, "session-one", { status: "REJECTED" });
    await hookSeon(world, "session-two");
    await settle(world);
    expect(subjects()).toEqual(["session-one", "session-two"]);
    expect(world.road.posted).toHaveLength(2);
    expect(await erased()).toMatchObject({
      ...first,
      erasedAt: expect.any(String),
      sessions: 2,
      removed: { events: 2 },
    });
    await hookSeon(world, "session-two", { status: "REJECTED" });
    await settle(world);
    expect(await tracesOf("session-one", "session-two", PERSON)).toEqual([]);
  });

  it("of whom nothing is known leaves a tombstone, which holds a hash", async () => {
    expect(await erased()).toMatchObject({ status: 200, id: `ers_${await hashExternalId(PERSON)}`, sessions: 0 });
    expect(await tracesOf(PERSON)).toEqual([]);
  });

  it("with many sessions is gone for whoever asks at once, and the sweep removes the rest", async () => {
    for (let session = 0; session < 25; session++) await hookSeon(world, `session-${session}-of-many`);
    await world.road.drain();
    expect(await erased()).toMatchObject({ status: 202, state: "running", sessions: 25, unfinished: 5 });
    const ledger = await env.LEDGER.prepare("SELECT count(*) AS events FROM events").first();
    expect(ledger).toEqual({ events: 0 });
    await world.road.sweep();
    expect(await tracesOf("-of-many")).toEqual([]);
    const told = await world.road.admin(`/api/erasures/ers_${await hashExternalId(PERSON)}`);
    expect(await told.json()).toMatchObject({ state: "done", removed: { receipts: 25, events: 25, deliveries: 25 } });
  });
});

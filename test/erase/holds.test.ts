/** What is on hold stays, whoever wants it gone, until it is released. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { interruptedBindings } from "../faults.ts";
import { INCODE_URL } from "../process/accounts.ts";
import { incodeStatus, sendIncode } from "../senders.ts";
import { erasePerson, eraseSession, hookSeon, leftOf, openErasing, settle, type Erasing } from "./erasing.ts";

let world: Erasing;
beforeEach(async () => {
  world = await openErasing();
  await hookSeon(world, "session-one");
  await hookSeon(world, "session-two");
  await world.road.drain();
});

const hold = (method: "PUT" | "DELETE", id = "session-one") =>
  world.road.admin(`/api/sessions/seon/${id}/hold`, method);
const session = async (id: string) => (await world.road.admin(`/api/sessions/seon/${id}`)).json();
const rows = async () =>
  (await env.LEDGER.prepare("SELECT id FROM events UNION ALL SELECT id FROM deliveries").all()).results;
const REFUSAL = {
  type: "urn:gatepost:problem:on-hold",
  status: 409,
  held: [{ source: "seon", sessions: 1 }],
};

describe("a session on hold", () => {
  it("says so, since when, and by whom; put on hold again it stays what it was", async () => {
    const since = new Date(world.road.clock.at).toISOString();
    const put = await hold("PUT");
    expect([put.status, await put.json()]).toEqual([
      200,
      { source: "seon", id: "session-one", hold: { since, by: "admin" } },
    ]);
    world.road.pass(1000);
    await hold("PUT");
    expect(await session("session-one")).toMatchObject({ hold: { since, by: "admin" } });
    expect(await session("session-two")).not.toHaveProperty("hold");
  });

  it("is not erased, nor is its person: nothing at all is, and the answer tells how many stand in the way", async () => {
    await hold("PUT");
    const before = await rows();
    for (const refused of [await eraseSession(world, "seon", "session-one"), await erasePerson(world)]) {
      expect([refused.status, await refused.json()]).toMatchObject([409, REFUSAL]);
    }
    await settle(world);
    expect(await rows()).toEqual(before);
    expect((await env.LEDGER.prepare("SELECT * FROM tombstones").all()).results).toEqual([]);
    expect((await eraseSession(world, "seon", "session-two")).status).toBe(200);
  });

  it("is erased once it is released", async () => {
    await hold("PUT");
    expect((await hold("DELETE")).status).toBe(200);
    expect((await hold("DELETE")).status).toBe(404);
    expect((await erasePerson(world)).status).toBe(200);
    expect(await leftOf("seon", "session-one")).toEqual([]);
  });

  it("must be one that there is: a mistaken id would hold nothing", async () => {
    expect((await hold("PUT", "session-tow")).status).toBe(404);
  });

  it("cannot be one that was erased", async () => {
    await eraseSession(world, "seon", "session-one");
    expect((await hold("PUT")).status).toBe(410);
    expect((await env.LEDGER.prepare("SELECT * FROM holds").all()).results).toEqual([]);
  });

  it("may be one that was only recorded", async () => {
    await hookSeon(world, "only-recorded", { event: "idv:unheard_of" });
    await world.road.drain();
    expect((await hold("PUT", "only-recorded")).status).toBe(200);
    expect(await session("only-recorded")).toMatchObject({ hold: { by: "admin" } });
  });

  it("outlives an erasure of its person that could not know of it: what was under way is kept", async () => {
    await hookSeon(world, "session-three", { event: "idv:unheard_of", person: "nobody-yet" });
    await world.road.drain();
    await hold("PUT", "session-three");
    await hookSeon(world, "session-three", { person: "late" });
    expect((await erasePerson(world, "late")).status).toBe(200);
    await settle(world);
    expect(await session("session-three")).toMatchObject({ outcome: "approved", hold: { by: "admin" } });
  });
});

it("a session whose person was erased, held between any two steps of its consumer, is never told of unread", async () => {
  const interview = { ...incodeStatus("ONBOARDING_FINISHED"), externalId: "late" };
  for (let step = 0; ; step++) {
    world = await openErasing();
    world.road.vendors = (request) => {
      if (!request.url.startsWith(INCODE_URL)) return undefined;
      return Response.json(request.url.endsWith("/log-in") ? { token: "token" } : { overall: { status: "OK" } });
    };
    await sendIncode(world.road, incodeStatus("ID_VALIDATION_FINISHED"));
    await world.road.drain();
    const before = world.road.posted.length;
    await sendIncode(world.road, interview);
    expect((await erasePerson(world, "late")).status).toBe(200);
    const statuses: number[] = [];
    const interrupted = interruptedBindings(world.road.queueBindings, step, async () => {
      statuses.push((await world.road.admin("/api/sessions/incode/interview-1/hold", "PUT")).status);
    });
    await world.road.handOut("sessions", interrupted.bindings);
    if (!interrupted.hasHappened()) break;
    await settle(world);
    const told = world.road.events().slice(before);
    expect([step, statuses[0], told.length]).toEqual([step, ...(statuses[0] === 200 ? [200, 1] : [410, 0])]);
    expect(JSON.stringify(told), `before step ${step}`).not.toContain("not_read");
    expect(step).toBeLessThan(40);
  }
});

it("a hold and an erasure at the same moment: one of them wins, and never both", async () => {
  for (let round = 0; round < 10; round++) {
    const id = `session-at-once-${round}`;
    await hookSeon(world, id);
    await world.road.drain();
    const [held, erased] = await Promise.all(
      round % 2 === 0
        ? [hold("PUT", id), eraseSession(world, "seon", id)]
        : [eraseSession(world, "seon", id), hold("PUT", id)].toReversed(),
    );
    const statuses = [held?.status, erased?.status];
    expect([
      [200, 409],
      [410, 200],
    ]).toContainEqual(statuses);
    expect((await leftOf("seon", id)).includes("events")).toBe(held?.status === 200);
  }
});

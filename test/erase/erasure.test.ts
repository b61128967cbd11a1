/** A session that is erased is gone from every store, at once for whoever asks, and nothing brings it back. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { hashSession } from "../../src/core/ids.ts";
import { brokenD1, brokenR2, faulty, fails } from "../faults.ts";
import {
  erasePerson,
  eraseSession,
  hookRegula,
  hookSeon,
  leftOf,
  openErasing,
  settle,
  type Erasing,
  tracesOf,
} from "./erasing.ts";

let world: Erasing;
beforeEach(async () => {
  world = await openErasing();
});

const tombstones = async () =>
  (await env.LEDGER.prepare("SELECT kind, source, subject, erased_by FROM tombstones ORDER BY kind, source").all())
    .results;

async function finished(source: string, id: string): Promise<void> {
  await (source === "seon" ? hookSeon(world, id) : hookRegula(world, id));
  await world.road.drain();
  expect(await leftOf(source, id)).not.toEqual([]);
}

describe("an erased session", () => {
  it.each(["seon", "regula"])("of %s leaves nothing but its tombstone, and says what was removed", async (source) => {
    await finished(source, "session-one");
    const response = await eraseSession(world, source, "session-one");
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        id: `ers_${await hashSession(source, "session-one")}`,
        kind: "session",
        source,
        state: "done",
        erasedAt: new Date(world.road.clock.at).toISOString(),
        erasedBy: "admin",
        sessions: 1,
        unfinished: 0,
        removed: { receipts: 1, events: 1, files: source === "regula" ? 2 : 0, deadLetters: 0, deliveries: 1 },
        notReached: expect.arrayContaining(["ledger_time_travel", "subscribers"]),
      },
    ]);
    expect(await leftOf(source, "session-one")).toEqual([]);
    expect(await tombstones()).toEqual([
      { kind: "session", source, subject: await hashSession(source, "session-one"), erased_by: "admin" },
    ]);
  });

  it("leaves every other session alone, also one of the same id at another vendor", async () => {
    await finished("regula", "session-one");
    await finished("seon", "session-one");
    const before = (await env.LEDGER.prepare("SELECT * FROM events WHERE source = 'seon'").all()).results;
    await eraseSession(world, "regula", "session-one");
    expect((await env.LEDGER.prepare("SELECT * FROM events").all()).results).toEqual(before);
    expect((await env.ARCHIVE.list({ prefix: "events/" })).objects).toHaveLength(1);
    expect((await world.road.admin("/api/sessions/seon/session-one")).status).toBe(200);
  });

  it("is not sent to those who have not had it: what is owed is owed no more", async () => {
    world.road.answers.push(new Response(null, { status: 500 }));
    await finished("seon", "session-one");
    expect(world.road.posted).toHaveLength(1);
    await eraseSession(world, "seon", "session-one");
    await settle(world);
    expect(world.road.posted).toHaveLength(1);
    expect(await leftOf("seon", "session-one")).toEqual([]);
  });

  it("stays erased when it is erased again: the same tombstone, and no harm", async () => {
    await finished("seon", "session-one");
    const first = await (await eraseSession(world, "seon", "session-one")).json();
    world.road.pass(90_000);
    const again = await eraseSession(world, "seon", "session-one");
    expect([again.status, await again.json()]).toEqual([200, first]);
  });

  it("may be one that nobody has heard of: its tombstone stands before it", async () => {
    expect((await eraseSession(world, "seon", "not-yet")).status).toBe(200);
    await hookSeon(world, "not-yet");
    await settle(world);
    expect([await leftOf("seon", "not-yet"), world.road.posted.length]).toEqual([[], 0]);
  });

  it("is erased once by two who do it at the same moment", async () => {
    await finished("regula", "session-one");
    const both = await Promise.all([1, 2].map(() => eraseSession(world, "regula", "session-one")));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await leftOf("regula", "session-one")).toEqual([]);
    expect(await tombstones()).toHaveLength(1);
  });
});

describe("what arrives after an erasure", () => {
  it.each(["seon", "regula"])("of %s brings nothing back, and is answered as any webhook", async (source) => {
    await finished(source, "session-one");
    await eraseSession(world, source, "session-one");
    await settle(world);
    // The same again, something new of it, and, days later, a repeat of that.
    if (source === "regula") await hookRegula(world, "session-one");
    else {
      expect((await hookSeon(world, "session-one")).status).toBe(200);
      expect((await hookSeon(world, "session-one", { status: "REJECTED" })).status).toBe(200);
    }
    await settle(world);
    expect(await leftOf(source, "session-one")).toEqual([]);
    expect(world.road.posted).toHaveLength(1);
    expect(world.road.logs).toContainEqual(expect.objectContaining({ stage: "process", outcome: "erased" }));
  });

  it("does not ask the vendor", async () => {
    await eraseSession(world, "regula", "session-one");
    await hookRegula(world, "session-one");
    await settle(world);
    expect(world.regula.asked).toEqual([]);
  });

  it("by a message that carries the bytes itself brings nothing back", async () => {
    await eraseSession(world, "seon", "session-one");
    world.road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    expect((await hookSeon(world, "session-one")).status).toBe(200);
    world.road.world.bindings = {};
    await settle(world);
    expect(await leftOf("seon", "session-one")).toEqual([]);
  });

  it("and whose message was lost goes too, however late it came", async () => {
    await finished("seon", "session-one");
    await eraseSession(world, "seon", "session-one");
    await settle(world);
    await hookSeon(world, "session-one");
    world.road.queues.delete("inbound");
    expect(await leftOf("seon", "session-one")).toHaveLength(1);
    await settle(world);
    expect(await leftOf("seon", "session-one")).toEqual([]);
  });

  it("finds its receipt gone, and that is no fault", async () => {
    await hookSeon(world, "session-one");
    await eraseSession(world, "seon", "session-one");
    await world.road.drain();
    const processed = world.road.logs.filter(({ stage }) => stage === "process");
    expect(processed).toEqual([expect.objectContaining({ outcome: "erased", attempts: 1 })]);
  });

  it("as a dead letter goes too", async () => {
    await hookSeon(world, "session-one");
    const [held] = world.road.queues.get("inbound") ?? [];
    world.road.queues.clear();
    await eraseSession(world, "seon", "session-one");
    await settle(world);
    const body = { ...(held?.body as object), v: 99 };
    world.road.queues.set("inbound-dead", [{ id: "poison", body, dueAt: 0, attempts: 0 }]);
    await world.road.drain();
    expect(await leftOf("seon", "session-one")).toHaveLength(1);
    await world.road.sweep();
    expect(await leftOf("seon", "session-one")).toEqual([]);
  });

  it("is left over in R2 is found by a later look", async () => {
    await finished("regula", "session-one");
    await eraseSession(world, "regula", "session-one");
    const hash = await hashSession("regula", "session-one");
    for (const minutes of [11, 61, 25 * 60]) {
      await env.ARCHIVE.put(`files/${hash}/${"0".repeat(32)}`, "completed late");
      world.road.pass(minutes * 60_000);
      await world.road.sweep();
      expect(await leftOf("regula", "session-one"), `after ${minutes} minutes`).toEqual([]);
    }
  });
});

describe("a dead letter", () => {
  it("of a session goes with it, its bytes too", async () => {
    world.road.world.bindings = { ARCHIVE: brokenR2(env.ARCHIVE) };
    await hookSeon(world, "session-one");
    world.road.world.bindings = {};
    const [held] = world.road.queues.get("inbound") ?? [];
    world.road.queues.clear();
    const body = { ...(held?.body as object), v: 99 };
    world.road.queues.set("inbound-dead", [{ id: "poison", body, dueAt: 0, attempts: 0 }]);
    await world.road.drain();
    const response = await eraseSession(world, "seon", "session-one");
    expect(await response.json()).toMatchObject({ removed: { deadLetters: 1 } });
    expect((await env.ARCHIVE.list({ prefix: "dead/" })).objects).toEqual([]);
  });
});

describe("an erasure that cannot finish", () => {
  it("because R2 fails half-way is in force, is told as running, and the sweep finishes it", async () => {
    await finished("regula", "session-one");
    let removals = 0;
    const remove = (...keys: unknown[]) => (removals++ === 1 ? fails() : env.ARCHIVE.delete(keys[0] as string[]));
    world.road.world.bindings = { ARCHIVE: faulty(env.ARCHIVE, { delete: remove }) };
    const response = await eraseSession(world, "regula", "session-one");
    const { id, state } = await response.json<{ id: string; state: string }>();
    expect([response.status, state, response.headers.get("location")]).toEqual([202, "running", `/api/erasures/${id}`]);
    expect((await world.road.admin("/api/sessions/regula/session-one")).status).toBe(410);
    expect(await leftOf("regula", "session-one")).not.toEqual([]);
    world.road.world.bindings = {};
    await world.road.sweep();
    expect(await leftOf("regula", "session-one")).toEqual([]);
    const told = await world.road.admin(`/api/erasures/${id}`);
    expect(await told.json()).toMatchObject({ state: "done", unfinished: 0 });
  });

  it("because there is much goes on in steps", async () => {
    await finished("regula", "session-one");
    const prefix = `files/${await hashSession("regula", "session-one")}/`;
    await Promise.all(
      Array.from({ length: 620 }, (_, index) => env.ARCHIVE.put(prefix + String(index).padStart(32, "0"), "x")),
    );
    const response = await eraseSession(world, "regula", "session-one");
    expect([response.status, await response.json()]).toMatchObject([202, { unfinished: 1 }]);
    await world.road.sweep();
    await world.road.sweep();
    expect(await leftOf("regula", "session-one")).toEqual([]);
  });

  it("for a lock on the bucket stands in nobody's way, and is tried again and again", async () => {
    for (let session = 0; session < 21; session++) await eraseSession(world, "seon", `session-${session}-locked`);
    await finished("seon", "session-one");
    world.road.pass(11 * 60_000);
    const locked = { ARCHIVE: faulty(env.ARCHIVE, { list: fails }) };
    world.road.world.bindings = locked;
    await world.road.sweep();
    await eraseSession(world, "seon", "session-one");
    world.road.world.bindings = {};
    await world.road.sweep();
    expect(await leftOf("seon", "session-one")).toEqual([]);
    world.road.pass(11 * 60_000);
    // Twenty at a time.
    for (let run = 0; run < 2; run++) await world.road.sweep();
    const due = await env.LEDGER.prepare("SELECT count(*) AS due FROM tombstones WHERE check_at <= ?")
      .bind(world.road.clock.at)
      .first();
    expect(due).toEqual({ due: 0 });
  });

  it("because the ledger is out changes nothing, and says so", async () => {
    await finished("seon", "session-one");
    world.road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    expect((await eraseSession(world, "seon", "session-one")).status).toBe(503);
    expect((await erasePerson(world)).status).toBe(503);
    world.road.world.bindings = {};
    expect((await world.road.admin("/api/sessions/seon/session-one")).status).toBe(200);
  });
});

describe("who asks for what was erased", () => {
  it("has no file of it any more, though the archive still has them", async () => {
    await finished("regula", "session-one");
    const { results } = await env.LEDGER.prepare("SELECT id FROM files").all<{ id: string }>();
    const open = () => Promise.all(results.map(({ id }) => world.road.admin(`/files/${id}`)));
    expect((await open()).map(({ status }) => status)).toEqual([200, 200]);
    world.road.world.bindings = { ARCHIVE: faulty(env.ARCHIVE, { delete: fails }) };
    expect((await eraseSession(world, "regula", "session-one")).status).toBe(202);
    expect((await env.ARCHIVE.list({ prefix: "files/" })).objects).toHaveLength(2);
    for (const response of await open()) {
      expect([response.status, await response.json()]).toMatchObject([410, { type: "urn:gatepost:problem:erased" }]);
    }
  });

  it("is told that it was, and when; never who or what it was", async () => {
    await finished("regula", "session-one");
    const { items } = await (
      await world.road.admin("/api/events")
    ).json<{ items: { id: string; receipt: string }[] }>();
    const event = await (await world.road.admin(`/api/events/${items[0]?.id}`)).json<{ files: { id: string }[] }>();
    await eraseSession(world, "regula", "session-one");
    const erasedAt = new Date(world.road.clock.at).toISOString();
    const gone = { type: "urn:gatepost:problem:erased", status: 410 };
    const asked = async (path: string, method = "GET") => (await world.road.admin(path, method)).json();
    expect(await asked("/api/sessions/regula/session-one")).toMatchObject({ ...gone, erasedAt });
    expect(await asked("/api/sessions/regula/session-one/pull", "POST")).toMatchObject({ ...gone, erasedAt });
    expect(await asked(`/files/${event.files[0]?.id}`)).toMatchObject(gone);
    expect(await asked(`/api/events/${items[0]?.id}`)).toMatchObject({ status: 404 });
    expect(await asked(`/api/receipts/${items[0]?.receipt}`)).toMatchObject({ status: 404 });
    expect(await asked("/api/erasures/ers_00000000000000000000000000000000")).toMatchObject({ status: 404 });
  });
});

it("KV never holds a session's id or anything of a person", async () => {
  await finished("seon", "session-one");
  await finished("regula", "session-two");
  const kept = await tracesOf("session-one", "session-two", "Unmistakable", "customer-of-ours");
  expect(kept.filter((place) => /^[A-Z]/.test(place))).toEqual([]);
});

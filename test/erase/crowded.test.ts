/** Much that is erased, or cannot be, holds up nobody else. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { hashExternalId } from "../../src/core/ids.ts";
import { fails, faulty } from "../faults.ts";
import { eraseSession, hookSeon, leftOf, openErasing, tracesOf, type Erasing } from "./erasing.ts";

let world: Erasing;
beforeEach(async () => {
  world = await openErasing();
});

it("webhooks of erased sessions that come in great number are erased once for each session and batch", async () => {
  const ids = ["session-one", "session-two"];
  for (const id of ids) await eraseSession(world, "seon", id);
  for (let second = 30; second < 40; second++)
    for (const id of ids) await hookSeon(world, id, { date: `2026-02-03T10:20:${second}.000Z` });
  let lists = 0;
  const list = (options: unknown) => {
    lists++;
    return env.ARCHIVE.list(options as R2ListOptions);
  };
  await world.road.handOut("inbound", { ARCHIVE: faulty(env.ARCHIVE, { list }) });
  // Receipts, events, files and dead letters of each.
  expect([lists, world.road.waiting("inbound")]).toEqual([8, 0]);
  expect(world.road.logs.filter(({ stage, outcome }) => stage === "process" && outcome === "erased")).toHaveLength(20);
  for (const id of ids) expect(await leftOf("seon", id)).toEqual([]);
});

it("persons who were put on hold while they were erased stand in the way of no other erasure, and are tried again", async () => {
  const { at } = world.road.clock;
  for (let person = 0; person < 20; person++) {
    await hookSeon(world, `held-${person}`, { person: `held-person-${person}` });
    await world.road.drain();
    await world.road.admin(`/api/sessions/seon/held-${person}/hold`, "PUT");
    // As a gateway leaves it that dies before it has taken them all.
    await env.LEDGER.prepare(
      "INSERT INTO tombstones (subject, kind, erased_at, erased_by, check_at) VALUES (?1, 'person', ?2, 'admin', ?2)",
    )
      .bind(await hashExternalId(`held-person-${person}`), at)
      .run();
  }
  await hookSeon(world, "session-one");
  await world.road.drain();
  world.road.pass(1000);
  world.road.world.bindings = { ARCHIVE: faulty(env.ARCHIVE, { list: fails }) };
  expect((await eraseSession(world, "seon", "session-one")).status).toBe(202);
  world.road.world.bindings = {};
  for (let run = 0; run < 2; run++) await world.road.sweep();
  expect(await tracesOf("session-one")).toEqual([]);
  await world.road.admin("/api/sessions/seon/held-0/hold", "DELETE");
  world.road.pass(11 * 60_000);
  for (let run = 0; run < 2; run++) await world.road.sweep();
  expect(await tracesOf('"held-0"')).toEqual([]);
  expect(await tracesOf('"held-1"')).not.toEqual([]);
});

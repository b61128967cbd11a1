/** A ledger that was lost knows neither who a session is of nor what is on hold: nothing is erased before it knows again. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { erasePerson, eraseSession, hookSeon, leftOf, openErasing, type Erasing } from "./erasing.ts";

const HOUR = 3_600_000;

let world: Erasing;
beforeEach(async () => {
  world = await openErasing();
  await hookSeon(world, "session-one");
  await world.road.drain();
  world.road.pass(HOUR);
  await world.road.sweep();
});

async function forget(): Promise<void> {
  const tables = ["cursors", "receipts", "sessions", "events", "deliveries"];
  await env.LEDGER.batch(tables.map((table) => env.LEDGER.prepare(`DELETE FROM ${table}`)));
}

async function reindex(): Promise<void> {
  for (let cursor: string | undefined = ""; cursor !== undefined;) {
    const step = await world.road.admin(`/api/reindex${cursor && `?cursor=${cursor}`}`, "POST");
    ({ cursor } = await step.json<{ cursor?: string }>());
  }
}

it("an erasure is refused until the ledger is reindexed, and then takes everything", async () => {
  await forget();
  for (const refused of [await erasePerson(world), await eraseSession(world, "seon", "session-one")]) {
    expect([refused.status, await refused.json()]).toMatchObject([503, { type: "urn:gatepost:problem:ledger-behind" }]);
  }
  expect((await env.LEDGER.prepare("SELECT * FROM tombstones").all()).results).toEqual([]);
  await reindex();
  expect(await (await erasePerson(world)).json()).toMatchObject({ state: "done", sessions: 1 });
  expect(await leftOf("seon", "session-one")).toEqual([]);
});

/** An erasure that falls between any two steps of a consumer: nothing is left, whatever the consumer does afterwards. */
import { describe, expect, it } from "vitest";
import type { QueueName } from "../../src/core/tasks.ts";
import { interruptedBindings } from "../faults.ts";
import {
  erasePerson,
  eraseSession,
  hookRegula,
  hookSeon,
  leftOf,
  openErasing,
  settle,
  type Erasing,
} from "./erasing.ts";

const MOST_STEPS = 40;

interface Road {
  source: string;
  queue: QueueName;
  arrive(world: Erasing): Promise<unknown>;
}

const ID = "session-one";

const ROADS: Readonly<Record<string, Road>> = {
  processes: { source: "seon", queue: "inbound", arrive: (world) => hookSeon(world, ID) },
  "reads a session back": { source: "regula", queue: "sessions", arrive: (world) => hookRegula(world, ID) },
  "reads a session back of which a file fails": {
    source: "regula",
    queue: "sessions",
    async arrive(world) {
      world.regula.trouble = (path) => (path.endsWith("selfie") ? new Response(null, { status: 503 }) : undefined);
      await hookRegula(world, ID);
    },
  },
  delivers: {
    source: "seon",
    queue: "deliveries",
    async arrive(world) {
      await hookSeon(world, ID);
      await world.road.handOut("inbound");
    },
  },
  "delivers in vain": {
    source: "seon",
    queue: "deliveries",
    async arrive(world) {
      world.road.answers.push(new Response(null, { status: 500 }));
      await hookSeon(world, ID);
      await world.road.handOut("inbound");
    },
  },
};

/** Falls before step 0, then 1, … until the consumer is done before it can. */
async function fallBetween(
  { queue, arrive }: Road,
  erase: (world: Erasing) => Promise<Response>,
  check: (world: Erasing, step: number) => Promise<void>,
): Promise<number> {
  for (let step = 0; step < MOST_STEPS; step++) {
    const world = await openErasing();
    await arrive(world);
    const interrupted = interruptedBindings(world.road.queueBindings, step, async () => {
      expect((await erase(world)).status).toBe(200);
    });
    await world.road.handOut(queue, interrupted.bindings);
    if (!interrupted.hasHappened()) return step;
    // At once, and not only by the sweep's later looks.
    await check(world, step);
    await settle(world);
    await check(world, step);
  }
  throw new Error("the consumer takes more steps than expected");
}

describe.each(Object.entries(ROADS))("while a consumer %s", (_what, road) => {
  it("the session can be erased before any of its steps", async () => {
    const steps = await fallBetween(
      road,
      (world) => eraseSession(world, road.source, ID),
      async (world, step) => {
        expect(await leftOf(road.source, ID), `before step ${step}`).toEqual([]);
        // What was on its way to the subscriber cannot be called back.
        expect(world.road.posted.length, `before step ${step}`).toBeLessThanOrEqual(
          road.queue === "deliveries" ? 1 : 0,
        );
      },
    );
    expect(steps).toBeGreaterThan(3);
  });
});

it("while the sweep looks for what was forgotten the session can be erased before any of its steps", async () => {
  for (let step = 0; ; step++) {
    const world = await openErasing();
    await hookSeon(world, ID);
    world.road.queues.clear();
    world.road.pass(10 * 60_000);
    const interrupted = interruptedBindings(world.road.queueBindings, step, () => eraseSession(world, "seon", ID));
    world.road.world.bindings = interrupted.bindings;
    await world.road.sweep();
    world.road.world.bindings = {};
    if (!interrupted.hasHappened()) break;
    await world.road.drain();
    expect(await leftOf("seon", ID), `before step ${step}`).toEqual([]);
    expect(world.road.logs.filter(({ outcome }) => outcome === "again")).toEqual([]);
  }
});

it("while a consumer processes the person can be erased before any of its steps", async () => {
  const steps = await fallBetween(
    ROADS["processes"] ?? fail(),
    (world) => erasePerson(world),
    async (_world, step) => expect(await leftOf("seon", ID), `before step ${step}`).toEqual([]),
  );
  expect(steps).toBeGreaterThan(3);
});

function fail(): never {
  throw new Error("no such road");
}

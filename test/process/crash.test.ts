/** The consumer of a webhook dies between any two steps: the event is delivered, once. */
import { beforeEach, describe, expect, it } from "vitest";
import { dyingBindings } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendIncode, sendSeon, seonFinished, incodeStatus } from "../senders.ts";

const MOST_STEPS = 40;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

/** Dies before step 0, then 1, … until a consumer lives to the end; a new webhook each time. Returns the number of steps. */
async function dieAtEveryStep(
  queue: "inbound" | "deliveries",
  prepare: (step: number) => Promise<void>,
  check: (step: number) => Promise<void>,
) {
  for (let step = 0; step < MOST_STEPS; step++) {
    await prepare(step);
    const dying = dyingBindings(road.queueBindings, step);
    road.world.isDead = dying.isDead;
    await road.handOut(queue, dying.bindings).catch(() => undefined);
    const hasLived = !dying.isDead();
    road.world.isDead = () => false;
    // A lease or a queue's retry may stand in the way for a while; the sweep looks after ten minutes.
    for (let round = 0; round < 3; round++) {
      await road.drain();
      road.pass(600_000);
      await road.sweep();
    }
    await road.drain();
    await check(step);
    if (hasLived) return step;
  }
  throw new Error("the consumer takes more steps than expected");
}

describe("a consumer that dies", () => {
  it("while it processes leaves an event that is delivered exactly once", async () => {
    const steps = await dieAtEveryStep(
      "inbound",
      async (step) => {
        expect((await sendSeon(road, seonFinished({ id: `session-${step}` }))).status).toBe(200);
      },
      async (step) => {
        const mine = road.posted.filter(({ event }) => event.subject === `session-${step}`);
        expect(mine, `died before step ${step}`).toHaveLength(1);
      },
    );
    expect(steps).toBeGreaterThan(4);
  });

  it("while it processes several statements of one session leaves each delivered once, in the right words", async () => {
    await dieAtEveryStep(
      "inbound",
      async (step) => {
        await sendIncode(road, incodeStatus("ONBOARDING_FINISHED", `interview-${step}`));
        road.pass(10);
        await sendIncode(road, incodeStatus("MANUAL_REVIEW_APPROVED", `interview-${step}`));
      },
      async (step) => {
        const mine = road.posted.filter(({ event }) => event.subject === `interview-${step}`);
        expect(
          mine.map(({ event }) => `${String(event.type)} ${String(event.outcome)}`).sort(),
          `died before step ${step}`,
        ).toEqual(["idv.session.finished unknown", "idv.session.updated approved"]);
      },
    );
  });

  it("while it delivers leaves the event delivered; twice only where it died between the 2xx and its record, with one id", async () => {
    const repeated: number[] = [];
    await dieAtEveryStep(
      "deliveries",
      async (step) => {
        await sendSeon(road, seonFinished({ id: `session-${step}` }));
        await road.handOut("inbound");
      },
      async (step) => {
        const mine = road.posted.filter(({ event }) => event.subject === `session-${step}`);
        expect(new Set(mine.map(({ id }) => id)).size, `died before step ${step}`).toBe(1);
        if (mine.length > 1) repeated.push(mine.length);
      },
    );
    expect(repeated.every((times) => times === 2)).toBe(true);
  });
});

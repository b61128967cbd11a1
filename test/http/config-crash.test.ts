/** Whoever changes the configuration dies before any call to any store: the version is in force, or was refused, and never half. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createIsolateMemory } from "../../src/isolate.ts";
import { dyingBindings } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION } from "../senders.ts";

const MOST_STEPS = 40;
const SETTLED_MS = 120_000;

const documentOf = (name: string) => ({ ...CONFIGURATION, $schema: name });
type Named = ReturnType<typeof documentOf>;

async function state(road: Road) {
  const document = await (await road.admin("/api/config")).json<Named>();
  const { items } = await (await road.admin("/api/config/versions")).json<{ items: { by: string }[] }>();
  const { value, metadata } = await env.CONFIG.getWithMetadata<Named, { version?: number }>("current", "json");
  return { document: document.$schema, versions: items.length, stored: value?.$schema, mark: metadata?.version };
}

/** Dies before call 0, then 1, … until the change is answered; each time anew. Returns whether each was made. */
async function dieAtEveryStep(
  prepare: (road: Road) => Promise<void>,
  act: (road: Road) => Promise<Response>,
  before: string,
): Promise<boolean[]> {
  const made: boolean[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    const road = await openRoad(documentOf("first"), {});
    await prepare(road);
    const count = (await state(road)).versions;
    const dying = dyingBindings(road.queueBindings, step);
    road.world.bindings = dying.bindings;
    const response = await act(road).catch(() => undefined);
    road.world.bindings = {};
    // Nobody remembers what the dead one had in mind.
    road.world.memory = createIsolateMemory();
    road.pass(SETTLED_MS);
    expect(await road.sweep()).toMatchObject({ failures: [] });
    const after = await state(road);
    const isMade = after.versions === count + 1;
    made.push(isMade);
    const name = isMade ? "second" : before;
    expect(after, `died before call ${step}`).toMatchObject({
      document: name,
      stored: name,
      versions: isMade ? count + 1 : count,
    });
    if (response?.status === 200) expect(isMade, `answered 200, dead before call ${step}`).toBe(true);
    if (!dying.isDead()) return made;
  }
  throw new Error("the change takes more steps than expected");
}

/** No step after the one that decides it leaves the change unmade. */
const isDecidedOnce = (made: readonly boolean[]): boolean => !made.slice(made.indexOf(true)).includes(false);

const put = (road: Road) => road.admin("/api/config", "PUT", documentOf("second"));

describe("a change that dies before any call", { timeout: 60_000 }, () => {
  it("is in force in the end, or never was; and was there from the call on that decides it", async () => {
    const made = await dieAtEveryStep(async () => undefined, put, "first");
    expect(isDecidedOnce(made)).toBe(true);
    expect([made.includes(true), made.includes(false), made.length > 8]).toEqual([true, true, true]);
  });

  it("and follows what somebody put there without the gateway, does not make that newer than itself", async () => {
    const putByHand = async (road: Road) => {
      road.pass(SETTLED_MS);
      await env.CONFIG.put("current", JSON.stringify(documentOf("by hand")));
      await road.admin("/api/config");
      road.pass(SETTLED_MS);
    };
    const made = await dieAtEveryStep(putByHand, put, "by hand");
    expect(isDecidedOnce(made)).toBe(true);
  });

  it("and rolls back, goes back whole or not at all", async () => {
    const twice = async (road: Road) => {
      await put(road);
      await road.admin("/api/config", "PUT", documentOf("third"));
      road.pass(SETTLED_MS);
    };
    await dieAtEveryStep(twice, (road) => road.admin("/api/config/rollback", "POST", { version: 2 }), "third");
  });
});

/** What no URL can carry, or nobody wants in one, is erased by a request that names it in its body. */
import { beforeEach, describe, expect, it } from "vitest";
import { hookSeon, leftOf, openErasing, type Erasing } from "./erasing.ts";

let world: Erasing;
beforeEach(async () => {
  world = await openErasing();
});

describe("an id that no URL can carry", () => {
  it.each(["..", "a/b", `${"long ".repeat(200)}id`])("%s is erased by a body that names it", async (id) => {
    await hookSeon(world, id);
    await world.road.drain();
    expect(await leftOf("seon", id)).not.toEqual([]);
    const body = { source: "seon", session: id };
    const response = await world.road.admin("/api/erasures", "POST", body);
    expect([response.status, await response.json()]).toMatchObject([200, { state: "done", removed: { events: 1 } }]);
    expect(await leftOf("seon", id)).toEqual([]);
  });

  it.each([{}, { source: "seon" }, { externalId: "" }, { source: "seon", session: "a", externalId: "b" }, []])(
    "that the body does not name is asked for: %j",
    async (body) => {
      expect((await world.road.admin("/api/erasures", "POST", body)).status).toBe(422);
    },
  );
});

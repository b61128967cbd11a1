/** At least once to a subscriber that fails, and no more than that to one that took the event or wants no more. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createRegula } from "../simulators/regula/regula.ts";
import type { Behaviour, Delivery } from "../simulators/subscriber.ts";
import { openGateway, type Gateway } from "./gateway.ts";

/** How each subscriber behaves, request by request, and the schedule on which it is tried again, in seconds. */
const SUBSCRIBERS: Readonly<Record<string, { retry: readonly number[]; behaviours: readonly Behaviour[] }>> = {
  "fails-once": { retry: [1, 1], behaviours: [{ status: 500 }, { status: 200 }] },
  "is-gone": { retry: [1, 1], behaviours: [{ status: 410 }] },
  hangs: { retry: [1], behaviours: [{ instead: "hang" }] },
  resets: { retry: [1], behaviours: [{ instead: "reset" }] },
  redirects: { retry: [1], behaviours: [{ status: 302, headers: { location: "/elsewhere" } }] },
  "never-takes": { retry: [1], behaviours: [{ status: 500 }, { status: 500 }, { status: 500 }] },
  "is-forgotten": { retry: [1], behaviours: [] },
  "is-busy": { retry: [1], behaviours: [{ status: 429, headers: { "retry-after": "5" } }] },
};

let gateway: Gateway;

beforeAll(async () => {
  const header = { scheme: "header", name: "X-Gateway-Secret", values: [{ secret: "hook" }] };
  gateway = await openGateway(
    (url) => ({
      sources: Object.fromEntries(
        Object.keys(SUBSCRIBERS).map((name) => [
          name,
          { vendor: "regula", verify: [header], events: { "*": "deliver" } },
        ]),
      ),
      subscribers: Object.fromEntries(
        Object.entries(SUBSCRIBERS).map(([name, { retry }]) => [
          name,
          {
            url: `${url}/${name}`,
            filter: { source: name },
            signing: [{ secret: "signing" }],
            retry,
            timeoutSeconds: 1,
          },
        ]),
      ),
    }),
    { hook: "shared-secret" },
  );
});

afterAll(() => gateway.close());

/** What the ledger says in the end of the one delivery to this subscriber, and all requests that came. */
async function sendTo(name: string): Promise<{ settled: Record<string, unknown>; requests: Delivery[] }> {
  gateway.subscriber.script(`/${name}`, SUBSCRIBERS[name]?.behaviours ?? []);
  const regula = createRegula({
    ...gateway.account(name),
    header: { name: "X-Gateway-Secret", value: "shared-secret" },
  });
  await regula.send(regula.payloads.session());
  const settled = await vi.waitFor(
    async () => {
      const [row] = await gateway.query(
        "SELECT state, attempts, reason FROM deliveries WHERE subscriber = ? AND state NOT IN ('pending', 'retrying')",
        name,
      );
      if (!row) throw new Error(`the delivery to ${name} is not settled`);
      return row;
    },
    { timeout: 20_000, interval: 100 },
  );
  return { settled, requests: gateway.subscriber.deliveries.filter(({ path }) => path === `/${name}`) };
}

describe.concurrent("a subscriber", () => {
  it.each([
    ["answers 500 once", "fails-once"],
    ["hangs once and is timed out", "hangs"],
    ["breaks the connection once", "resets"],
    ["redirects once, which is no success", "redirects"],
  ])("that %s gets the same event again, under the same id", async (_what, name) => {
    const { settled, requests } = await sendTo(name);
    expect(settled).toMatchObject({ state: "delivered", attempts: 2 });
    expect(requests).toHaveLength(2);
    const [first, second] = requests;
    expect(second?.id).toBe(first?.id);
    expect(second?.body).toEqual(first?.body);
    expect(second?.event, "signed anew, and verified").toBeDefined();
  });

  it("that answers 410 is not asked again", async () => {
    const { settled, requests } = await sendTo("is-gone");
    expect(settled).toEqual({ state: "dead", attempts: 1, reason: "gone" });
    expect(requests).toHaveLength(1);
  });

  it("that never takes the event is tried as often as its schedule says", async () => {
    const { settled, requests } = await sendTo("never-takes");
    expect(settled).toEqual({ state: "dead", attempts: 2, reason: "status_500" });
    expect(requests).toHaveLength(2);
  });

  it("that asks for time is given it", async () => {
    const { settled, requests } = await sendTo("is-busy");
    expect(settled).toMatchObject({ state: "delivered", attempts: 2 });
    const [first, second] = requests;
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(5000);
  });

  it("to whom something is owed that no queue knows of is found by the sweep", async () => {
    const { requests } = await sendTo("is-forgotten");
    await gateway.query(
      "UPDATE deliveries SET state = 'pending', attempts = 0, due_at = ? WHERE subscriber = ?",
      Date.now() - 5000,
      "is-forgotten",
    );
    await gateway.sweep();
    const subject = requests[0]?.event?.subject ?? "";
    const [first, second] = await gateway.delivered(subject, 2);
    expect(second?.id).toBe(first?.id);
  });
});

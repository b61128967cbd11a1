/** D1 is out for a while, under load: no vendor notices, and afterwards everything is delivered, nothing lost and nothing twice. */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { signedWebhooks, SOURCE, WEBHOOK_SECRET, type SignedWebhook } from "../bench/webhooks.ts";
import { median } from "../bench/statistics.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const CONFIGURATION = (url: string) => ({
  sources: {
    [SOURCE]: {
      vendor: "seon",
      verify: [{ scheme: "hmac", secrets: [{ secret: "seon" }] }],
      events: { "idv:session_finished": "deliver", "*": "deliver" },
    },
  },
  subscribers: { all: { url: `${url}/all`, signing: [{ secret: "signing" }], retry: [5] } },
});

const WEBHOOKS = 240;
/** One in this many milliseconds. */
const PACE = 40;
/** Which webhooks come while D1 is out: for six seconds. */
const [OUT_FROM, OUT_TO] = [60, 210];
/** Less than anybody waits for D1, milliseconds. */
const PROMPT = 2000;
const ALL_WITHIN = 50_000;

const switchLedger = async (gateway: Gateway, how: "fails" | "hangs" | "works") =>
  (await (await fetch(`${gateway.url}/ledger/${how}`, { method: "POST" })).json()) as { calls: number };

/** Milliseconds until it is answered. */
async function send(gateway: Gateway, { body, headers }: SignedWebhook): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${gateway.url}/in/${SOURCE}`, { method: "POST", headers, body: new Uint8Array(body) });
  const answer = (await response.json()) as { success: boolean };
  expect([response.status, answer.success]).toEqual([200, true]);
  return performance.now() - startedAt;
}

/** How long the answers took while D1 was out, and otherwise; how often it was called in vain. */
async function sendAll(gateway: Gateway, how: "fails" | "hangs") {
  const answered: Promise<number>[] = [];
  let calls = 0;
  for (const [index, webhook] of signedWebhooks(WEBHOOKS, how.length * 7 + how.charCodeAt(0), "news only").entries()) {
    if (index === OUT_FROM) await switchLedger(gateway, how);
    if (index === OUT_TO) ({ calls } = await switchLedger(gateway, "works"));
    answered.push(send(gateway, webhook));
    await pause(PACE);
  }
  const times = await Promise.all(answered);
  const usual = [...times.slice(0, OUT_FROM), ...times.slice(OUT_TO)];
  return { during: times.slice(OUT_FROM, OUT_TO), usual, calls };
}

describe("while D1", () => {
  it.concurrent.each(["fails", "hangs"] as const)(
    "%s, every webhook is answered as usual, and everything is delivered once when it is back",
    async (how) => {
      const gateway = await openGateway(CONFIGURATION, { seon: WEBHOOK_SECRET }, "test/workers/unsteady-ledger.ts");
      try {
        const { during, usual, calls } = await sendAll(gateway, how);
        expect(calls).toBeGreaterThan(0);
        expect(median(during)).toBeLessThan(2 * median(usual) + 20);
        expect(Math.max(...during)).toBeLessThan(PROMPT);

        const idsOf = () => gateway.subscriber.deliveries.map(({ id }) => id);
        await vi.waitFor(() => expect(new Set(idsOf()).size).toBe(WEBHOOKS), { timeout: ALL_WITHIN, interval: 250 });
        const states = "SELECT state, count(*) AS deliveries FROM deliveries GROUP BY state";
        const allDelivered = [{ state: "delivered", deliveries: WEBHOOKS }];
        await vi.waitFor(async () => expect(await gateway.query(states)).toEqual(allDelivered), {
          timeout: ALL_WITHIN,
          interval: 250,
        });
        // What was promised is done: there is nothing for the sweep to find.
        for (let minute = 0; minute < 2; minute++) await gateway.sweep();
        await pause(2000);
        expect(idsOf()).toHaveLength(WEBHOOKS);
      } finally {
        await gateway.close();
      }
    },
    120_000,
  );
});

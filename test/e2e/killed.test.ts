/**
 * The gateway is killed in the middle of its work, several times, and started again on what it had stored. Its queues forget all they held,
 * which is more than the platform's ever would: what they owe is found again by the sweep.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { signedWebhooks, SOURCE, WEBHOOK_SECRET, type SignedWebhook } from "../bench/webhooks.ts";
import { createAdmin } from "../simulators/admin.ts";
import { seeded } from "../simulators/invention.ts";
import { startSubscriber } from "../simulators/subscriber.ts";
import { ADMIN_TOKEN, MASTER_KEY, SIGNING_SECRET } from "./gateway.ts";
import { startMortalWorker, type MortalWorker } from "./mortal-worker.ts";
import { sharedBundle } from "./shared-bundles.ts";

const SEED = 20_261_124;
const WEBHOOKS = 300;
/** So many at once, then so many milliseconds of rest; and a sweep, which takes up what has its message still. */
const BURST = 5;
const PACE = 100;
const KILLS = 3;
/** Milliseconds until a vendor that got no answer comes again, and what a subscriber takes its time for at most. */
const COMES_AGAIN_AFTER = 100;
const DAWDLES = 60;
const ALL_WITHIN = 60_000;
/** What a dead consumer has its deliveries for, milliseconds. */
const LEASE = 360_000;
const IS_LEASED = "lease_until > 1000 * unixepoch('subsec')";

const VARIABLES = { ADMIN_TOKEN, MASTER_KEY, EGRESS_ALLOW: "127.0.0.1", RECONCILE_AFTER_SECONDS: "0.2" };

const CONFIGURATION = (url: string) => ({
  sources: {
    [SOURCE]: {
      vendor: "seon",
      verify: [{ scheme: "hmac", secrets: [{ secret: "seon" }] }],
      events: { "*": "deliver" },
    },
  },
  subscribers: { all: { url: `${url}/all`, signing: [{ secret: "signing" }] } },
});

const random = seeded(SEED);

/** After how many acknowledged webhooks it dies: once in each stretch of the run. */
const moments = Array.from({ length: KILLS }, (_, index) => Math.ceil(((index + random()) * WEBHOOKS) / KILLS));

it(
  "killed in the middle of a run and started again, the gateway loses nothing that it acknowledged",
  { timeout: 120_000 },
  async ({ annotate }) => {
    const folder = mkdtempSync(join(tmpdir(), "gatepost-killed-"));
    const script = await sharedBundle("src/index.ts");
    const subscriber = await startSubscriber(SIGNING_SECRET);
    const start = () => startMortalWorker(script, folder, VARIABLES);
    let worker = await start();
    let restarted: Promise<void> | undefined;
    try {
      const admin = createAdmin(worker.url, ADMIN_TOKEN, fetch);
      await admin.putSecret("signing", SIGNING_SECRET);
      await admin.putSecret("seon", WEBHOOK_SECRET);
      await admin.putConfig(CONFIGURATION(subscriber.url));
      subscriber.meet("/all", ({ event }) => ({ delay: random() * DAWDLES, ...(event ? {} : { status: 401 }) }));

      const acknowledged = new Set<string>();
      /** What the dead were at, one entry each time. */
      const underWay: unknown[] = [];
      const owedAtKills: number[] = [];
      const until = AbortSignal.timeout(ALL_WITHIN);

      const killAndRestart = async () => {
        owedAtKills.push(acknowledged.size - new Set(subscriber.deliveries.map(({ id }) => id)).size);
        await worker.kill();
        const next = await start();
        underWay.push(
          ...(await next.query(`SELECT event FROM deliveries WHERE ${IS_LEASED}`)).map(({ event }) => event),
        );
        // The six minutes pass in which the dead have their deliveries.
        await next.query(`UPDATE deliveries SET lease_until = lease_until - ${LEASE} WHERE ${IS_LEASED}`);
        worker = next;
      };
      const sendUntilTaken = async (webhook: SignedWebhook) => {
        while (!(await isTaken(worker, webhook))) {
          until.throwIfAborted();
          await pause(COMES_AGAIN_AFTER);
        }
        acknowledged.add(webhook.session);
        // Not a moment later than the answer: whatever was not durable by then is lost.
        if (acknowledged.size === moments[owedAtKills.length]) restarted = killAndRestart();
      };

      const sending: Promise<void>[] = [];
      for (const [index, webhook] of signedWebhooks(WEBHOOKS, SEED, "news only").entries()) {
        sending.push(sendUntilTaken(webhook));
        if (index % BURST > 0) continue;
        await restarted;
        await Promise.all([worker.sweep().catch(() => undefined), pause(PACE)]);
      }
      await Promise.all(sending);
      await restarted;
      expect(acknowledged.size).toBe(WEBHOOKS);
      expect(owedAtKills).toHaveLength(KILLS);
      expect(Math.min(...owedAtKills)).toBeGreaterThan(0);

      await untilAllDelivered(worker, until);
      const { deliveries } = subscriber;
      expect(deliveries.filter(({ event }) => !event)).toEqual([]);
      const came = Map.groupBy(deliveries, ({ event }) => String(event?.subject));
      expect(new Set(came.keys())).toEqual(acknowledged);
      const again = [...came.values()].filter(({ length }) => length > 1);
      for (const [first, ...copies] of again) {
        expect(new Set(copies.map(({ id }) => id)), "what comes again is the same event").toEqual(new Set([first?.id]));
        const timesUnderWay = underWay.filter((event) => event === first?.id).length;
        expect(copies.length, "comes again because a consumer died with it").toBeLessThanOrEqual(timesUnderWay);
      }
      await annotate(`killed after ${moments.join(", ")}, owing ${owedAtKills.join(", ")}`);
      await annotate(`${again.length} of ${WEBHOOKS} came again; ${underWay.length} were under way`);
    } finally {
      await restarted?.catch(() => undefined);
      await worker.kill();
      await subscriber.close();
      rmSync(folder, { recursive: true });
    }
  },
);

/** An answer that breaks off is none. */
async function isTaken({ url }: MortalWorker, { body, headers }: SignedWebhook): Promise<boolean> {
  try {
    const response = await fetch(`${url}/in/${SOURCE}`, { method: "POST", headers, body: new Uint8Array(body) });
    const answer = (await response.json()) as { success: boolean };
    return response.ok && answer.success;
  } catch {
    return false;
  }
}

/** And nothing is left to be done. */
async function untilAllDelivered(worker: MortalWorker, until: AbortSignal): Promise<void> {
  for (;;) {
    const [row] = await worker.query("SELECT count(*) AS delivered FROM deliveries WHERE state = 'delivered'");
    if (row?.["delivered"] === WEBHOOKS) return;
    if (until.aborted) throw new Error(`only ${String(row?.["delivered"])} of ${WEBHOOKS} were delivered`);
    await worker.sweep();
    await pause(1000);
  }
}

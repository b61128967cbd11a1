/**
 * A whole gateway with nothing replaced: the Worker in workerd with local KV, R2, D1 and Queues, and a subscriber on the
 * loopback that verifies what it is sent. Simulated vendors call it over HTTP.
 */
import { vi } from "vitest";
import { startLocalWorker } from "../local-worker.ts";
import { createAdmin, type Admin } from "../simulators/admin.ts";
import { seeded } from "../simulators/invention.ts";
import type { Account } from "../simulators/sending.ts";
import { startSubscriber, type Delivery, type Subscriber } from "../simulators/subscriber.ts";
import { sharedBundle } from "./shared-bundles.ts";

export const SIGNING_SECRET = "whsec_ZW5kLXRvLWVuZC1zaWduaW5nLXNlY3JldC0wMTIzNDU=";
export const ADMIN_TOKEN = "an-admin-token-of-the-end-to-end-tests-0123456789";
export const MASTER_KEY = "ZW5kLXRvLWVuZC1tYXN0ZXIta2V5LTMyLWJ5dGVzISE=";

// Tests mostly wait for queues that gather messages, so all of a file wait together. And only failures are worth a line.
vi.setConfig({ maxConcurrency: 50 });
process.env["WRANGLER_LOG"] ??= "error";
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";

/** The longest that anything on the road may take, milliseconds; mostly queues that gather messages. */
const ARRIVES_WITHIN = 30_000;

/** A delivery that has been verified and read. */
export type Verified = Delivery & { event: NonNullable<Delivery["event"]> };

export interface Gateway {
  url: string;
  admin: Admin;
  subscriber: Subscriber;
  /** What a simulated vendor needs to know of the world; its ids and delays take no time and no luck. */
  account(source: string): Account;
  /** Keys of the source's receipts in the archive. */
  receipts(source: string): Promise<string[]>;
  read(key: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Where any of these texts stands, in whatever store. */
  traces(...needles: readonly string[]): Promise<string[]>;
  query(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]>;
  /** What cron does each minute. */
  sweep(): Promise<void>;
  /** Everything that has come for this session, once at least `count` deliveries have, within milliseconds. */
  delivered(subject: string, count?: number, within?: number): Promise<Verified[]>;
  close(): Promise<void>;
}

/** @param entry from the project's folder: the Worker, or one around it */
export async function openGateway(
  configure: (subscriberUrl: string) => object,
  secrets: Readonly<Record<string, string>>,
  entry = "src/index.ts",
): Promise<Gateway> {
  const script = await sharedBundle(entry);
  const variables = { ADMIN_TOKEN, MASTER_KEY, EGRESS_ALLOW: "localhost,127.0.0.1", RECONCILE_AFTER_SECONDS: "1" };
  const [worker, subscriber] = await Promise.all([
    startLocalWorker(script, { variables }),
    startSubscriber(SIGNING_SECRET),
  ]);
  const { url, stores } = worker;
  const admin = createAdmin(url, ADMIN_TOKEN, fetch);
  for (const [name, value] of Object.entries({ signing: SIGNING_SECRET, ...secrets }))
    await admin.putSecret(name, value);
  await admin.putConfig(configure(subscriber.url));

  let accounts = 0;
  return {
    url,
    admin,
    subscriber,
    account: (source) => ({
      gatewayUrl: url,
      source,
      fetch,
      now: Date.now,
      random: seeded(20_261_117 + accounts++),
      pause: async () => undefined,
    }),
    receipts: (source) => stores.keys(`receipts/${source}/`),
    read: stores.read,
    traces: stores.traces,
    query: stores.query,
    sweep: worker.scheduled,
    delivered: (subject, count = 1, within = ARRIVES_WITHIN) =>
      vi.waitFor(
        () => {
          const found = subscriber.deliveries.filter(
            (delivery): delivery is Verified => delivery.event?.subject === subject,
          );
          if (found.length < count) throw new Error(`${found.length} of ${count} deliveries came for ${subject}`);
          return found;
        },
        { timeout: within, interval: 25 },
      ),
    async close() {
      await Promise.all([worker.close(), subscriber.close()]);
    },
  };
}

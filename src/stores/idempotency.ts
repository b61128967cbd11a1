/**
 * What KV remembers of a receipt: that its work has been made durable, and for what. Written only after that, so that a
 * missing or late key can cause a repeated message but never a lost one.
 */
import type { ReceiptAddress } from "../core/ids.ts";
import type { Remembered } from "../core/receipt.ts";
import { idempotencyKey } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface IdempotencyStore {
  /** `undefined` where nobody is known to have enqueued the work. */
  recall(address: ReceiptAddress): Promise<Remembered | undefined>;
  remember(address: ReceiptAddress, remembered: Remembered, now: number): Promise<void>;
}

const KV_MINIMUM_TTL_SECONDS = 60;
const RECALL_MS = 500;
const VALUE = /^(deliver|record)\.(\d+)$/;

export function createIdempotencyStore(namespace: KVNamespace): IdempotencyStore {
  return {
    async recall(address) {
      const value = await reachingWithin("idempotency", RECALL_MS, () => namespace.get(idempotencyKey(address)));
      const [, action, until] = VALUE.exec(value ?? "") ?? [];
      return action === "deliver" || action === "record" ? { action, until: Number(until) } : undefined;
    },
    remember: (address, { action, until }, now) =>
      reaching("idempotency", () =>
        namespace.put(idempotencyKey(address), `${action}.${until}`, {
          expirationTtl: Math.max(KV_MINIMUM_TTL_SECONDS, Math.ceil((until - now) / 1000)),
        }),
      ),
  };
}

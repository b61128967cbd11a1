/**
 * What KV remembers of a receipt: that its work has been made durable, and for what. Written only after that, so that a
 * missing or late key can cause a repeated message but never a lost one.
 */
import type { ReceiptAddress } from "../core/ids.ts";
import type { KeptAction } from "../core/receipt.ts";
import { idempotencyKey } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface IdempotencyStore {
  /** What the work was enqueued for; `undefined` where nobody is known to have enqueued it. */
  recall(address: ReceiptAddress): Promise<KeptAction | undefined>;
  remember(address: ReceiptAddress, action: KeptAction, secondsLeft: number): Promise<void>;
}

const KV_MINIMUM_TTL_SECONDS = 60;
const RECALL_MS = 500;

export function createIdempotencyStore(namespace: KVNamespace): IdempotencyStore {
  return {
    async recall(address) {
      const action = await reachingWithin("idempotency", RECALL_MS, () => namespace.get(idempotencyKey(address)));
      return action === "deliver" || action === "record" ? action : undefined;
    },
    remember: (address, action, secondsLeft) =>
      reaching("idempotency", () =>
        namespace.put(idempotencyKey(address), action, {
          expirationTtl: Math.max(KV_MINIMUM_TTL_SECONDS, Math.ceil(secondsLeft)),
        }),
      ),
  };
}

/** The load: signed SEON webhooks of about 2 KB with invented data, each for a session of its own, and repeats among them. */
import { createHmac } from "node:crypto";
import { createInvention, seeded } from "../simulators/invention.ts";
import { createSeonPayloads } from "../simulators/seon/payloads.ts";

export const SOURCE = "seon-bench";
export const WEBHOOK_SECRET = "the-license-key-of-the-benchmark";
export const SIGNING_SECRET = "whsec_YmVuY2htYXJrLXNpZ25pbmctc2VjcmV0LTAxMjM0NTY=";

export interface SignedWebhook {
  session: string;
  body: Buffer;
  headers: Record<string, string>;
}

/** One in ten is the same bytes as one that came this much earlier, when that has long been answered. */
const REPEAT_EVERY = 10;
const REPEAT_OF_EARLIER = 37;

/** @param seed different webhooks for each */
export function signedWebhooks(
  count: number,
  seed: number,
  mix: "with repeats" | "news only" = "with repeats",
): SignedWebhook[] {
  const payloads = createSeonPayloads(createInvention(seeded(seed)), () => Date.UTC(2026, 1, 3) + seed * 1000);
  const webhooks: SignedWebhook[] = [];
  for (let index = 0; index < count; index++) {
    const isRepeat = mix === "with repeats" && index % REPEAT_EVERY === REPEAT_EVERY - 1;
    const earlier = isRepeat ? webhooks[index - REPEAT_OF_EARLIER] : undefined;
    webhooks.push(earlier ?? sign(`bench-${seed}-${index}`, payloads));
  }
  return webhooks;
}

function sign(session: string, payloads: ReturnType<typeof createSeonPayloads>): SignedWebhook {
  const body = Buffer.from(JSON.stringify(payloads.onTheWire({ sessionId: session })));
  const digest = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("base64");
  return { session, body, headers: { "content-type": "application/json", digest: `SHA-256=${digest}` } };
}

/**
 * Trulioo: developer.trulioo.com, "HMAC". Hex or base64 is not documented: either is read.
 * Its webhook has no verdict: the transaction is read back.
 */
import type { Preset } from "./preset.ts";

export const trulioo: Preset = {
  verify: [{ scheme: "hmac", header: "X-Trulioo-Signature" }],
  webhook: { event: "/event/type", session: "/transactionId" },
  map: { "session.externalId": "/clientId" },
};

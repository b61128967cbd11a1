/** Stripe Identity: docs.stripe.com, "Verify webhook signatures manually". The secret is used as it is written, `whsec_` and all. */
import type { Preset } from "./preset.ts";

export const stripeIdentity: Preset = {
  verify: [
    {
      scheme: "hmac",
      header: "Stripe-Signature",
      list: { signature: "v1", timestamp: "t" },
      encoding: "hex",
      signed: "{timestamp}.{body}",
      toleranceSeconds: 300,
    },
  ],
};

/**
 * Stripe Identity: docs.stripe.com, "Verify webhook signatures manually". The secret is used as it is written, `whsec_` and all.
 * A check that failed asks for input again, as does a session that is new. A bank account may be verified as well.
 */
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
  webhook: {
    event: "/type",
    session: "/data/object/id",
    delivery: "/id",
    time: { at: "/created", format: "seconds" },
    about: { at: "/data/object/object", oneOf: ["identity.verification_session"] },
  },
  map: {
    type: { at: "/type", values: { "identity.verification_session.canceled": "idv.session.finished" } },
    outcome: {
      at: "/data/object/status",
      values: { verified: "approved", processing: "pending", requires_input: "pending" },
    },
    "session.externalId": "/data/object/client_reference_id",
  },
};

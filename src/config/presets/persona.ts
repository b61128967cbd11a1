/**
 * Persona: docs.withpersona.com, "Webhooks best practices". While a secret is rotated the header holds two lists.
 * Whoever completes an inquiry is not approved by that. Transactions, cases and accounts have a status too, which is no person's.
 */
import type { Preset } from "./preset.ts";

export const persona: Preset = {
  verify: [
    {
      scheme: "hmac",
      header: "Persona-Signature",
      list: { signature: "v1", timestamp: "t" },
      encoding: "hex",
      signed: "{timestamp}.{body}",
      toleranceSeconds: 300,
    },
  ],
  webhook: {
    event: "/data/attributes/name",
    session: "/data/attributes/payload/data/id",
    delivery: "/data/id",
    time: ["/data/attributes/created-at", "/data/attributes/created_at", "/data/attributes/createdAt"],
    about: { at: "/data/attributes/payload/data/type", oneOf: ["inquiry"] },
  },
  map: {
    type: { at: "/data/attributes/name", values: { "inquiry.completed": "idv.session.finished" } },
    outcome: {
      at: "/data/attributes/payload/data/attributes/status",
      values: {
        created: "pending",
        pending: "pending",
        needs_review: "review",
        approved: "approved",
        declined: "declined",
        failed: "declined",
        expired: "expired",
      },
    },
    "session.externalId": [
      "/data/attributes/payload/data/attributes/reference-id",
      "/data/attributes/payload/data/attributes/reference_id",
      "/data/attributes/payload/data/attributes/referenceId",
    ],
  },
};

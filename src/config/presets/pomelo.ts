/**
 * Pomelo: developers.pomelo.la, "Webhooks". `X-API-Key` says which of several secrets it was: here any that the source names
 * is tried.
 */
import type { Preset } from "./preset.ts";

export const pomelo: Preset = {
  verify: [
    {
      scheme: "hmac",
      header: "X-Signature",
      prefix: "hmac-sha256 ",
      encoding: "base64",
      key: "base64",
      signed: "{timestamp}{header:X-Endpoint}{body}",
      timestamp: { header: "X-Timestamp", unit: "seconds" },
      toleranceSeconds: 300,
    },
  ],
  webhook: { event: ["/event_id", "/session/status"], session: "/session/id", delivery: "/idempotency_key" },
  map: {
    outcome: { at: "/session/status", values: { VALIDATED: "approved", REJECTED: "declined" } },
  },
};

/** QI Tech, anti-fraud and onboarding: docs.qitech.com.br, "Webhook". Its other products sign by JWT, with MD5 or a shared key. */
import type { Preset } from "./preset.ts";

export const qitech: Preset = {
  verify: [{ scheme: "hmac", header: "Signature", algorithm: "sha1", encoding: "hex", signed: "{url}{method}{body}" }],
  webhook: {
    event: "/analysis_status",
    session: ["/natural_person_id", "/legal_person_id"],
    time: "/event_date",
  },
  map: {
    outcome: {
      at: "/analysis_status",
      values: {
        automatically_approved: "approved",
        manually_approved: "approved",
        automatically_reproved: "declined",
        manually_reproved: "declined",
        in_manual_analysis: "review",
        in_queue: "pending",
        pending: "pending",
      },
    },
    "session.decidedBy": {
      at: "/analysis_status",
      values: {
        automatically_approved: "machine",
        automatically_reproved: "machine",
        manually_approved: "human",
        manually_reproved: "human",
      },
    },
  },
};

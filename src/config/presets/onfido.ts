/**
 * Onfido (Entrust): developers.onfido.com, "Manual webhook signature verification".
 * A check or report has a status and no verdict in its webhook: it is read back.
 */
import type { Preset } from "./preset.ts";

export const onfido: Preset = {
  verify: [{ scheme: "hmac", header: "X-SHA2-Signature", encoding: "hex" }],
  webhook: {
    event: "/payload/action",
    session: "/payload/object/id",
    time: "/payload/object/completed_at_iso8601",
    about: { at: "/payload/resource_type", oneOf: ["workflow_run", "check"] },
  },
  map: {
    type: {
      at: "/payload/action",
      values: { "workflow_run.completed": "idv.session.finished", "check.completed": "idv.session.finished" },
    },
    outcome: {
      at: "/payload/object/status",
      values: {
        approved: "approved",
        declined: "declined",
        review: "review",
        abandoned: "abandoned",
        error: "error",
        processing: "pending",
        awaiting_input: "pending",
        in_progress: "pending",
        awaiting_applicant: "pending",
      },
    },
  },
};

/**
 * Sumsub: docs.sumsub.com, "Webhooks". `X-Payload-Digest-Alg` names the algorithm but is not signed itself: a source whose
 * webhooks are signed with another says so in `algorithm`.
 * An action has a verdict of its own, which is not the applicant's; what is red is final or may be tried again. A transaction
 * names its applicant and has a green answer of its own: it says nothing of who the applicant is.
 */
import type { Preset } from "./preset.ts";

export const sumsub: Preset = {
  verify: [{ scheme: "hmac", header: "X-Payload-Digest", encoding: "hex" }],
  webhook: {
    event: ["/type", "/reviewResult/reviewAnswer"],
    session: ["/applicantActionId", "/applicantId"],
    time: "/createdAtMs",
    about: {
      at: "/type",
      oneOf: [
        "applicantReviewed",
        "applicantActionReviewed",
        "applicantWorkflowCompleted",
        "applicantWorkflowFailed",
        "applicantCreated",
        "applicantPending",
        "applicantActionPending",
        "applicantPrechecked",
        "applicantOnHold",
        "applicantActionOnHold",
        "applicantAwaitingUser",
        "applicantAwaitingService",
        "applicantReset",
      ],
    },
  },
  map: {
    outcome: {
      at: ["/reviewResult/reviewRejectType", "/reviewResult/reviewAnswer"],
      when: { at: "/reviewStatus", equals: "completed" },
      values: { GREEN: "approved", FINAL: "declined", RETRY: "pending" },
      absent: "pending",
    },
    "session.externalId": "/externalUserId",
    "session.flow": "/levelName",
  },
};

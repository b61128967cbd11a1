/**
 * Didit: docs.didit.me, "Webhooks". Of its three signatures the one over the bytes as they are sent. `X-Timestamp` is part of
 * none, so no window could rest on it. Users, businesses and transactions have a status of their own.
 */
import type { Preset } from "./preset.ts";

export const didit: Preset = {
  verify: [{ scheme: "hmac", header: "X-Signature", encoding: "hex" }],
  webhook: {
    event: ["/webhook_type", "/status"],
    session: ["/session_id", "/business_session_id"],
    delivery: "/event_id",
    time: { at: "/timestamp", format: "seconds" },
    about: { at: "/webhook_type", oneOf: ["status.updated", "data.updated"] },
  },
  map: {
    outcome: {
      at: "/status",
      values: {
        Approved: "approved",
        Declined: "declined",
        "In Review": "review",
        "Not Started": "pending",
        "In Progress": "pending",
        Resubmitted: "pending",
        Abandoned: "abandoned",
        Expired: "expired",
      },
    },
    "session.externalId": "/vendor_data",
    "session.flow": "/workflow_id",
    "person.givenName": ["/decision/id_verifications/0/first_name", "/decision/id_verification/first_name"],
    "person.familyName": ["/decision/id_verifications/0/last_name", "/decision/id_verification/last_name"],
    "person.birthDate": ["/decision/id_verifications/0/date_of_birth", "/decision/id_verification/date_of_birth"],
    "document.number": ["/decision/id_verifications/0/document_number", "/decision/id_verification/document_number"],
    "document.country": ["/decision/id_verifications/0/issuing_state", "/decision/id_verification/issuing_state"],
    "document.expiresOn": ["/decision/id_verifications/0/expiration_date", "/decision/id_verification/expiration_date"],
  },
};

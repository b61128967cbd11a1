/** Veriff: devdocs.veriff.com. The older `X-Signature`, a plain hash of body and secret, is not read. */
import type { Preset } from "./preset.ts";

export const veriff: Preset = {
  verify: [{ scheme: "hmac", header: "X-HMAC-Signature", encoding: "hex" }],
  webhook: {
    event: ["/action", "/verification/status"],
    session: ["/verification/id", "/sessionId", "/id"],
    time: "/verification/decisionTime",
  },
  map: {
    outcome: {
      at: ["/verification/status", "/action"],
      values: {
        approved: "approved",
        declined: "declined",
        review: "review",
        resubmission_requested: "pending",
        started: "pending",
        submitted: "pending",
        expired: "expired",
        abandoned: "abandoned",
      },
    },
    "session.externalId": ["/verification/vendorData", "/vendorData"],
    "session.flow": "/feature",
    "person.givenName": "/verification/person/firstName",
    "person.familyName": "/verification/person/lastName",
    "person.birthDate": "/verification/person/dateOfBirth",
    "person.gender": "/verification/person/gender",
    "person.nationality": "/verification/person/nationality",
    "document.type": {
      at: "/verification/document/type",
      values: {
        PASSPORT: "passport",
        ID_CARD: "idcard",
        DRIVERS_LICENSE: "driving_permit",
        RESIDENCE_PERMIT: "residence_permit",
      },
    },
    "document.number": "/verification/document/number",
    "document.country": "/verification/document/country",
    "document.issuedOn": "/verification/document/validFrom",
    "document.expiresOn": "/verification/document/validUntil",
  },
};

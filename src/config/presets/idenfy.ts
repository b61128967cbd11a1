/**
 * iDenfy: documentation.idenfy.com, "Callback signing".
 * What is not final is followed by a human's verdict.
 */
import type { Preset } from "./preset.ts";

export const idenfy: Preset = {
  verify: [{ scheme: "hmac", header: "Idenfy-Signature", encoding: "hex" }],
  webhook: { event: "/status/overall", session: "/scanRef" },
  map: {
    outcome: {
      at: "/status/overall",
      when: { at: "/final", equals: "true" },
      values: { APPROVED: "approved", DENIED: "declined", SUSPECTED: "review", EXPIRED: "expired" },
    },
    "session.externalId": "/clientId",
    "session.startedAt": { at: "/startTime", date: "seconds" },
    "session.finishedAt": { at: "/finishTime", date: "seconds" },
    "person.givenName": "/data/docFirstName",
    "person.familyName": "/data/docLastName",
    "person.birthDate": "/data/docDob",
    "person.nationality": "/data/docNationality",
    "document.type": {
      at: "/data/docType",
      values: {
        PASSPORT: "passport",
        ID_CARD: "idcard",
        DRIVER_LICENSE: "driving_permit",
        RESIDENCE_PERMIT: "residence_permit",
      },
    },
    "document.number": "/data/docNumber",
    "document.country": "/data/docIssuingCountry",
    "document.issuedOn": "/data/docDateOfIssue",
    "document.expiresOn": "/data/docExpiry",
    checks: [
      { kind: "document", name: "autoDocument", at: "/status/autoDocument", values: { DOC_VALIDATED: "pass" } },
      { kind: "document", name: "manualDocument", at: "/status/manualDocument", values: { DOC_VALIDATED: "pass" } },
      {
        kind: "face_match",
        name: "autoFace",
        at: "/status/autoFace",
        values: { FACE_MATCH: "pass", FACE_MISMATCH: "fail" },
      },
      {
        kind: "face_match",
        name: "manualFace",
        at: "/status/manualFace",
        values: { FACE_MATCH: "pass", FACE_MISMATCH: "fail" },
      },
    ],
  },
};

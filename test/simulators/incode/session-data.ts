/**
 * What Incode tells of an interview: its score and what was read from the document.
 * Source: developer.incode.com, pages "Fetch scores" and "Fetch extracted OCR".
 */
import type { InventedPerson } from "../invention.ts";

export type IncodeVerdict =
  | "OK"
  | "WARN"
  | "FAIL"
  | "UNKNOWN"
  | "MANUAL"
  | "MANUAL_OK"
  | "MANUAL_FAIL"
  | "MANUAL_PENDING";

/** Values are texts, and a section that was not part of the flow is null. */
export function scoreOf(verdict: IncodeVerdict) {
  const isGood = verdict === "OK" || verdict === "MANUAL_OK";
  return {
    idValidation: {
      photoSecurityAndQuality: [
        { key: "tamperCheck", value: isGood ? "PASSED" : "FAILED", status: isGood ? "OK" : "FAIL" },
        { key: "screenIdLiveness", value: "OK", status: "OK" },
      ],
      idSpecific: [{ key: "documentExpired", value: "100", status: "OK" }],
      customFields: [{ key: "lastNameMatch", value: "lastNameMatch", status: "OK" }],
      appliedRule: null,
      overall: { value: isGood ? "97.0" : "40.0", status: isGood ? "OK" : "FAIL" },
    },
    liveness: null,
    faceRecognition: null,
    idOcrConfidence: { overallConfidence: { value: "99.0", status: "OK" } },
    overall: { value: isGood ? "98.2" : "45.1", status: verdict },
  };
}

/** Three ways to write a date: milliseconds as a number, milliseconds as a text, and a year alone. */
export function ocrOf(person: InventedPerson) {
  return {
    name: {
      fullName: `${person.givenName} ${person.familyName}`,
      firstName: person.givenName,
      paternalLastName: person.familyName,
    },
    address: person.address,
    addressFields: { street: person.address.split(",")[0] ?? person.address, city: "Miami", state: "FL" },
    typeOfId: "DriversLicense",
    birthDate: Date.parse(person.birthDate),
    gender: person.gender,
    documentNumber: person.documentNumber,
    issuingCountry: "USA",
    issuingState: "FL",
    issuedAt: String(Date.UTC(2021, 4, 6)),
    expireAt: String(Date.UTC(2031, 4, 6)),
    issueDate: 2021,
    expirationDate: 2031,
    ocrDataConfidence: { birthDateConfidence: 0.99 },
  };
}

/** No document says where the hits stand: all three places are seen. */
export type WatchlistShape = "top" | "data" | "content";

export function watchlistAnswer(ref: string, hits: readonly object[], shape: WatchlistShape) {
  const result = { ref, total_hits: hits.length, hits };
  if (shape === "top") return result;
  return shape === "data" ? { data: result } : { content: { data: result } };
}

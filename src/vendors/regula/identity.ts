/**
 * Who the person is and what the document says, by the names of Regula's demo workflow and, where that has none, by names
 * made alike. A workflow's own names that are not among them stay in `extracted`.
 * Source: Regula's demo workflow "General KYC".
 */
import { withoutAbsent } from "../../core/absent.ts";
import { toCountry } from "../../core/countries.ts";
import { toCalendarDate } from "../../core/dates.ts";
import type { IdentityDocument, Person } from "../../core/event.ts";
import type { Reader } from "../reader.ts";

export function readPerson(reader: Reader): Person {
  return withoutAbsent({
    fullName: reader.text("FULL_NAME"),
    givenName: reader.text("FIRST_NAME"),
    familyName: reader.text("SURNAME"),
    birthDate: reader.converted(["DATE_OF_BIRTH"], toCalendarDate),
    gender: reader.text("SEX"),
    nationality: reader.converted(["NATIONALITY_CODE", "NATIONALITY"], toCountry),
    address: { formatted: reader.text("ADDRESS") },
  }) as Person;
}

export function readDocument(reader: Reader): IdentityDocument {
  return withoutAbsent({
    type: reader.converted(["DOCUMENT_CLASS_CODE"], toDocumentType),
    number: reader.text("DOCUMENT_NUMBER"),
    country: reader.converted(["ISSUING_STATE_CODE"], toCountry),
    issuedOn: reader.converted(["DATE_OF_ISSUE"], toCalendarDate),
    expiresOn: reader.converted(["DATE_OF_EXPIRY"], toCalendarDate),
  }) as IdentityDocument;
}

/** The document code of ICAO 9303: all that starts with P is a passport; most other letters are each state's own. */
function toDocumentType(code: string): string | undefined {
  if (/^P[A-Z<]?$/.test(code)) return "passport";
  return code === "ID" ? "idcard" : undefined;
}

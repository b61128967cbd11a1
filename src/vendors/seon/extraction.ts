/**
 * Who the person is and what the document says, as SEON read it.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import { withoutAbsent } from "../../core/absent.ts";
import { toCountry } from "../../core/countries.ts";
import { toCalendarDate } from "../../core/dates.ts";
import type { IdentityDocument, Person } from "../../core/event.ts";
import { createReader, type Reader } from "../reader.ts";
import { DOCUMENT_TYPES, FIELDS } from "./names.ts";
import { firstOf, readText } from "./payload.ts";

export interface Extraction {
  person: Person;
  document: IdentityDocument;
}

/** The document's words win over the account's; the account's own then stay under the vendor's name. */
export function readExtraction(places: readonly Reader[]): Extraction {
  const extraction = firstOf(places, (place) => place.object(...FIELDS.extraction)) ?? createReader({});
  return { person: readPerson(extraction, places), document: readDocument(extraction) };
}

function readPerson(extraction: Reader, places: readonly Reader[]): Person {
  return withoutAbsent({
    fullName: extraction.text(...FIELDS.fullName) ?? readText(places, FIELDS.name),
    givenName: extraction.text(...FIELDS.givenName),
    familyName: extraction.text(...FIELDS.familyName),
    birthDate: extraction.converted(FIELDS.birthDate, toCalendarDate),
    gender: extraction.text(...FIELDS.gender),
    nationality: extraction.converted(FIELDS.nationality, toCountry),
    email: readText(places, FIELDS.email),
    phone: readText(places, FIELDS.phone),
    address: { formatted: extraction.text(...FIELDS.address) ?? readProvenAddress(places) },
  } satisfies Draft<Person>) as Person;
}

/** The address on the proof of address, for a document that has none. */
function readProvenAddress(places: readonly Reader[]): string | undefined {
  return firstOf(places, (place) => place.object(...FIELDS.proofOfAddress)?.text(...FIELDS.address));
}

function readDocument(extraction: Reader): IdentityDocument {
  return withoutAbsent({
    type: extraction.converted(FIELDS.documentType, (type) => DOCUMENT_TYPES.get(type)),
    number: extraction.text(...FIELDS.documentNumber),
    country: extraction.converted(FIELDS.country, toCountry),
    region: extraction.converted(FIELDS.region, toRegion),
    issuedOn: extraction.converted(FIELDS.issuedOn, toCalendarDate),
    expiresOn: extraction.converted(FIELDS.expiresOn, toCalendarDate),
  } satisfies Draft<IdentityDocument>) as IdentityDocument;
}

/** As sent, where it is an ISO 3166-2 code; a state's name is not. */
function toRegion(text: string): string | undefined {
  return /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(text) ? text : undefined;
}

/** A value whose members may still be absent, at every depth. */
type Draft<Value> = {
  [Key in keyof Value]: Value[Key] extends object | undefined ? Draft<Value[Key]> : Value[Key] | undefined;
};

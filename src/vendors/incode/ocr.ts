/**
 * What was read from the document. There is only what the document has, and dates come in three ways: as milliseconds since
 * 1970 (a number for the birth, digits in a text for the document's own), and as bare years, which are no dates.
 * Source: developer.incode.com/docs/fetch-extracted-ocr.
 */
import { withoutAbsent } from "../../core/absent.ts";
import { toCountry } from "../../core/countries.ts";
import { toCalendarDate } from "../../core/dates.ts";
import type { IdentityDocument, Person } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { createReader, type Reader } from "../reader.ts";
import type { Findings } from "../reading.ts";

/** Incode's document types, without case and separators, in the words of OpenID Identity Assurance. */
const DOCUMENT_TYPES: ReadonlyMap<string, string> = new Map([
  ["passport", "passport"],
  ["passportcard", "passport"],
  ["driverslicense", "driving_permit"],
  ["driverlicense", "driving_permit"],
  ["drivinglicense", "driving_permit"],
  ["identification", "idcard"],
  ["identificationcard", "idcard"],
  ["identitycard", "idcard"],
  ["nationalid", "idcard"],
  ["idcard", "idcard"],
  ["votersid", "idcard"],
  ["voterid", "idcard"],
  ["residencepermit", "residence_permit"],
  ["residentpermit", "residence_permit"],
  ["permanentresidentcard", "residence_permit"],
  ["residentcard", "residence_permit"],
]);

/** As number of milliseconds: a year that stands where a moment should. */
const MAX_YEAR = 9999;

export function readOcr(answer: JsonObject): Findings {
  const reader = createReader(unwrap(answer));
  return { person: readPerson(reader), document: readDocument(reader), extracted: reader.leftovers() };
}

/** One version of the answer has everything one level deeper. */
function unwrap({ ocrData, ...rest }: JsonObject): JsonObject {
  return isObject(ocrData) ? { ...rest, ...ocrData } : rest;
}

function readPerson(reader: Reader): Person {
  const name = reader.object("name") ?? createReader({});
  const familyNames = [name.text("paternalLastName"), name.text("maternalLastName")];
  return withoutAbsent({
    fullName: name.text("fullName") ?? reader.text("fullName", "name"),
    givenName: name.text("givenName") ?? name.text("firstName"),
    familyName: familyNames.filter((part) => part !== undefined).join(" "),
    birthDate: reader.converted(["birthDate"], toDate),
    gender: reader.text("gender"),
    nationality: reader.converted(["nationality"], toCountry),
    address: { formatted: reader.text("address"), ...readAddress(reader.object("addressFields")) },
  }) as Person;
}

function readAddress(fields: Reader = createReader({})): Record<string, string | undefined> {
  return {
    street: fields.text("street"),
    city: fields.text("city"),
    region: fields.text("state"),
    postalCode: fields.text("postalCode"),
  };
}

function readDocument(reader: Reader): IdentityDocument {
  return withoutAbsent({
    type: reader.converted(["typeOfId"], toDocumentType),
    number: reader.text("documentNumber"),
    country: reader.converted(["issuingCountry"], toCountry),
    issuedOn: reader.converted(["issuedAt"], toDate),
    expiresOn: reader.converted(["expireAt"], toDate),
  }) as IdentityDocument;
}

function toDocumentType(type: string): string | undefined {
  return DOCUMENT_TYPES.get(type.toLowerCase().replaceAll(/[^a-z]/g, ""));
}

/** The day in UTC, where the text is milliseconds since 1970, perhaps before it; a date already written as one stays. */
function toDate(text: string): string | undefined {
  if (!/^-?\d+$/.test(text)) return toCalendarDate(text);
  const milliseconds = Number(text);
  const isYear = milliseconds > 0 && milliseconds <= MAX_YEAR;
  const moment = new Date(milliseconds);
  if (isYear || Number.isNaN(moment.getTime())) return undefined;
  return toCalendarDate(moment.toISOString());
}

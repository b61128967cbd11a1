/**
 * How a vendor that the gateway does not know by name is read: what its configuration says of it, every shorthand written out.
 * Nothing of it is code: JSON Pointers, tables of words, paths with named gaps.
 */
import type { CheckKind, CheckResult, EventType } from "../../core/event.ts";
import type { FileKind } from "../../core/files.ts";
import type { Outcome } from "../../core/outcome.ts";

/** How a date is written: ISO 8601, epoch seconds or milliseconds, or a pattern of YYYY, MM and DD such as `DD.MM.YYYY`. */
export type DateFormat = string;

/** Where a word stands, and what it means here. */
export interface Field<Word extends string = string> {
  /** JSON Pointers, tried in turn; none where the word is a constant. */
  at: readonly string[];
  /** The session read whose answer the pointers lead into; without it, the webhook. */
  read?: string | undefined;
  /** The vendor's words and ours. A word that is not among them has no meaning. */
  values?: Readonly<Record<string, Word>> | undefined;
  /** For a word that has no meaning. */
  default?: Word | undefined;
  /** Where there is no word. */
  absent?: Word | undefined;
  /** Without this word beside it, it does not count: it is not there. */
  when?: { at: string; equals: string } | undefined;
  date?: DateFormat | undefined;
}

/** One check, or one for each element of a list; pointers then lead into the element. */
export interface CheckRule {
  read?: string | undefined;
  /** JSON Pointer to a list, or to an object whose members are listed. */
  each?: string | undefined;
  kind: Field<CheckKind>;
  name: Field;
  result: Field<CheckResult>;
  score?: { at: readonly string[]; outOf: number } | undefined;
}

/** What each field of an event that has one form only is converted to; texts stay as they are. */
export const TARGETS = {
  "session.externalId": "text",
  "session.referenceId": "text",
  "session.flow": "text",
  "session.decidedBy": "decider",
  "session.lastEvent.code": "text",
  "session.lastEvent.description": "text",
  "session.startedAt": "instant",
  "session.finishedAt": "instant",
  "person.fullName": "text",
  "person.givenName": "text",
  "person.familyName": "text",
  "person.birthDate": "date",
  "person.gender": "text",
  "person.nationality": "country",
  "person.email": "text",
  "person.phone": "text",
  "person.address.formatted": "text",
  "person.address.street": "text",
  "person.address.city": "text",
  "person.address.region": "text",
  "person.address.postalCode": "text",
  "person.address.country": "country",
  "person.nationalId.type": "text",
  "person.nationalId.value": "text",
  "document.type": "text",
  "document.number": "text",
  "document.country": "country",
  "document.region": "text",
  "document.issuedOn": "date",
  "document.expiresOn": "date",
  "watchlist.ref": "text",
  "watchlist.searchId": "text",
} as const;

export type Target = keyof typeof TARGETS;

export interface CustomRules {
  /** The places of an event's name, joined by `/`. */
  event: readonly string[];
  /** Where the session's id is looked for, in turn. */
  session: readonly string[];
  /** Where the vendor's own id of the delivery stands, the same each time it is sent. */
  delivery: readonly string[];
  time?: Field | undefined;
  /** Without one of these words there, the webhook is about something else, whose words are not the session's. */
  about?: { at: string; oneOf: readonly string[] } | undefined;
  type?: Field<EventType> | undefined;
  outcome?: Field<Outcome> | undefined;
  fields: readonly (readonly [Target, Field])[];
  checks: readonly CheckRule[];
}

export interface ReadRule {
  name: string;
  /** With gaps, behind the base URL. */
  path: string;
  /** Where the answer says whose it is. */
  id: readonly string[];
  /** That there is no such thing is no loss. */
  optional: boolean;
}

/** One file, or one for each element of a list in an answer. */
export interface FileRule {
  read?: string | undefined;
  each?: string | undefined;
  id: Field;
  kind: Field<FileKind>;
  /** Where its URL stands, absolute or relative to the base URL; without one, the path's gaps are filled. */
  url: readonly string[];
  path?: string | undefined;
  action: readonly string[];
  name: readonly string[];
  contentType: readonly string[];
  base64At?: string | undefined;
  optional: boolean;
}

/** What opens the session API; the secret itself is handed in where it is used. */
export type SessionAuth =
  | { type: "header"; name: string; prefix: string }
  | { type: "basic"; username: string }
  | { type: "bearer" }
  | {
      type: "oauth2";
      tokenUrl: string;
      clientId: string;
      method: "basic" | "post";
      scope?: string | undefined;
      audience?: string | undefined;
    };

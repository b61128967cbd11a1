/**
 * What the gateway must know about a vendor. An adapter is pure: bytes and values in, values out; it never throws
 * for what a vendor sends, and never fetches.
 */
import type { JsonObject } from "../core/json.ts";
import type { Statement } from "../core/event.ts";
import type { OutcomeTable } from "../core/outcome.ts";
import type { CustomRules } from "./custom/rules.ts";

export const VENDORS = ["regula", "incode", "seon", "unico", "custom"] as const;

export type Vendor = (typeof VENDORS)[number];

/** The part of a source's configuration that an adapter reads by. */
export interface AdapterOptions {
  /** The source's own meaning of the vendor's status words. */
  outcomes: OutcomeTable;
  /** JSON Pointers at which the session id is looked for; only Regula's is not fixed by its vendor. */
  sessionIdAt: readonly string[];
  /** How a vendor is read that has no folder here. */
  custom?: CustomRules | undefined;
}

/** Without configuration. Regula leaves it to the workflow's author where the session id stands; these places are looked at in turn. */
export const DEFAULT_OPTIONS: AdapterOptions = {
  outcomes: {},
  sessionIdAt: ["/sessionId", "/session/id", "/data/sessionId", "/id"],
};

/** What a property of a Regula session may be called by configuration, since a workflow's author names it. */
export const PROPERTY_FIELDS = {
  "person.fullName": "FULL_NAME",
  "person.givenName": "FIRST_NAME",
  "person.familyName": "SURNAME",
  "person.birthDate": "DATE_OF_BIRTH",
  "person.gender": "SEX",
  "person.nationality": "NATIONALITY",
  "person.address": "ADDRESS",
  "document.number": "DOCUMENT_NUMBER",
  "document.country": "ISSUING_STATE_CODE",
  "document.issuedOn": "DATE_OF_ISSUE",
  "document.expiresOn": "DATE_OF_EXPIRY",
  "checks.document": "FULL_AUTH_OVERALL_STATUS",
  "checks.liveness": "LIVENESS_STATUS",
  "checks.face_match": "LIVENESS_DOC_SIMILARITY",
} as const;

export type PropertyField = keyof typeof PROPERTY_FIELDS;

/** What a webhook is about, as far as it must be known to answer it. */
export interface Identity {
  /** The names under which `events` may speak of it, most specific first; `*` is implied after the last. */
  names: readonly [string, ...string[]];
  /** The vendor's id of the session. */
  sessionId: string;
  /**
   * The vendor's own time of the event, ISO 8601, where the body carries one. Such a body names one moment: the same bytes
   * can only be a repeat. A body without it may be said again, and mean it, once the session has said something else.
   */
  time?: string | undefined;
  /** The vendor's own id of this delivery, the same each time that it is sent. Such a body names one moment, too, whatever else in it differs. */
  deliveryId?: string | undefined;
}

export type Identified = { ok: true; identity: Identity } | { ok: false; reason: UnreadableReason };

export type UnreadableReason =
  | "not_utf8"
  | "not_json"
  | "too_deep"
  | "not_an_object"
  | "no_session_id"
  | "no_event_name";

export interface VendorAdapter {
  vendor: Vendor;
  /** Default of the source's `dedupe.windowSeconds`, seconds. */
  dedupeSeconds: number;
  /** Where the vendor puts its HMAC, for vendors that sign; defaults of the `hmac` scheme. */
  signature?: { header: string; prefix: string };
  /** Words that names of events are made of, as far as the vendor documents them. They tell a misspelling, and decide nothing. */
  eventWords?: readonly string[];
  /** Whether an unproven body is exactly the vendor's URL-validation ping. */
  isPing?(payload: JsonObject): boolean;
  identify(payload: JsonObject, options: AdapterOptions): Identified;
  /** The canonical words for an identified webhook; what has no canonical field goes to `extracted`. */
  normalize(payload: JsonObject, options: AdapterOptions): Statement;
}

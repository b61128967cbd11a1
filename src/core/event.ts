/**
 * The canonical event: CloudEvents 1.0 in structured JSON, one shape for every vendor.
 * Immutable once stored; file links are added only when it is delivered.
 */
import type { StoredFile } from "./files.ts";
import type { Outcome } from "./outcome.ts";

export const EVENT_TYPES = [
  "idv.session.progress",
  "idv.session.finished",
  "idv.session.updated",
  "idv.watchlist.updated",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** What the outcome rests on: a signature over the body, a credential that came along, the vendor's API, or nothing. */
export type Basis = "signature" | "credential" | "vendor_api" | "none";

export type Environment = "live" | "test";

export const CHECK_KINDS = [
  "document",
  "liveness",
  "face_match",
  "proof_of_address",
  "watchlist",
  "database",
  "fraud",
  "duplicate",
  "age",
  "other",
] as const;

export type CheckKind = (typeof CHECK_KINDS)[number];

export const CHECK_RESULTS = ["pass", "fail", "review", "not_performed", "unknown"] as const;

export type CheckResult = (typeof CHECK_RESULTS)[number];

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Scalar = string | number | boolean;

/** One thing that the vendor looked at. `score` is 0..1; what has another scale stays in `vendorValue` or `details`. */
export interface Check {
  kind: CheckKind;
  name: string;
  result: CheckResult;
  score?: number;
  vendorValue?: Scalar;
  details?: Readonly<Record<string, Json>>;
}

export interface Address {
  formatted?: string;
  street?: string;
  city?: string;
  region?: string;
  postalCode?: string;
  /** ISO 3166-1 alpha-3. */
  country?: string;
}

/** Dates are `YYYY-MM-DD`, countries ISO 3166-1 alpha-3. */
export interface Person {
  fullName?: string;
  givenName?: string;
  familyName?: string;
  birthDate?: string;
  gender?: string;
  nationality?: string;
  email?: string;
  phone?: string;
  address?: Address;
  nationalId?: { type: string; value: string };
}

export interface IdentityDocument {
  /** `passport`, `driving_permit`, `idcard`, `residence_permit`, … (OpenID Identity Assurance's document types). */
  type?: string;
  number?: string;
  country?: string;
  /** ISO 3166-2, such as `US-FL`. */
  region?: string;
  issuedOn?: string;
  expiresOn?: string;
}

export interface TimelineStep {
  step: string;
  startedAt?: string;
  finishedAt?: string;
}

export interface Watchlist {
  ref?: string;
  searchId?: string;
  hits?: readonly Json[];
}

/** Something that the event should hold and does not, and a stable word for why. */
export interface Missing {
  what: string;
  why: string;
}

/** What one vendor said about one session, in canonical words; made by a vendor adapter, without IO. */
export interface Statement {
  type: EventType;
  outcome: Outcome;
  /** The vendor's own time of it, ISO 8601, where its bytes carry one. */
  time?: string | undefined;
  session: {
    id?: string | undefined;
    externalId?: string | undefined;
    referenceId?: string | undefined;
    flow?: string | undefined;
    vendorEvent?: string | undefined;
    vendorStatus?: string | undefined;
    decidedBy?: "human" | "machine" | undefined;
    lastEvent?: { code: string; description?: string | undefined } | undefined;
    startedAt?: string | undefined;
    finishedAt?: string | undefined;
  };
  person?: Person | undefined;
  document?: IdentityDocument | undefined;
  checks?: readonly Check[] | undefined;
  timeline?: readonly TimelineStep[] | undefined;
  watchlist?: Watchlist | undefined;
  /** Every scalar that the vendor sent and that has no canonical field, under the vendor's own name. */
  extracted?: Readonly<Record<string, Scalar>> | undefined;
  missing?: readonly Missing[] | undefined;
  /** The vendor's own payloads, credentials removed. */
  vendorData?: Readonly<Record<string, Json>> | undefined;
}

/** How the event stands to the session's earlier ones; decided from the ledger. */
export interface Standing {
  type: EventType;
  /** The session has meanwhile said something that is newer than this. */
  superseded: boolean;
}

export interface SessionData {
  id?: string;
  externalId?: string;
  referenceId?: string;
  flow?: string;
  vendorEvent?: string;
  vendorStatus?: string;
  outcome: Outcome;
  final: boolean;
  basis: Basis;
  decidedBy?: "human" | "machine";
  lastEvent?: { code: string; description?: string };
  startedAt?: string;
  finishedAt?: string;
  superseded?: true;
}

export interface EventData {
  session: SessionData;
  /** Id of the event in whose place this one stands. */
  supersedes?: string;
  person?: Person;
  document?: IdentityDocument;
  checks?: readonly Check[];
  timeline?: readonly TimelineStep[];
  watchlist?: Watchlist;
  extracted?: Readonly<Record<string, Scalar>>;
  missing?: readonly Missing[];
  /** `url` only as it is delivered: a link is made anew for each subscriber at each attempt. */
  files?: readonly (StoredFile & { url?: string })[];
  vendorData?: Readonly<Record<string, Json>>;
}

export interface CanonicalEvent {
  specversion: "1.0";
  id: string;
  source: string;
  type: EventType;
  subject?: string;
  time: string;
  datacontenttype: "application/json";
  dataschema: string;
  vendor: string;
  outcome: Outcome;
  environment: Environment;
  sequence: string;
  /** Only of what was made in an earlier event's place: 2, 3, … */
  revision?: number;
  data: EventData;
}

/** What the admin API's answers are made of, as JSON Schema: the nouns, and references to them. */
import { EVENT_SCHEMA } from "../core/event-schema.ts";
import { EVENT_TYPES } from "../core/event.ts";
import { FILE_KINDS } from "../core/files.ts";
import { array, boolean, integer, mapOf, object, pattern, text, time, word, type Schema } from "../core/json-schema.ts";
import { DELIVERY_STATES, RECEIPT_STATES } from "../core/ledger.ts";
import { NOTICE_SCHEMA } from "../core/notice-schema.ts";
import { NOTICE_TYPES } from "../core/notice.ts";
import { OUTCOMES } from "../core/outcome.ts";
import { ROLES } from "../core/roles.ts";
import { SIGNING_KEY_KINDS } from "../core/signing-key.ts";

export const EVENT_ID = pattern(/^evt_[0-9a-f]{32}$/);
export const RECEIPT_ID = pattern(/^rcp_[0-9a-f]{32}$/);
export const DELIVERY_ID = pattern(/^dlv_[0-9a-f]{64}$/);
export const FILE_ID = pattern(/^fil_[0-9a-f]{64}$/);
export const NAME = pattern(/^[a-z0-9][a-z0-9-]{0,62}$/);
export const ISSUED_TOKEN_ID = pattern(/^[0-9a-f]{32}$/);
export const API_TOKEN_ID = pattern(/^[0-9a-f]{16}$/);
export const ERASURE_ID = pattern(/^ers_[0-9a-f]{32}$/);
const ULID = pattern(/^[0-9A-HJKMNP-TV-Z]{26}$/);
const SHA256 = pattern(/^[0-9a-f]{64}$/);
const ENVIRONMENT = word(["live", "test"]);
const OUTCOME = word(OUTCOMES);
const BASIS = word(["signature", "credential", "vendor_api", "none"]);

export const HOLD = object({ since: time, by: text }, ["since", "by"]);

const summary = {
  id: EVENT_ID,
  sequence: ULID,
  /** Empty where the event is older than this record of it, or the gateway's own. */
  receipt: { type: "string" },
  source: text,
  vendor: text,
  environment: ENVIRONMENT,
  type: word([...EVENT_TYPES, ...NOTICE_TYPES]),
  outcome: OUTCOME,
  session: text,
  time,
  receivedAt: time,
  superseded: { const: true },
  revision: integer,
};
const SUMMARY_REQUIRED = ["id", "sequence", "receipt", "source", "type", "outcome", "time", "receivedAt"];

const delivery = {
  id: DELIVERY_ID,
  event: EVENT_ID,
  sequence: { type: "string" },
  subscriber: NAME,
  state: word(DELIVERY_STATES),
  attemptCount: integer,
  status: integer,
  reason: text,
  dueAt: time,
  settledAt: time,
};
const DELIVERY_REQUIRED = ["id", "event", "sequence", "subscriber", "state", "attemptCount"];

const secret = { name: text, version: integer, createdAt: time, updatedAt: time };
const SECRET_REQUIRED = Object.keys(secret);

const token = {
  id: API_TOKEN_ID,
  name: NAME,
  role: word(ROLES),
  createdAt: time,
  createdBy: text,
  expiresAt: time,
};
const TOKEN_REQUIRED = ["id", "name", "role", "createdAt", "createdBy"];

export const SCHEMAS = {
  Problem: object(
    {
      type: pattern(/^urn:gatepost:problem:/),
      title: text,
      status: integer,
      detail: text,
      parameter: text,
      role: word(ROLES),
      erasedAt: time,
      held: array(object({ source: NAME, sessions: integer }, ["source", "sessions"])),
      errors: array(ref("Fault")),
      missing: array(object({ name: text, message: text }, ["name", "message"])),
    },
    ["type", "title", "status"],
  ),
  Event: EVENT_SCHEMA,
  Notice: NOTICE_SCHEMA,
  ListedEvent: object({ ...summary, deliveries: mapOf(integer) }, [...SUMMARY_REQUIRED, "deliveries"]),
  Receipt: object(
    {
      id: RECEIPT_ID,
      sequence: ULID,
      source: text,
      vendor: text,
      environment: ENVIRONMENT,
      basis: BASIS,
      session: text,
      state: word(RECEIPT_STATES),
      reason: text,
      receipt: RECEIPT_ID,
      event: EVENT_ID,
      revision: integer,
      receivedAt: time,
      dueAt: time,
      asked: integer,
      size: integer,
      reprocessing: object({ askedAt: time, dueAt: time }, ["askedAt", "dueAt"]),
      reprocessed: object({ at: time, outcome: word(RECEIPT_STATES), reason: text }, ["at", "outcome"]),
    },
    ["id", "source", "state", "receivedAt"],
  ),
  Delivery: object(delivery, DELIVERY_REQUIRED),
  Attempt: object(
    {
      attempt: integer,
      asked: { const: true },
      at: time,
      ms: integer,
      status: integer,
      reason: text,
      answer: text,
    },
    ["attempt", "at"],
  ),
  WholeDelivery: object({ ...delivery, attempts: array(ref("Attempt")) }, [...DELIVERY_REQUIRED, "attempts"]),
  File: object({ id: FILE_ID, kind: word(FILE_KINDS), contentType: text, size: integer, sha256: SHA256 }, [
    "id",
    "kind",
    "contentType",
    "size",
    "sha256",
  ]),
  WholeEvent: object(
    {
      ...summary,
      receipt: ref("Receipt"),
      verification: object({ basis: BASIS, scheme: text }, ["basis"]),
      reading: object({ asked: integer, at: time, confirmed: boolean, refusals: array(text) }, [
        "asked",
        "at",
        "confirmed",
        "refusals",
      ]),
      normalization: object({ config: text, version: integer }),
      event: { anyOf: [ref("Event"), ref("Notice")] },
      files: array(ref("File")),
      routing: object(
        {
          judgedBy: text,
          config: text,
          subscribers: array(
            object({ subscriber: NAME, matched: boolean, because: text, condition: text }, ["subscriber", "matched"]),
          ),
        },
        ["judgedBy", "subscribers"],
      ),
      deliveries: array(ref("WholeDelivery")),
    },
    [...SUMMARY_REQUIRED.filter((member) => member !== "receipt"), "files", "routing", "deliveries"],
  ),
  Session: object(
    {
      source: NAME,
      id: text,
      outcome: OUTCOME,
      ended: boolean,
      time,
      event: EVENT_ID,
      hold: HOLD,
      events: listOf("ListedEvent"),
    },
    ["source", "id", "events"],
  ),
  Erasure: object(
    {
      id: ERASURE_ID,
      kind: word(["session", "person"]),
      source: NAME,
      state: word(["running", "done"]),
      erasedAt: time,
      erasedBy: text,
      sessions: integer,
      unfinished: integer,
      removed: mapOf(integer),
      notReached: array(text),
    },
    ["id", "kind", "state", "erasedAt", "erasedBy", "sessions", "unfinished", "removed", "notReached"],
  ),
  Secret: object({ ...secret, usedBy: array(text) }, [...SECRET_REQUIRED, "usedBy"]),
  IssuedToken: object({ id: ISSUED_TOKEN_ID, client: text, issuedAt: time, expiresAt: time, revokedAt: time }, [
    "id",
    "client",
    "issuedAt",
    "expiresAt",
  ]),
  Token: object({ ...token, revokedAt: time }, TOKEN_REQUIRED),
  AuditEntry: object({ id: ULID, at: time, actor: text, role: text, action: text, target: text, status: integer }, [
    "id",
    "at",
    "actor",
    "role",
    "action",
    "target",
    "status",
  ]),
  ConfigVersion: object({ version: integer, at: time, by: text, message: text, hash: text, current: { const: true } }, [
    "version",
    "at",
    "by",
    "hash",
  ]),
  Change: object({ path: { type: "string" }, from: {}, to: {} }, ["path"]),
  Fault: object({ path: { type: "string" }, message: text, expected: array(text), suggestion: text }, [
    "path",
    "message",
  ]),
} satisfies Record<string, Schema>;

export function ref(noun: string): Schema {
  return { $ref: `#/components/schemas/${noun}` };
}

/** A page; `cursor` where there may be more. */
export function listOf(noun: string): Schema {
  return object({ items: array(ref(noun)), cursor: text }, ["items"]);
}

export const DONE = object({ success: { const: true } }, ["success"]);

/** A secret that was set. */
export const WRITTEN = object({ success: { const: true }, ...secret }, ["success", ...SECRET_REQUIRED]);

/** The one time that a signing key is shown. */
export const NEW_SIGNING_KEY = object(
  {
    success: { const: true },
    ...secret,
    kind: word(SIGNING_KEY_KINDS),
    value: pattern(/^whs(ec|k)_/),
    publicKey: pattern(/^whpk_/),
  },
  ["success", ...SECRET_REQUIRED, "kind", "value"],
);

/** The one time that a token is shown. */
export const NEW_API_TOKEN = object({ ...token, token: pattern(/^gp_/) }, [...TOKEN_REQUIRED, "token"]);

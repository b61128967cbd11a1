/** The canonical event as JSON Schema (2020-12): what `dataschema` of every event points at. */
import { CHECK_KINDS, CHECK_RESULTS, EVENT_TYPES } from "./event.ts";
import { FILE_KINDS } from "./files.ts";
import { object, text, time, type Schema } from "./json-schema.ts";
import { OUTCOMES } from "./outcome.ts";

const date = { type: "string", format: "date" };
const country = { type: "string", pattern: "^[A-Z]{3}$" };
const scalar = { type: ["string", "number", "boolean"] };
const list = (items: Schema): Schema => ({ type: "array", minItems: 1, items });

const session = object(
  {
    id: text,
    externalId: text,
    referenceId: text,
    flow: text,
    vendorEvent: text,
    vendorStatus: text,
    outcome: { enum: OUTCOMES },
    final: { type: "boolean" },
    basis: { enum: ["signature", "credential", "vendor_api", "none"] },
    decidedBy: { enum: ["human", "machine"] },
    lastEvent: object({ code: text, description: text }, ["code"]),
    startedAt: time,
    finishedAt: time,
    superseded: { const: true },
  },
  ["outcome", "final", "basis"],
);

const person = object({
  fullName: text,
  givenName: text,
  familyName: text,
  birthDate: date,
  gender: text,
  nationality: country,
  email: text,
  phone: text,
  address: object({ formatted: text, street: text, city: text, region: text, postalCode: text, country }),
  nationalId: object({ type: text, value: text }, ["type", "value"]),
});

const identityDocument = object({ type: text, number: text, country, region: text, issuedOn: date, expiresOn: date });

const check = object(
  {
    kind: { enum: CHECK_KINDS },
    name: text,
    result: { enum: CHECK_RESULTS },
    score: { type: "number", minimum: 0, maximum: 1 },
    vendorValue: scalar,
    details: { type: "object" },
  },
  ["kind", "name", "result"],
);

const EVENT_ID = { type: "string", pattern: "^evt_[0-9a-f]{32}$" };

const data = object(
  {
    session,
    supersedes: EVENT_ID,
    person,
    document: identityDocument,
    checks: list(check),
    timeline: list(object({ step: text, startedAt: time, finishedAt: time }, ["step"])),
    files: list(
      object(
        {
          id: { type: "string", pattern: "^fil_[0-9a-f]{64}$" },
          kind: { enum: FILE_KINDS },
          action: text,
          name: text,
          contentType: text,
          size: { type: "integer", minimum: 0 },
          sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
          url: { type: "string", format: "uri" },
        },
        ["id", "kind", "contentType", "size", "sha256"],
      ),
    ),
    watchlist: object({ ref: text, searchId: text, hits: { type: "array" } }),
    extracted: { type: "object", additionalProperties: scalar },
    missing: list(object({ what: text, why: text }, ["what", "why"])),
    vendorData: { type: "object" },
  },
  ["session"],
);

export const EVENT_SCHEMA: Schema = object(
  {
    specversion: { const: "1.0" },
    id: EVENT_ID,
    source: { type: "string", pattern: "^/in/" },
    type: { enum: EVENT_TYPES },
    subject: text,
    time,
    datacontenttype: { const: "application/json" },
    dataschema: { type: "string", format: "uri" },
    vendor: text,
    outcome: { enum: OUTCOMES },
    environment: { enum: ["live", "test"] },
    sequence: { type: "string", pattern: "^[0-9A-HJKMNP-TV-Z]{26}$" },
    revision: { type: "integer", minimum: 2 },
    data,
  },
  ["specversion", "id", "source", "type", "time", "dataschema", "vendor", "outcome", "environment", "sequence", "data"],
);

export function eventSchema(publicUrl: string): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `${publicUrl}/schemas/event.v1.json`,
    title: "Gatepost event",
    ...EVENT_SCHEMA,
  };
}

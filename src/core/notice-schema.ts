/** Notices as JSON Schema (2020-12): what `dataschema` of a `gateway.*` event points at. */
import { array, mapOf, object, pattern, text, time, word, type Schema } from "./json-schema.ts";
import { NOTICE_TYPES } from "./notice.ts";
import { PAUSE_REASONS } from "./subscribers.ts";

const count: Schema = { type: "integer", minimum: 0 };

const dead = object({ delivery: text, event: text, reason: text, attempts: count }, ["delivery", "event", "reason"]);

const data = object({
  subscriber: text,
  source: text,
  why: word(PAUSE_REASONS),
  count,
  consecutiveFailures: count,
  seconds: count,
  reasons: mapOf(count),
  lastAcceptedAt: time,
  silentAfterSeconds: count,
  deliveries: array(dead),
});

export const NOTICE_SCHEMA: Schema = object(
  {
    specversion: { const: "1.0" },
    id: pattern(/^evt_[0-9a-f]{32}$/),
    source: { const: "/gateway" },
    type: word(NOTICE_TYPES),
    subject: text,
    time,
    datacontenttype: { const: "application/json" },
    dataschema: { type: "string", format: "uri" },
    vendor: { const: "gateway" },
    outcome: { const: "unknown" },
    environment: word(["live", "test"]),
    sequence: pattern(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    data,
  },
  ["specversion", "id", "source", "type", "time", "dataschema", "vendor", "outcome", "environment", "sequence", "data"],
);

export function noticeSchema(publicUrl: string): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `${publicUrl}/schemas/notice.v1.json`,
    title: "Gatepost notice",
    ...NOTICE_SCHEMA,
  };
}

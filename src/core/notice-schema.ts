/** Notices as JSON Schema (2020-12): what `dataschema` of a `gateway.*` event points at. */
import { NOTICE_TYPES } from "./notice.ts";

const text = { type: "string", minLength: 1 };
const count = { type: "integer", minimum: 0 };

export function noticeSchema(publicUrl: string): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `${publicUrl}/schemas/notice.v1.json`,
    title: "Gatepost notice",
    type: "object",
    properties: {
      specversion: { const: "1.0" },
      id: { type: "string", pattern: "^evt_[0-9a-f]{32}$" },
      source: { const: "/gateway" },
      type: { enum: NOTICE_TYPES },
      subject: text,
      time: { type: "string", format: "date-time" },
      datacontenttype: { const: "application/json" },
      dataschema: { type: "string", format: "uri" },
      vendor: { const: "gateway" },
      outcome: { const: "unknown" },
      environment: { enum: ["live", "test"] },
      sequence: { type: "string", pattern: "^[0-9A-HJKMNP-TV-Z]{26}$" },
      data: {
        type: "object",
        properties: {
          subscriber: text,
          source: text,
          why: { enum: ["manual", "gone", "failing"] },
          count,
          consecutiveFailures: count,
          seconds: count,
          deliveries: {
            type: "array",
            items: {
              type: "object",
              properties: { delivery: text, event: text, reason: text, attempts: count },
              required: ["delivery", "event", "reason"],
            },
          },
        },
      },
    },
    required: [
      "specversion",
      "id",
      "source",
      "type",
      "time",
      "dataschema",
      "vendor",
      "outcome",
      "environment",
      "sequence",
      "data",
    ],
  };
}

/**
 * The configuration as JSON Schema, for editors. It is made from the schema that judges documents, so that it cannot be stale, and when it
 * is asked for: written out it would weigh half as much again.
 */
import { pointer } from "../schema-parts.ts";
import { documentSchema } from "../schema.ts";
import { filter } from "../subscriber-schema.ts";
import { createConverter, type JsonSchema } from "./converter.ts";
import { condition, filterSchema } from "./filter.ts";
import { WORDS } from "./words.ts";
import { writeOnce } from "./write-once.ts";

export function configSchema(): JsonSchema {
  const describe = (around: string, name: string) =>
    WORDS[`${around}.${name}`] ?? WORDS[name.includes(".") ? `${around}.*` : name] ?? WORDS[name];
  const known = new Map<object, JsonSchema>([
    [filter, filterSchema],
    [pointer, { type: "string", pattern: "^(/([^/~]|~[01])*)+$" }],
  ]);
  const convert = createConverter({ describe, known });
  const named = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Gatepost configuration",
    ...convert(documentSchema, ""),
  };
  return writeOnce(named, new Map([[condition, "condition"]]));
}

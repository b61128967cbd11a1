/** A subscriber's filter as JSON Schema: the fields that events have, so that an editor completes them, and any other. */
import { fieldPaths, valuesAt } from "../../core/event-fields.ts";
import { OPERATOR_NAMES } from "../../core/filter.ts";
import type { JsonSchema } from "./converter.ts";

const scalar: JsonSchema = { type: ["string", "number", "boolean"] };
const list: JsonSchema = { type: "array", items: scalar };
const ordered: JsonSchema = { type: ["string", "number"] };
const words: JsonSchema = { type: "string" };

const OPERANDS: Readonly<Record<string, JsonSchema>> = {
  $eq: { description: "is this value", ...scalar },
  $ne: { description: "is not this value, or absent", ...scalar },
  $in: { description: "is one of these values", ...list },
  $nin: { description: "is none of these values, or absent", ...list },
  $gt: { description: "is greater", ...ordered },
  $gte: { description: "is greater or equal", ...ordered },
  $lt: { description: "is less", ...ordered },
  $lte: { description: "is less or equal", ...ordered },
  $startsWith: { description: "is a text that starts like this", ...words },
  $endsWith: { description: "is a text that ends like this", ...words },
  $exists: { description: "is there, or is not", type: "boolean" },
};

export const condition: JsonSchema = {
  anyOf: [
    scalar,
    {
      type: "object",
      minProperties: 1,
      properties: Object.fromEntries(OPERATOR_NAMES.map((name) => [name, OPERANDS[name] ?? {}])),
      additionalProperties: false,
    },
  ],
};

/** It holds itself. */
export const filterSchema: JsonSchema = { type: "object" };

const filters = { type: "array", minItems: 1, items: filterSchema };

Object.assign(filterSchema, {
  properties: {
    $and: { description: "All of these hold.", ...filters },
    $or: { description: "One of these holds.", ...filters },
    $not: { description: "This does not hold.", allOf: [filterSchema] },
    ...Object.fromEntries(fieldPaths().map((path) => [path, conditionOf(path)])),
  },
  propertyNames: { pattern: "^(?!\\$)|^\\$(and|or|not)$" },
  additionalProperties: condition,
});

/** Values that a field is known to have are named first, to be completed. */
function conditionOf(path: string): JsonSchema {
  const values = valuesAt(path);
  return values ? { anyOf: [{ enum: values }, condition] } : condition;
}

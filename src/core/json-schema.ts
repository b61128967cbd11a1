/** The words in which the event and the admin API describe themselves: JSON Schema 2020-12 as plain data. */

export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: "string", minLength: 1 };
export const time: Schema = { type: "string", format: "date-time" };
export const integer: Schema = { type: "integer" };
export const number: Schema = { type: "number" };
export const boolean: Schema = { type: "boolean" };

export const word = (words: readonly string[]): Schema => ({ enum: words });
export const pattern = (expression: RegExp): Schema => ({ type: "string", pattern: expression.source });
export const object = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required,
});
/** May be empty. */
export const array = (items: Schema): Schema => ({ type: "array", items });
export const mapOf = (values: Schema): Schema => ({ type: "object", additionalProperties: values });

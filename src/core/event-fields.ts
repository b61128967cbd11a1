/** What an event of any kind, or a notice, may have where: the fields that a filter or a pointer can speak of. */
import { EVENT_SCHEMA } from "./event-schema.ts";
import type { Schema } from "./json-schema.ts";
import { isObject } from "./json.ts";
import { NOTICE_SCHEMA } from "./notice-schema.ts";

const ROOTS: readonly Schema[] = [EVENT_SCHEMA, NOTICE_SCHEMA];

/** The schemas of what may stand at a dotted path; none where no event has such a field. Lists are looked through. */
export function fieldsAt(path: string): Schema[] {
  return find(path.split("."), (schema, segment) => memberOf(elementOf(schema), segment));
}

/** Whether a JSON Pointer can lead to something; an element of a list is an index or `*`. */
export function isSomewhere(segments: readonly string[]): boolean {
  const step = (schema: Schema, segment: string) => {
    if (schema["type"] !== "array") return memberOf(schema, segment);
    return /^(\*|\d+)$/.test(segment) ? elementOf(schema) : undefined;
  };
  return find(segments, step).length > 0;
}

/** Every path that a filter may speak of, but those below members that may have any name. */
export function fieldPaths(): string[] {
  return [...new Set(ROOTS.flatMap((root) => pathsIn(root, [])))];
}

/** The values that a field can have, where they are numbered. */
export function valuesAt(path: string): readonly unknown[] | undefined {
  const values = fieldsAt(path).map((schema) => ("const" in schema ? [schema["const"]] : schema["enum"]));
  return values.length > 0 && values.every(Array.isArray) ? [...new Set(values.flat())] : undefined;
}

type Step = (schema: Schema, segment: string) => Schema | undefined;

function find(segments: readonly string[], step: Step): Schema[] {
  return ROOTS.map((root) =>
    segments.reduce<Schema | undefined>((schema, segment) => schema && step(schema, segment), root),
  ).filter((schema) => schema !== undefined);
}

const ANYTHING: Schema = {};

const elementOf = (schema: Schema): Schema =>
  schema["type"] === "array" ? (isObject(schema["items"]) ? elementOf(schema["items"]) : ANYTHING) : schema;

function memberOf(schema: Schema, segment: string): Schema | undefined {
  const { type, properties } = schema;
  if (schema === ANYTHING || (type === "object" && !isObject(properties))) return ANYTHING;
  const member = isObject(properties) && Object.hasOwn(properties, segment) ? properties[segment] : undefined;
  return isObject(member) ? member : undefined;
}

function pathsIn(schema: Schema, path: readonly string[]): string[] {
  const { properties } = elementOf(schema);
  const deeper = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, member]) =>
    pathsIn(member as Schema, [...path, name]),
  );
  return path.length > 0 ? [path.join("."), ...deeper] : deeper;
}

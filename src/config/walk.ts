/** A document, whatever shape it has, beside the schema that describes it: what stands where, as far as the two agree. */
import type * as v from "valibot";
import { isObject } from "../core/json.ts";

export interface Place {
  schema: v.GenericSchema;
  value: unknown;
  path: readonly (string | number)[];
}

export function* walk({ schema, value, path }: Place): Generator<Place> {
  const shape = shapeOf(schema, value);
  if (!shape) return;
  yield { schema: shape, value, path };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* within({ schema: memberOf(shape), value: item, path }, index);
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value))
      yield* within({ schema: memberOf(shape, key), value: member, path }, key);
  }
}

function* within(place: Omit<Place, "schema"> & { schema: v.GenericSchema | undefined }, key: string | number) {
  const { schema, value, path } = place;
  if (schema) yield* walk({ schema, value, path: [...path, key] });
}

/** The keys that an object of this schema may have; `undefined` where it is no object with keys of ours. */
export function keysOf(schema: v.GenericSchema): readonly string[] | undefined {
  return isStrictObject(schema) ? Object.keys(schema.entries) : undefined;
}

type StrictObject = v.StrictObjectSchema<v.ObjectEntries, undefined>;

function isStrictObject(schema: v.GenericSchema): schema is StrictObject {
  return schema.type === "strict_object";
}

/** The schema that is meant where there is a choice; `undefined` where the value chooses none. */
function shapeOf(schema: v.GenericSchema, value: unknown): v.GenericSchema | undefined {
  switch (schema.type) {
    case "lazy":
      return shapeOf((schema as v.LazySchema<v.GenericSchema>).getter(value), value);
    case "optional":
      return shapeOf((schema as v.OptionalSchema<v.GenericSchema, undefined>).wrapped, value);
    case "variant": {
      const { key, options } = schema as unknown as { key: string; options: readonly StrictObject[] };
      const wordOf = ({ entries }: StrictObject) => (entries[key] as v.LiteralSchema<string, undefined>).literal;
      return isObject(value) ? options.find((option) => wordOf(option) === value[key]) : undefined;
    }
    default:
      return schema;
  }
}

function memberOf(schema: v.GenericSchema, key?: string): v.GenericSchema | undefined {
  if (key === undefined)
    return schema.type === "array" ? (schema as v.ArraySchema<v.GenericSchema, undefined>).item : undefined;
  if (schema.type === "record") return (schema as unknown as { value: v.GenericSchema }).value;
  return isStrictObject(schema) && Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined;
}

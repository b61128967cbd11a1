/** A schema of valibot's as JSON Schema, draft 7: the newest that editors understand whole. What only code can check is left out. */

export type JsonSchema = Record<string, unknown>;

export interface Wording {
  /** What a member is for, by the names of the members around it, such as `sources.verify`, and its own. */
  describe(around: string, name: string): string | undefined;
  /** Schemas that are only code, in words. */
  known: ReadonlyMap<object, JsonSchema>;
}

/** What the library's schemas and the steps behind them are made of. */
interface Part {
  type: string;
  pipe?: readonly [Part, ...Part[]];
  entries?: Readonly<Record<string, Part>>;
  key?: Part;
  value?: Part;
  item?: Part;
  wrapped?: Part;
  options?: readonly unknown[];
  literal?: unknown;
  default?: unknown;
  requirement?: unknown;
  getter?: (input: unknown) => Part;
}

export function createConverter({ describe, known }: Wording) {
  const seen = new Map<object, JsonSchema>();

  /** The same schema is the same object, so that what stands at many places can be written once. */
  function convert(schema: object, path: string): JsonSchema {
    const made = known.get(schema) ?? seen.get(schema) ?? shapeOf(schema as Part, path);
    seen.set(schema, made);
    return made;
  }

  function shapeOf(part: Part, path: string): JsonSchema {
    const { type, pipe, entries = {}, key, value, item, wrapped, options = [], literal, getter } = part;
    if (pipe) {
      const [first, ...steps] = pipe;
      return steps.reduce(constrain, { ...convert(first, path) });
    }
    if (wrapped) return convert(wrapped, path);
    if (getter) return oneOf(alternativesOf(getter).map((each) => convert(each, path)));
    if (key && value)
      return { type: "object", propertyNames: convert(key, path), additionalProperties: convert(value, path) };
    if (item) return { type: "array", items: convert(item, path) };
    switch (type) {
      case "strict_object":
        return objectOf(entries, path);
      case "variant":
        return { anyOf: options.map((option) => convert(option as Part, path)) };
      case "picklist":
        return { enum: options };
      case "literal":
        return { const: literal };
      case "string":
      case "number":
      case "boolean":
        return { type };
      default:
        throw new Error(`${path}: a ${type} is nothing that JSON Schema can say`);
    }
  }

  function objectOf(entries: Readonly<Record<string, Part>>, path: string): JsonSchema {
    const members = Object.entries(entries).map(([name, member]): [string, JsonSchema] => {
      const at = path === "" ? name : `${path}.${name}`;
      const description = describe(path, name);
      const usual = member.default === undefined ? {} : { default: member.default };
      return [name, { description, ...inside(convert(member, at)), ...usual }];
    });
    const required = Object.keys(entries).filter((name) => entries[name]?.type !== "optional");
    return {
      type: "object",
      properties: Object.fromEntries(members),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    };
  }

  return convert;
}

/** Draft 7 reads nothing that stands beside a reference, so that what may become one stands one deeper. */
const inside = (schema: JsonSchema): JsonSchema => (isCompound(schema) ? { allOf: [schema] } : schema);

export const isCompound = (schema: JsonSchema): boolean =>
  "anyOf" in schema || "properties" in schema || "items" in schema;

function constrain(schema: JsonSchema, { type, requirement }: Part): JsonSchema {
  const isList = schema["type"] === "array";
  switch (type) {
    case "min_length":
      return { ...schema, [isList ? "minItems" : "minLength"]: requirement };
    case "max_length":
      return { ...schema, [isList ? "maxItems" : "maxLength"]: requirement };
    case "max_entries":
      return { ...schema, maxProperties: requirement };
    case "min_value":
      return { ...schema, minimum: requirement };
    case "max_value":
      return { ...schema, maximum: requirement };
    case "integer":
      return { ...schema, type: "integer" };
    case "regex":
      return { ...schema, pattern: (requirement as RegExp).source };
    default:
      return schema;
  }
}

function oneOf(schemas: readonly JsonSchema[]): JsonSchema {
  const [first = {}, ...others] = schemas;
  if (others.length === 0) return first;
  const different = [...new Map(schemas.map((each) => [JSON.stringify(each), each])).values()];
  return different.length === 1 ? first : { anyOf: different };
}

/** What a lazy schema can choose: it is shown values of every kind, and an object with each key that it is seen to look for. */
function alternativesOf(getter: (input: unknown) => Part): Part[] {
  const looked = new Set<string>();
  const look = (_target: object, key: string | symbol) => void looked.add(String(key));
  getter(
    new Proxy({}, { get: look, has: (target, key) => Boolean(look(target, key)), getOwnPropertyDescriptor: look }),
  );
  const samples = ["", "/", "word", 0, true, [], {}, ...[...looked].map((key) => ({ [key]: "" }))];
  return [...new Set(samples.map(getter))].filter(({ type }) => type !== "never");
}

/** A JSON Schema in which what stands at several places, or within itself, is written once, under `definitions`. */
import { isCompound, type JsonSchema } from "./converter.ts";

/** @param called names of parts that are not called by the member that they stand in */
export function writeOnce(root: JsonSchema, called: ReadonlyMap<object, string>): JsonSchema {
  const names = namesOf(root);
  const definitions: JsonSchema = {};
  const references = new Map<object, JsonSchema>();

  const isRepeated = (value: object) => (names.get(value)?.length ?? 0) > 1 && isCompound(value as JsonSchema);

  function refer(value: object): JsonSchema {
    const known = references.get(value);
    if (known) return known;
    const wished = called.get(value) ?? names.get(value)?.find((each) => !(each in definitions)) ?? "part";
    let name = wished;
    for (let number = 2; name in definitions; number++) name = `${wished}${number}`;
    const reference = { $ref: `#/definitions/${name}` };
    references.set(value, reference);
    // Its place is taken before what it holds asks for one.
    definitions[name] = {};
    definitions[name] = copy(value as JsonSchema);
    return reference;
  }

  function write(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(write);
    return isRepeated(value) ? refer(value) : copy(value as JsonSchema);
  }

  function copy({ allOf, ...rest }: JsonSchema): JsonSchema {
    const members = Object.fromEntries(Object.entries(rest).map(([key, member]) => [key, write(member)]));
    if (!Array.isArray(allOf)) return members;
    const [only] = allOf as [object];
    return isRepeated(only) ? { ...members, allOf: [refer(only)] } : { ...members, ...copy(only as JsonSchema) };
  }

  const written = copy(root);
  return { ...written, definitions };
}

/** What each part is called where it stands, once for each place. */
function namesOf(root: JsonSchema): Map<object, string[]> {
  const names = new Map<object, string[]>();
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== "object" || value === null) return;
    const earlier = names.get(value);
    names.set(value, [...(earlier ?? []), name]);
    if (earlier) return;
    for (const [key, member] of Object.entries(value)) visit(member, isWord(key) ? name : key);
  };
  visit(root, "document");
  return names;
}

const WORDS = new Set(["items", "allOf", "anyOf", "properties", "additionalProperties", "propertyNames"]);

/** Of JSON Schema, and no name of a member. */
const isWord = (key: string): boolean => WORDS.has(key) || /^\d+$/.test(key);

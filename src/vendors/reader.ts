/**
 * Reads a vendor's object by field names and remembers which were read, so that what is left can be kept under the
 * vendor's own names. A field may be asked for by several names: vendors spell the same field in two ways.
 */
import type { Json, Scalar } from "../core/event.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { cut } from "./limits.ts";

export interface Reader {
  /** The first of the names that holds a non-empty string; a number is given as its digits. */
  text(...names: string[]): string | undefined;
  /** The first of the names whose text can be converted; a field that cannot be stays unread, under the vendor's own name. */
  converted<Value>(names: readonly string[], convert: (text: string) => Value | undefined): Value | undefined;
  flag(...names: string[]): boolean | undefined;
  number(...names: string[]): number | undefined;
  /** A reader of the first of the names that holds an object; what that reader leaves is left here too. */
  object(...names: string[]): Reader | undefined;
  /** The raw value of the first name that is there and is not null; it counts as read whole. */
  value(...names: string[]): Json | undefined;
  keys(): string[];
  /** Scalars that nobody read, by dotted path; the first ten thousand of them. */
  leftovers(): Record<string, Scalar>;
}

/** Far more than any vendor sends. Each has its path, so that a body made for it would fill the memory many times over. */
const MAX_LEFTOVERS = 10_000;

export function createReader(source: JsonObject): Reader {
  const read = new Set<string>();
  const nested = new Map<string, Reader>();

  function find(names: readonly string[], accepts: (value: Json) => boolean): string | undefined {
    return names.find((name) => Object.hasOwn(source, name) && accepts(source[name] ?? null));
  }

  function take<T>(
    names: readonly string[],
    accepts: (value: Json) => boolean,
    convert: (value: Json) => T,
  ): T | undefined {
    const name = find(names, accepts);
    if (name === undefined) return undefined;
    read.add(name);
    return convert(source[name] ?? null);
  }

  function* unread(): Generator<[string, Scalar]> {
    for (const [name, value] of Object.entries(source)) {
      if (read.has(name)) continue;
      const reader = nested.get(name);
      yield* under(name, reader ? Object.entries(reader.leftovers()) : flatten(value));
    }
  }

  return {
    text: (...names) => take(names, isText, (value) => String(value)),
    converted(names, convert) {
      for (const name of names) {
        const value = Object.hasOwn(source, name) && !read.has(name) ? source[name] : undefined;
        const converted = value !== undefined && isText(value) ? convert(String(value)) : undefined;
        if (converted === undefined) continue;
        read.add(name);
        return converted;
      }
      return undefined;
    },
    flag: (...names) => take(names, (value) => typeof value === "boolean", Boolean),
    number: (...names) => take(names, (value) => typeof value === "number", Number),
    value: (...names) =>
      take(
        names,
        (value) => value !== null,
        (value) => value,
      ),
    object(...names) {
      const name = find(names, isObject);
      if (name === undefined) return undefined;
      const reader = nested.get(name) ?? createReader(source[name] as JsonObject);
      nested.set(name, reader);
      return reader;
    },
    keys: () => Object.keys(source),
    leftovers: () => Object.fromEntries(unread().take(MAX_LEFTOVERS)),
  };
}

function isText(value: Json): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}

/** Every scalar below a value by dotted path; the value itself is at the empty path. */
function* flatten(value: Json): Generator<[string, Scalar]> {
  if (value === null || value === "") return;
  if (typeof value !== "object") return void (yield ["", value]);
  for (const [key, member] of Object.entries(value)) yield* under(key, flatten(member));
}

/** A long name is cut before it is put in front of each of its members. */
function* under(name: string, members: Iterable<[string, Scalar]>): Generator<[string, Scalar]> {
  const head = cut(name);
  for (const [path, scalar] of members) yield [path === "" ? head : cut(`${head}.${path}`), scalar];
}

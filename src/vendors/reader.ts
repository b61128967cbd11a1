/**
 * Reads a vendor's object by field names and remembers which were read, so that what is left can be kept under the
 * vendor's own names. A field may be asked for by several names: vendors spell the same field in two ways.
 */
import type { Json, Scalar } from "../core/event.ts";
import { isObject, type JsonObject } from "../core/json.ts";

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
  /** Scalars that nobody read, by dotted path. */
  leftovers(): Record<string, Scalar>;
}

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
    leftovers() {
      const left = Object.entries(source).flatMap(([name, value]) => {
        if (read.has(name)) return [];
        const reader = nested.get(name);
        return under(name, reader ? Object.entries(reader.leftovers()) : flatten(value));
      });
      return Object.fromEntries(left);
    },
  };
}

function isText(value: Json): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}

/** Every scalar below a value by dotted path; the value itself is at the empty path. */
function flatten(value: Json): [string, Scalar][] {
  if (value === null || value === "") return [];
  if (typeof value !== "object") return [["", value]];
  return Object.entries(value).flatMap(([key, member]) => under(key, flatten(member)));
}

function under(name: string, members: readonly [string, Scalar][]): [string, Scalar][] {
  return members.map(([path, scalar]) => [path === "" ? name : `${name}.${path}`, scalar]);
}

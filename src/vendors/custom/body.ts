/** A webhook or an answer whose words are looked up by JSON Pointer, and which of its scalars have found a place in the event. */
import type { Json, Scalar } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { parsePointer, valueAt } from "../../core/pointer.ts";
import { isCredentialAt } from "../../core/scrub.ts";
import { cut } from "../limits.ts";
import { createReader } from "../reader.ts";
import type { Field } from "./rules.ts";

export interface Found {
  /** As text; a number by its digits. */
  word: string;
  scalar: Scalar;
  path: string;
}

export interface Body {
  /** The first of the pointers that leads to a scalar with something in it. */
  find(pointers: readonly string[]): Found | undefined;
  /** It stands in the event, and is not told a second time. */
  place(found: Found | undefined): void;
  /** Each element of the list, or member of the object, at a pointer; the element itself without one. */
  each(pointer: string | undefined): Generator<Body>;
  /** Scalars that have found no place, by dotted path; no credential, and none of what lies at these pointers. */
  leftovers(besides?: readonly string[]): Record<string, Scalar>;
}

export const createBody = (json: JsonObject): Body => bodyOf(json, json, "", new Set());

function bodyOf(root: JsonObject, value: Json, under: string, placed: Set<string>): Body {
  const body: Body = {
    find(pointers) {
      for (const pointer of pointers) {
        const scalar = valueAt(value, pointer);
        const isScalar = typeof scalar === "string" ? scalar !== "" : /number|boolean/.test(typeof scalar);
        if (isScalar) return { word: String(scalar), scalar: scalar as Scalar, path: under + dotted(pointer) };
      }
      return undefined;
    },
    place: (found) => void (found && placed.add(cut(found.path))),
    *each(pointer) {
      if (pointer === undefined) return yield body;
      const list = valueAt(value, pointer);
      if (typeof list !== "object" || list === null) return;
      const path = `${under}${dotted(pointer)}`;
      for (const key of Object.keys(list)) {
        const element = (list as Readonly<Record<string, Json>>)[key] ?? null;
        yield bodyOf(root, element, `${path}.${key}.`, placed);
      }
    },
    leftovers(besides = []) {
      const heads = besides.map((pointer) => `${dotted(pointer)}.`);
      const isLeftOut = (name: string) =>
        placed.has(name) || heads.some((head) => name.startsWith(head)) || isCredentialAt(name);
      return Object.fromEntries(Object.entries(createReader(root).leftovers()).filter(([name]) => !isLeftOut(name)));
    },
  };
  return body;
}

/** As a reader names the same place. */
const dotted = (pointer: string): string => (parsePointer(pointer) ?? []).join(".");

/** The word of a field, where it counts. */
export function findWord({ at, when }: Pick<Field, "at" | "when">, body: Body): Found | undefined {
  const isMeant = when === undefined || body.find([when.at])?.word === when.equals;
  return isMeant ? body.find(at) : undefined;
}

/** What a field's word means here; `undefined` where it means nothing. */
export function meaningOf<Word extends string>(field: Field<Word>, found: Found | undefined): Word | undefined {
  if (!found) return field.absent;
  if (!field.values) return found.word as Word;
  return Object.hasOwn(field.values, found.word) ? field.values[found.word] : field.default;
}

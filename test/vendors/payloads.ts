/** Takes webhooks apart and makes others of them. */
import fc from "fast-check";
import type { Json } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";

type Path = readonly string[];

function membersOf(value: Json): [string, Json][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** Every scalar, as text. */
export function leavesOf(value: Json): Set<string> {
  if (typeof value !== "object" || value === null)
    return new Set(value === null || value === "" ? [] : [String(value)]);
  return new Set(membersOf(value).flatMap(([, member]) => [...leavesOf(member)]));
}

/** The way to every scalar; with objects, to everything that holds them too. */
export function pathsOf(value: Json, which: "scalars" | "with_objects" = "scalars"): Path[] {
  return membersOf(value).flatMap(([key, member]) => {
    const below = pathsOf(member, which).map((path) => [key, ...path]);
    return below.length === 0 || which === "with_objects" ? [[key], ...below] : below;
  });
}

/** A copy in which something else stands at the path. */
export function replaceAt(value: Json, path: Path, replacement: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  const replaced = membersOf(value).map(([name, member]): [string, Json] => [
    name,
    name === key ? replaceAt(member, rest, replacement) : member,
  ]);
  return Array.isArray(value) ? replaced.map(([, member]) => member) : Object.fromEntries(replaced);
}

export interface Vocabulary {
  keys: readonly string[];
  words: readonly string[];
}

/** The field names and words of real webhooks, so that random ones reach further than the first missing field. */
export function vocabularyOf(payloads: readonly JsonObject[]): Vocabulary {
  const keys = payloads.flatMap((payload) => pathsOf(payload, "with_objects").flat());
  const words = payloads.flatMap((payload) => [...leavesOf(payload)]);
  return {
    keys: [...new Set([...keys, "constructor", "__proto__", "toString", ""])],
    words: [...new Set([...words, "constructor", "__proto__", ""])],
  };
}

/** JSON objects that look like the vendor's from afar; with only words, every scalar is one of the vocabulary's. */
export function looseJson(
  { keys, words }: Vocabulary,
  scalars: "any_scalars" | "only_words" = "any_scalars",
): fc.Arbitrary<JsonObject> {
  const known = fc.constantFrom(...keys);
  const key =
    scalars === "only_words" ? known : fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: fc.string() });
  const word = fc.constantFrom<Json>(...words);
  const scalar = scalars === "only_words" ? word : fc.oneof(word, word, fc.jsonValue() as fc.Arbitrary<Json>);
  const { object } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
    object: fc.array(fc.tuple(key, tie("value")), { maxLength: 12 }).map((entries) => Object.fromEntries(entries)),
    value: fc.oneof({ depthSize: "small" }, scalar, tie("object")),
  }));
  return object;
}

/** A copy in which every scalar is another text, so that each can be looked for by itself. */
export function numberLeaves(payload: JsonObject): JsonObject {
  const numbered = (value: Json, path: Path, index: number) => replaceAt(value, path, `LEAF_${index}_`);
  return pathsOf(payload).reduce<Json>(numbered, payload) as JsonObject;
}

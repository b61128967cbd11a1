/** A document changed at random, as a hand, a script or a bad merge would change it: data, so that a failing one can be made smaller. */
import fc from "fast-check";
import { changed, REMOVED } from "./example.ts";
import { toPointer, valueAt } from "../../src/core/pointer.ts";

type Path = readonly string[];

export type Mutation =
  | { kind: "replace"; at: Path; value: unknown }
  | { kind: "remove"; at: Path }
  | { kind: "add"; at: Path; key: string; value: unknown }
  | { kind: "copy"; at: Path; from: Path }
  | { kind: "misspell"; at: Path; letter: number };

/** What tells careless code from careful. */
const STRANGE: readonly unknown[] = [
  null,
  "",
  0,
  -1,
  1.5,
  1e300,
  true,
  [],
  {},
  [null],
  [[]],
  { all: null },
  { secret: null },
  { secret: "nobody-has-set-it" },
  "x",
  "https://example.com",
  "http://169.254.169.254/",
  "https://10.0.0.1/",
  "__proto__",
  "\u0000",
  "\ud800",
  "x".repeat(5000),
  { $and: [] },
  { $not: null },
  { action: "deliver" },
  Number.MAX_SAFE_INTEGER,
  ["/data/x"],
];

const KEYS = ["unheard", "secret", "constructor", "__proto__", "toString", "a/b~c", "", "*", "$or", "A", "é"];

/** Every place of a value. */
function placesOf(value: unknown, path: Path = []): Path[] {
  const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [path, ...members.flatMap(([key, member]) => placesOf(member, [...path, key]))];
}

export function mutationsOf(document: unknown): fc.Arbitrary<Mutation[]> {
  const places = placesOf(document);
  const anywhere = fc.constantFrom(...places);
  const within = fc.constantFrom(...places.slice(1));
  const value = fc.oneof(fc.constantFrom(...STRANGE), fc.jsonValue({ maxDepth: 3 }));
  const mutation = fc.oneof(
    fc.record({ kind: fc.constant("replace" as const), at: anywhere, value }),
    fc.record({ kind: fc.constant("remove" as const), at: within }),
    fc.record({ kind: fc.constant("add" as const), at: anywhere, key: fc.constantFrom(...KEYS), value }),
    fc.record({ kind: fc.constant("copy" as const), at: within, from: within }),
    fc.record({ kind: fc.constant("misspell" as const), at: within, letter: fc.nat(20) }),
  );
  return fc.array(mutation, { minLength: 1, maxLength: 3 });
}

/** What an earlier one has taken away cannot be changed any more. */
export function mutate(document: unknown, mutations: readonly Mutation[]): unknown {
  return mutations.reduce(
    (before, mutation) => (has(before, mutation.at) ? apply(before, mutation) : before),
    document,
  );
}

function apply(document: unknown, mutation: Mutation): unknown {
  const pointer = toPointer(mutation.at);
  const found = valueAt(document, pointer);
  switch (mutation.kind) {
    case "replace":
      return changed({ [pointer]: mutation.value }, document);
    case "remove":
      return Array.isArray(valueAt(document, toPointer(mutation.at.slice(0, -1))))
        ? changed({ [pointer]: null }, document)
        : changed({ [pointer]: REMOVED }, document);
    case "add":
      if (typeof found !== "object" || found === null || Array.isArray(found)) return document;
      return changed({ [toPointer([...mutation.at, mutation.key])]: mutation.value }, document);
    case "copy":
      return changed({ [pointer]: valueAt(document, toPointer(mutation.from)) ?? null }, document);
    case "misspell": {
      const key = mutation.at.at(-1) ?? "";
      if (typeof found === "string") return changed({ [pointer]: misspelt(found, mutation.letter) }, document);
      const parent = valueAt(document, toPointer(mutation.at.slice(0, -1)));
      if (Array.isArray(parent)) return document;
      const other = toPointer([...mutation.at.slice(0, -1), misspelt(key, mutation.letter)]);
      return changed({ [pointer]: REMOVED, [other]: found }, document);
    }
  }
}

/** Without one of its letters. */
const misspelt = (word: string, letter: number): string =>
  word.slice(0, letter % Math.max(word.length, 1)) + word.slice((letter % Math.max(word.length, 1)) + 1);

const has = (document: unknown, path: Path): boolean => path.length === 0 || isMember(document, path);

/** Whether a fault's path leads to what is wrong, or of what is missing to a member that an object which is there lacks. */
export function leadsSomewhere(document: unknown, path: Path, message: string): boolean {
  if (!message.startsWith("missing")) return has(document, path);
  return !has(document, path) && isObject(valueAt(document, toPointer(path.slice(0, -1))));
}

function isMember(document: unknown, path: Path): boolean {
  const around = valueAt(document, toPointer(path.slice(0, -1)));
  return typeof around === "object" && around !== null && Object.hasOwn(around, path.at(-1) ?? "");
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** What makes no sense together in a custom source, whatever shape the rest of the document has. */
import { isObject } from "../core/json.ts";
import { toPointer } from "../core/pointer.ts";
import { gapsOf, isFillable } from "../vendors/custom/template.ts";
import type { Fault } from "./faults.ts";
import { withPreset } from "./preset.ts";

type Path = readonly (string | number)[];
type Found = [path: Path, message: string];

export function checkCustom(name: string, source: unknown): Fault[] {
  if (!isObject(source)) return [];
  const session = isObject(source["session"]) ? source["session"] : {};
  const faults =
    source["vendor"] === "custom"
      ? [
          ...checkWebhook(source),
          ...checkChallenge(source),
          ...checkReads(source, session),
          ...checkPaths(session),
          ...checkSession(source),
        ]
      : idleKeys(source, session);
  return faults.map(([path, message]) => ({ path: toPointer(["sources", name, ...path]), message }));
}

function idleKeys(source: Readonly<Record<string, unknown>>, session: Readonly<Record<string, unknown>>): Found[] {
  const own = ["preset", "webhook", "map", "challenge"].filter((key) => source[key] !== undefined);
  const sessions = ["auth", "reads", "fileList"].filter((key) => session[key] !== undefined);
  const paths: Path[] = [...own.map((key) => [key]), ...sessions.map((key) => ["session", key])];
  return paths.map((path) => [path, 'only of a source whose vendor is "custom"; this vendor is known by name']);
}

function checkWebhook(source: Readonly<Record<string, unknown>>): Found[] {
  return withPreset(source)["webhook"] !== undefined
    ? []
    : [[["webhook"], "missing: without it, or a preset that has it, nobody knows where the session's id stands"]];
}

/** A word that names a webhook tells no challenge from it. */
function checkChallenge(source: Readonly<Record<string, unknown>>): Found[] {
  const { webhook, challenge, events } = withPreset(source);
  const when = isObject(challenge) && isObject(challenge["when"]) ? challenge["when"] : {};
  const { at, equals } = when;
  const names = isObject(webhook) ? [webhook["event"]].flat() : [];
  const isName = names.includes(at) && Object.keys(isObject(events) ? events : {}).some((name) => isPart(name, equals));
  return isName
    ? [[["challenge", "when", "equals"], "is the name of an event: its webhooks would pass for challenges"]]
    : [];
}

const isPart = (name: string, word: unknown): boolean => name !== "*" && name.split("/").some((part) => part === word);

/** Of the vendors that are known by name. */
const OTHERS = [
  "apiKey",
  "login",
  "fetch",
  "contract",
  "contracts",
  "tokenUrl",
  "account",
  "tenant",
  "privateKey",
  "audience",
  "sessionIdAt",
  "properties",
];

function checkSession({ session }: Readonly<Record<string, unknown>>): Found[] {
  if (!isObject(session)) return [];
  const idle = OTHERS.filter((key) => session[key] !== undefined);
  const isEmpty = session["reads"] === undefined && session["fileList"] === undefined;
  return [
    ...idle.map((key): Found => [["session", key], "a custom source does not use it; auth says what opens its API"]),
    ...(isEmpty ? [[["session", "reads"], "missing: nothing says what to read"] satisfies Found] : []),
  ];
}

/** By name the place of the read that first has it: a stranger's list may be long, and is looked through once. */
function readPlaces(session: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [index, read] of listOf(session["reads"]).entries()) {
    const name = nameOf(read);
    if (name !== undefined && !places.has(name)) places.set(name, index);
  }
  return places;
}

const nameOf = (read: unknown): string | undefined =>
  isObject(read) && typeof read["name"] === "string" ? read["name"] : undefined;

const NO_READ = "expected the name of one of the session's reads";

function checkReads({ map }: Readonly<Record<string, unknown>>, session: Readonly<Record<string, unknown>>): Found[] {
  const names = readPlaces(session);
  const fields = Object.entries(isObject(map) ? map : {}).filter(([key]) => key !== "checks");
  const checks = listOf(isObject(map) ? map["checks"] : undefined);
  const places: [unknown, Path][] = [
    ...fields.map(([key, field]): [unknown, Path] => [field, ["map", key]]),
    ...checks.map((check, index): [unknown, Path] => [check, ["map", "checks", index]]),
    ...listOf(session["fileList"]).map((file, index): [unknown, Path] => [file, ["session", "fileList", index]]),
  ];
  const unknown = places.filter(
    ([place]) => isObject(place) && typeof place["read"] === "string" && !names.has(place["read"]),
  );
  const twice = listOf(session["reads"]).flatMap((read, index) =>
    (names.get(nameOf(read) ?? "") ?? index) < index ? [index] : [],
  );
  return [
    ...unknown.map(([, path]): Found => [[...path, "read"], NO_READ]),
    ...twice.map((index): Found => [["session", "reads", index, "name"], "another read has the same name"]),
  ];
}

/** A longer one is refused for that. */
const MOST_PATH = 1024;

const NO_WORD =
  "expected no words but {session}, {webhook:/a/pointer}, {read:/a/pointer} of an earlier read and, of a file, its {id}";

function checkPaths(session: Readonly<Record<string, unknown>>): Found[] {
  const names = readPlaces(session);
  const isBad = (path: unknown, before: number, hasId: boolean) =>
    typeof path === "string" &&
    path.length <= MOST_PATH &&
    (/[{}]/.test(path.replaceAll(/\{[^{}]*\}/g, "")) ||
      gapsOf(path).some((gap) => !isFillable(gap, (name) => (names.get(name) ?? before) < before, hasId)));
  const reads = listOf(session["reads"]).flatMap((read, index): Found[] =>
    isObject(read) && isBad(read["path"], index, false) ? [[["session", "reads", index, "path"], NO_WORD]] : [],
  );
  const files = listOf(session["fileList"]).flatMap((file, index): Found[] => {
    const at = ["session", "fileList", index];
    if (!isObject(file)) return [];
    if (isBad(file["path"], Infinity, true)) return [[[...at, "path"], NO_WORD]];
    const isNowhere = file["url"] === undefined && file["path"] === undefined;
    const isUnread = file["each"] !== undefined && file["read"] === undefined;
    return [
      ...(isNowhere ? [[[...at, "url"], "missing: where the file is, url or path must say"] satisfies Found] : []),
      ...(isUnread ? [[[...at, "read"], "missing: the list stands in the answer to a read"] satisfies Found] : []),
    ];
  });
  return [...reads, ...files];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What makes no sense together in a subscriber, whatever shape the rest of the document has. */
import { isObject } from "../core/json.ts";
import { toPointer } from "../core/pointer.ts";
import type { Fault } from "./faults.ts";

type Path = readonly (string | number)[];

/** @param credentials names of headers that open a source, in lower case */
export function checkSubscriber(name: string, subscriber: unknown, credentials: ReadonlySet<string>): Fault[] {
  if (!isObject(subscriber)) return [];
  const faults = [
    ...checkAuth(subscriber.auth),
    ...checkFormat(subscriber),
    ...checkHeaders(subscriber),
    ...checkForwarded(subscriber.forwardHeaders, credentials),
  ];
  return faults.map(([path, message]) => ({ path: toPointer(["subscribers", name, ...path]), message }));
}

type Found = [path: Path, message: string];

function checkAuth(auth: unknown): Found[] {
  if (!isObject(auth) || auth.type !== "oauth2") return [];
  const [needed, idle] =
    auth.method === "private_key_jwt" ? ["privateKey", "clientSecret"] : ["clientSecret", "privateKey"];
  const missing: Found = [["auth", needed], "missing: this method proves itself with it"];
  const unused: Found = [["auth", idle], "this method does not use it"];
  return [...(auth[needed] === undefined ? [missing] : []), ...(auth[idle] === undefined ? [] : [unused])];
}

function checkFormat(subscriber: Readonly<Record<string, unknown>>): Found[] {
  const [excluded, why] =
    subscriber.format === "raw"
      ? [["include", "redact"], "the vendor's own bytes go out whole: nothing can be taken out of them"]
      : [["forwardHeaders"], 'they go with the vendor\'s own bytes only: with the format "raw"'];
  return excluded.filter((key) => subscriber[key] !== undefined).map((key) => [[key], why]);
}

/** One header can hold but one value. */
function checkHeaders({ signing, auth, forwardHeaders, headers }: Readonly<Record<string, unknown>>): Found[] {
  const signatures = listOf(signing).map((each, index) => [
    isObject(each) && each.header,
    ["signing", index, "header"],
  ]);
  const named = [
    ...signatures,
    [isObject(auth) && auth.type === "header" && auth.name, ["auth", "name"]],
    ...listOf(forwardHeaders).map((header, index) => [header, ["forwardHeaders", index]]),
    ...Object.keys(isObject(headers) ? headers : {}).map((header) => [header, ["headers", header]]),
  ] as [unknown, Path][];
  const taken = new Set<string>();
  return named.flatMap(([header, path]): Found[] => {
    if (typeof header !== "string") return [];
    const isTaken = taken.has(header.toLowerCase());
    taken.add(header.toLowerCase());
    return isTaken ? [[path, "this subscriber has another use for the same header"]] : [];
  });
}

function checkForwarded(forwardHeaders: unknown, credentials: ReadonlySet<string>): Found[] {
  return listOf(forwardHeaders).flatMap((header, index): Found[] =>
    typeof header === "string" && credentials.has(header.toLowerCase())
      ? [[["forwardHeaders", index], "never forwarded: it opens a source of this gateway"]]
      : [],
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

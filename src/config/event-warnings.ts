/** Names of events that will not do what they seem to say: nobody can know all names, but some look like another's spelling. */
import { distanceBetween } from "../core/nearest.ts";
import { adapters } from "../vendors/registry.ts";
import { faultOf, type Fault } from "./faults.ts";
import type { SourceDocument } from "./source-schema.ts";

export function warnOfEvents(owner: string, { vendor, events }: SourceDocument): Fault[] {
  const names = Object.keys(events).filter((name) => name !== "*");
  const words = new Map((adapters[vendor].eventWords ?? []).map((word) => [word, folded(word)]));
  const path = ["sources", owner, "events"];
  const seen = new Map<string, string>();
  const isIdle =
    Object.keys(events).includes("*") && Object.values(events).every((each) => actionOf(each) === "ignore");
  return [
    ...(isIdle ? [faultOf(path, "every event of this source is ignored")] : []),
    ...names.flatMap((name): Fault[] => {
      const at = [...path, name];
      if (name.includes("*")) return [faultOf(at, "this is no pattern: only * alone stands for the rest")];
      const alike = seen.get(folded(name)) ?? respelled(name, words);
      seen.set(folded(name), name);
      if (alike !== undefined) return [faultOf(at, "spelled almost like another name", alike, [alike])];
      const broader = broaderThan(name).find((each) => Object.hasOwn(events, each));
      const isSame = broader !== undefined && JSON.stringify(events[broader]) === JSON.stringify(events[name]);
      return isSame ? [faultOf(at, "shadowed by a broader name, which says the same already", broader, [broader])] : [];
    }),
  ];
}

type Handling = SourceDocument["events"][string];

const actionOf = (handling: Handling): string => (typeof handling === "string" ? handling : handling.action);

/** No vendor's names have so many parts; a stranger's may have hundreds. */
const MOST_BROADER = 8;

/** `a/b`, `a` of `a/b/c`; not `*`, beside which a name may stand to say that it is known. */
function broaderThan(name: string): string[] {
  const parts = name.split("/");
  return parts.slice(1, 1 + MOST_BROADER).map((_, index) => parts.slice(0, parts.length - 1 - index).join("/"));
}

const folded = (name: string): string => name.toLowerCase().replaceAll(/[\s_.:-]/g, "");

/** One letter of a shorter word may make it another. */
const LONG = 5;

/** The name with the vendor's own words in the place of those that are nearly so; `undefined` where there are none. */
function respelled(name: string, words: ReadonlyMap<string, string>): string | undefined {
  const parts = name.split("/").map((part) => {
    if (words.has(part) || words.size === 0) return part;
    const written = folded(part);
    return [...words].find(([word, plain]) => word.length >= LONG && isNearly(written, plain))?.[0] ?? part;
  });
  return parts.join("/") === name ? undefined : parts.join("/");
}

const isNearly = (one: string, other: string): boolean =>
  Math.abs(one.length - other.length) <= 1 && distanceBetween(one, other) <= 1;

/** What a valid document says that its author may not mean. */
import { toPointer } from "../core/pointer.ts";
import type { Fault } from "./faults.ts";
import { schemesOf, type ConfigDocument, type SourceDocument } from "./schema.ts";

export function warn(document: ConfigDocument): Fault[] {
  return Object.entries(document.sources).flatMap(([name, source]) => warnOfSource(name, source));
}

/** They say where a webhook comes from, or nothing, but not who wrote it. */
const WEAK: ReadonlySet<string> = new Set(["ip", "none"]);

function warnOfSource(name: string, source: SourceDocument): Fault[] {
  const alternatives = schemesOf(name, source).filter(({ isConjunct }) => !isConjunct);
  const hasStrong =
    alternatives.some(({ scheme }) => !WEAK.has(scheme.scheme)) || source.verify.some((each) => "all" in each);
  const weak = alternatives.filter(({ scheme }) => hasStrong && WEAK.has(scheme.scheme)).map(({ path }) => path);
  const unread = Object.entries(source.events)
    .filter(([, handling]) => source.session === undefined && typeof handling === "object" && handling.fetch)
    .map(([event]) => ["sources", name, "events", event, "fetch"]);
  return [
    ...toWarnings(weak, "a weak scheme beside a strong one: any one that passes suffices"),
    ...toWarnings(unread, "there is nothing to fetch from: the source has no session"),
  ];
}

function toWarnings(paths: readonly (readonly (string | number)[])[], message: string): Fault[] {
  return paths.map((path) => ({ path: toPointer(path), message }));
}

/** What a valid document says that its author may not mean. */
import { toPointer } from "../core/pointer.ts";
import { adapters } from "../vendors/registry.ts";
import type { Fault } from "./faults.ts";
import type { ConfigDocument } from "./schema.ts";
import { schemesOf, type SourceDocument } from "./source-schema.ts";

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
    ...warnOfRetention(name, source),
    ...toWarnings(weak, "a weak scheme beside a strong one: any one that passes suffices"),
    ...toWarnings(unread, "there is nothing to fetch from: the source has no session"),
  ];
}

const DAY_SECONDS = 86_400;

/** Files that no event names any more are found by nobody; nor is a repeat known without what it repeats. */
function warnOfRetention(name: string, { vendor, dedupe, retention }: SourceDocument): Fault[] {
  const { receipts = Infinity, events = Infinity, files = Infinity } = retention;
  const windowSeconds = dedupe?.windowSeconds ?? adapters[vendor].dedupeSeconds;
  const isOrphaned = events < files;
  const isForgotten = receipts * DAY_SECONDS < windowSeconds;
  const at = (key: string) => [["sources", name, "retention", key]];
  return [
    ...(isOrphaned ? toWarnings(at("events"), "the files outlive the events that name them") : []),
    ...(isForgotten ? toWarnings(at("receipts"), "shorter than the window in which the same bytes are a repeat") : []),
  ];
}

function toWarnings(paths: readonly (readonly (string | number)[])[], message: string): Fault[] {
  return paths.map((path) => ({ path: toPointer(path), message }));
}

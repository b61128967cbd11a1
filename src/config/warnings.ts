/** What a valid document says that its author may not mean. */
import { adapters } from "../vendors/registry.ts";
import { warnOfEvents } from "./event-warnings.ts";
import { faultOf, type Fault } from "./faults.ts";
import type { ConfigDocument } from "./schema.ts";
import { schemesOf, type SourceDocument } from "./source-schema.ts";
import { warnOfSubscribers } from "./subscriber-warnings.ts";

export function warn(document: ConfigDocument): Fault[] {
  const sources = Object.entries(document.sources);
  return [
    ...sources.flatMap(([name, source]) => warnOfSource(name, source)),
    ...warnOfClients(sources),
    ...warnOfSubscribers(document),
  ];
}

/**
 * A token opens every source that lists its client with the secret that it was fetched with. That may be meant; with another
 * secret it opens one of them only, and lists of tokens cannot tell the two apart. Within a source it is how a secret is rotated.
 */
function warnOfClients(sources: readonly (readonly [string, SourceDocument])[]): Fault[] {
  const owners = new Map<string, { owner: string; secrets: Set<string> }>();
  const clients = sources.flatMap(([owner, source]) =>
    schemesOf(owner, source).flatMap(({ scheme, path }) =>
      scheme.scheme === "bearer"
        ? scheme.clients.map(({ id, secret }, index) => ({
            owner,
            id,
            ...secret,
            path: [...path, "clients", index, "id"],
          }))
        : [],
    ),
  );
  return clients.flatMap(({ owner, id, secret, path }) => {
    const first = owners.get(id) ?? { owner, secrets: new Set<string>() };
    owners.set(id, first);
    if (first.owner === owner) {
      first.secrets.add(secret);
      return [];
    }
    const isShared = first.secrets.has(secret);
    return [
      faultOf(
        path,
        isShared
          ? "another source has this client: its token opens both"
          : "another source has a client of this id, with another secret: lists of tokens do not tell them apart",
      ),
    ];
  });
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
    ...warnOfEvents(name, source),
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
  return paths.map((path) => faultOf(path, message));
}

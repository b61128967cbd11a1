/**
 * What has been kept for as long as its source wants it goes: a rolling walk over R2, stretch by stretch, a bounded number of
 * pages and removals at a time. What a run has begun to remove it writes down first, and the next run finishes: an object that
 * is gone is found by nobody, and its row must not stay behind.
 */
import type { Config } from "../config/config.ts";
import { mapLimited } from "../core/limit.ts";
import type { Expired, ExpiringLedger, ExpiryArchive, Retention, Shelf } from "../core/retention.ts";

export interface RetentionDeps {
  config(): Promise<Config | undefined>;
  archive: ExpiryArchive;
  expiring: ExpiringLedger;
  cursors: {
    read(name: string): Promise<string | undefined>;
    write(name: string, value: string | undefined): Promise<void>;
  };
  mark: { isBehind(): Promise<boolean> };
  now: number;
}

/** Where the walk stands. */
interface Place {
  shelf: number;
  after?: string | undefined;
  /** What was being removed, from the shelf of that kind. */
  removing?: { kind: Shelf["kind"]; expired: Expired[] };
  /** Everything has been looked through: days are counted, so that an hour's rest is no delay. */
  restUntil?: number;
}

const CURSOR = "retention";
const PAGES = 5;
const PAGE = 1000;
const MOST_REMOVED = 500;
const REST_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** An answer that the ledger was never told of, or has lost, is found by no erasure: it goes by its age, at the latest. */
const ANSWERS_DAYS = 30;
/** The platform opens six connections at a time. */
const AT_A_TIME = 5;

/** Returns how many objects have gone: none while the ledger has forgotten what it knew, what is on hold and owed among it. */
export async function expire(deps: RetentionDeps): Promise<number> {
  const config = await deps.config();
  if (!config) return 0;
  const retentions = retentionsOf(config);
  const shelves = shelvesOf(retentions);
  if (await deps.mark.isBehind()) return 0;
  let place = readPlace(await deps.cursors.read(CURSOR));
  if (place.removing) await remove(place.removing.kind, place.removing.expired, deps);
  if ((place.restUntil ?? 0) > deps.now) return 0;

  const isOver = overAt(deps.now, retentions);
  let gone = 0;
  for (let page = 0; page < PAGES && gone < MOST_REMOVED; page++) {
    const shelf = shelves[place.shelf];
    if (!shelf) break;
    const { expired, last } = await deps.archive.list(shelf, place.after, PAGE, isOver(shelf));
    const due = await dueOf(shelf.kind, expired, deps);
    const taken = due.slice(0, MOST_REMOVED - gone);
    if (taken.length > 0) {
      await writePlace({ ...place, removing: { kind: shelf.kind, expired: taken } }, deps);
      await remove(shelf.kind, taken, deps);
      gone += taken.length;
    }
    const after = taken.length < due.length ? taken.at(-1)?.key : last;
    place = after === undefined ? { shelf: place.shelf + 1 } : { shelf: place.shelf, after };
  }
  await writePlace(place.shelf < shelves.length ? place : { shelf: 0, restUntil: deps.now + REST_MS }, deps);
  return gone;
}

/** Without those that have had their bytes taken already, and whose place is still needed. */
async function dueOf(kind: Shelf["kind"], expired: readonly Expired[], deps: RetentionDeps): Promise<Expired[]> {
  if (expired.length === 0) return [];
  const judged = await deps.expiring.judge(kind, expired);
  return expired.filter(({ key, isHollow }) => judged.get(key) === "remove" || (judged.has(key) && !isHollow));
}

/** Judged again: in the meantime somebody may hold it. A row outlives its object, never the other way round. */
async function remove(kind: Shelf["kind"], expired: readonly Expired[], deps: RetentionDeps): Promise<void> {
  const judged = await deps.expiring.judge(kind, expired);
  const hollowed = expired.filter(({ key, isHollow }) => judged.get(key) === "hollow" && !isHollow);
  const removed = expired.filter(({ key }) => judged.get(key) === "remove");
  await mapLimited(hollowed, AT_A_TIME, ({ key }) => deps.archive.hollow(key));
  if (removed.length > 0) await deps.archive.remove(removed.map(({ key }) => key));
  await deps.expiring.forget(kind, removed);
}

type Retentions = ReadonlyMap<string, Retention>;

const retentionsOf = (config: Config): Retentions =>
  new Map([...config.sources].map(([name, { retention }]) => [name, retention]));

/** What is of no one source is kept for as long as any of them keeps its receipts. */
function shelvesOf(retentions: Retentions): Shelf[] {
  const shelves: Shelf[] = [];
  for (const [source, { receipts, events }] of retentions) {
    // A receipt whose event is gone needs no place any more.
    if (events !== undefined) shelves.push({ kind: "events", source });
    if (receipts !== undefined) shelves.push({ kind: "receipts", source }, { kind: "deadLetters", source });
  }
  if ([...retentions.values()].some(({ files }) => files !== undefined)) shelves.push({ kind: "files" });
  if (longestOf(retentions) !== undefined) shelves.push({ kind: "notices" }, { kind: "strays" });
  shelves.push({ kind: "answers" });
  return shelves;
}

function longestOf(retentions: Retentions): number | undefined {
  const days = [...retentions.values()].map(({ receipts }) => receipts ?? Number.POSITIVE_INFINITY);
  const longest = Math.max(0, ...days);
  return longest > 0 && Number.isFinite(longest) ? longest : undefined;
}

const overAt =
  (now: number, retentions: Retentions) =>
  (shelf: Shelf) =>
  (storedAt: number, source: string): boolean => {
    const days = daysOf(shelf, source, retentions);
    return days !== undefined && storedAt < now - days * DAY_MS;
  };

function daysOf({ kind, source }: Shelf, owner: string, retentions: Retentions): number | undefined {
  switch (kind) {
    case "receipts":
    case "deadLetters":
      return retentions.get(source)?.receipts;
    case "events":
      return retentions.get(source)?.events;
    case "files":
      return retentions.get(owner)?.files;
    case "answers":
      return Math.min(longestOf(retentions) ?? ANSWERS_DAYS, ANSWERS_DAYS);
    case "notices":
    case "strays":
      return longestOf(retentions);
  }
}

/** A shelf that the configuration has no more is passed over: the walk comes round again. */
const readPlace = (text: string | undefined): Place =>
  text === undefined ? { shelf: 0 } : (JSON.parse(text) as Place);

const writePlace = (place: Place, deps: RetentionDeps): Promise<void> =>
  deps.cursors.write(CURSOR, JSON.stringify(place));

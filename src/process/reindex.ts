/**
 * The ledger from the archive, one bounded step after another: what was an event is one again, with its receipt, session and files,
 * and then what made none. What the ledger knows stays as it is. Nothing is delivered: deliveries are history that only the
 * ledger has.
 */
import type { Config } from "../config/config.ts";
import type { Position } from "../core/cursor.ts";
import type { MarkedHold } from "../core/erasure.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { hashExternalId, receiptId, type ReceiptAddress } from "../core/ids.ts";
import type {
  KnownReceipt,
  ProcessingLedger,
  ReceiptOutcome,
  Restored,
  RestoredEvent,
  RestoringLedger,
} from "../core/ledger.ts";
import { mapLimited } from "../core/limit.ts";
import type { Receipt } from "../core/receipt.ts";
import { readStory, type Story } from "../core/story.ts";
import { recallReceipt } from "./recall.ts";

interface Listed {
  key: string;
  source: string;
  session: string;
  event: string;
  storedAt: number;
  metadata: Readonly<Record<string, string>>;
}

export interface ReindexDeps {
  config(): Promise<Config | undefined>;
  processing: Pick<ProcessingLedger, "past" | "commit">;
  restoring: RestoringLedger;
  events: {
    list(after: string | undefined, limit: number): Promise<{ events: Listed[]; isLast: boolean }>;
    ofSession(session: Pick<ReceiptAddress, "source" | "session">): Promise<Listed[]>;
    read(key: string): Promise<CanonicalEvent | undefined>;
  };
  receipts: {
    list(
      after: string | undefined,
      limit: number,
    ): Promise<{ receipts: { key: string; storedAt: number }[]; isLast: boolean }>;
    addressOf(key: string): ReceiptAddress | undefined;
    read(key: string): Promise<Receipt | undefined>;
  };
  holds: { restoreHolds(holds: readonly MarkedHold[]): Promise<number> };
  markers: {
    list(after: string | undefined, limit: number): Promise<{ holds: MarkedHold[]; last: string | undefined }>;
  };
  mark: {
    isBehind(): Promise<boolean>;
    onceKnownUntil(): Promise<number | undefined>;
    advance(now: number): Promise<void>;
  };
  now: number;
  /** A younger receipt may still be on its way, milliseconds. */
  afterMs: number;
}

/** `sequence` of the position is what is walked, and the time until which the ledger that was lost knew all; `id` is the last key. */
export type Reindexed = Restored & { examined: number; next?: Position | undefined };

/** Holds last: what they are of is there by then. */
const WALKS = ["events", "receipts", "holds"] as const;

/**
 * A younger event may be about to be written down with its deliveries, which must not be forestalled: its message comes again, after the longest
 * pause that a queue makes at the latest.
 */
const COMMITTING_MS = 600_000;
/** The ledger is said to know all a moment before the last of it is committed. */
const KNOWING_MS = 60_000;
/** Objects of one step; a request may make a thousand calls to stores. */
const STEP = 400;
const AT_A_TIME = 6;

/**
 * A ledger that has forgotten nothing is let alone: what it does not know is only late, and would be kept from being delivered.
 * @param isForced the ledger is believed to have lost something all the same
 */
export async function reindex(
  from: Position | undefined,
  isForced: boolean,
  deps: ReindexDeps,
): Promise<Reindexed | "nothing_forgotten" | "not_configured"> {
  const config = await deps.config();
  if (!config) return "not_configured";
  if (!isForced && !(await deps.mark.isBehind())) return "nothing_forgotten";
  const { walk, until, after } = await placeOf(from, deps);
  const { last, ...counts } = await STEPS[walk]({ after, until }, config, deps);
  if (last !== undefined) return { ...counts, next: positionOf(walk, until, last) };
  const next = WALKS[WALKS.indexOf(walk) + 1];
  if (next) return { ...counts, next: positionOf(next, until, "") };
  await deps.mark.advance(deps.now);
  return counts;
}

type Walk = (typeof WALKS)[number];

/** `until`: what was stored later, epoch milliseconds, may have been under way: it is for process and for reconciliation to finish. */
interface Stretch {
  after: string | undefined;
  until: number;
}

const positionOf = (walk: Walk, until: number, id: string): Position => ({ sequence: `${walk}@${until}`, id });

async function placeOf(from: Position | undefined, { mark, now }: ReindexDeps): Promise<Stretch & { walk: Walk }> {
  const [name, time] = from?.sequence.split("@") ?? [];
  const carried = /^\d+$/.test(time ?? "") ? Number(time) : undefined;
  const known = carried === undefined ? await mark.onceKnownUntil() : undefined;
  const until = carried ?? Math.min((known ?? now) - KNOWING_MS, now - COMMITTING_MS);
  const walk = WALKS.find((each) => each === name) ?? "events";
  return { walk, until, after: from?.id === "" ? undefined : from?.id };
}

/** `last`: the key after which the walk goes on. */
type Step = Restored & { examined: number; last: string | undefined };

const STEPS: Readonly<Record<Walk, (stretch: Stretch, config: Config, deps: ReindexDeps) => Promise<Step>>> = {
  events: (stretch, _config, deps) => reindexEvents(stretch, deps),
  receipts: reindexReceipts,
  holds: ({ after }, _config, deps) => reindexHolds(after, deps),
};

interface Told {
  listed: Listed;
  story: Story;
  address: ReceiptAddress;
  receipt: string;
}

async function reindexEvents({ after, until }: Stretch, deps: ReindexDeps): Promise<Step> {
  const { events, isLast } = await deps.events.list(after, STEP);
  const told = await Promise.all(events.filter(({ storedAt }) => storedAt < until).map(tell));
  const stories = told.filter((each) => each !== undefined);
  const known = (await deps.processing.past(unique(stories.map(({ receipt }) => receipt)), [])).receipts;
  const unknown = stories.filter((each) => mayBeUnknown(each, known.get(each.receipt)));
  const entries = await mapLimited(newestOfEach(unknown), AT_A_TIME, (each) => toEntry(each, deps));
  const made = entries.filter((entry) => entry !== undefined);
  const kept = made.flatMap((entry) => ("state" in entry ? [entry] : []));
  const restored = await deps.restoring.restore(made.flatMap((entry) => ("state" in entry ? [] : [entry])));
  const committed = await deps.processing.commit(kept, deps.now);
  const receipts = restored.receipts + committed.size;
  return { ...restored, receipts, examined: events.length, last: isLast ? undefined : events.at(-1)?.key };
}

async function tell(listed: Listed): Promise<Told | undefined> {
  const story = readStory(listed.metadata["story"]);
  if (!story) return undefined;
  const { source, session } = listed;
  const { body, generation } = story.receipt;
  const address = { source, session, body, generation };
  return { listed, story, address, receipt: await receiptId(address) };
}

/** A receipt that has made an event may have made several. */
const mayBeUnknown = ({ story, listed }: Told, known: KnownReceipt | undefined): boolean =>
  known === undefined || (story.state === "event" && known.state === "event" && known.event !== listed.event);

/** Of several decisions about one event the last is the likeliest to have been committed. */
function newestOfEach(told: readonly Told[]): Told[] {
  const newest = new Map<string, Told>();
  for (const each of told) {
    const { event } = each.listed;
    const other = newest.get(event);
    if (!other || other.listed.storedAt <= each.listed.storedAt) newest.set(event, each);
  }
  return [...newest.values()];
}

async function toEntry(
  { listed, story, address, receipt }: Told,
  deps: ReindexDeps,
): Promise<RestoredEvent | ReceiptOutcome | undefined> {
  const event = await deps.events.read(listed.key);
  if (!event) return undefined;
  const { receivedAt, basis, size } = story.receipt;
  const { vendor, environment, sequence, subject } = event;
  const { externalId, superseded = false } = event.data.session;
  const external = externalId === undefined ? undefined : await hashExternalId(externalId);
  const facts = { vendor, environment, basis, sequence, size, subject, external };
  const entry = { ...address, receipt, receivedAt, facts };
  if (story.state === "recorded") return { ...entry, state: "recorded" };
  return {
    ...entry,
    event: event.id,
    revision: event.revision,
    type: event.type,
    outcome: event.outcome,
    object: listed.key,
    config: story.config,
    time: event.time,
    external,
    superseded,
    files: event.data.files ?? [],
    next: story.session,
    reads: (story.read?.asked ?? 1) - 1,
  };
}

async function reindexReceipts({ after, until }: Stretch, config: Config, deps: ReindexDeps): Promise<Step> {
  const { receipts, isLast } = await deps.receipts.list(after, STEP);
  const settled = receipts.filter(({ storedAt }) => storedAt < Math.min(until, deps.now - deps.afterMs));
  const ids = await Promise.all(settled.map(async ({ key }) => ({ key, id: await idOf(key, deps) })));
  const known = (
    await deps.processing.past(
      ids.flatMap(({ id = [] }) => id),
      [],
    )
  ).receipts;
  const unknown = ids.filter(({ id }) => id !== undefined && !known.has(id));
  const outcomes = await mapLimited(unknown, AT_A_TIME, ({ key }) => recall(key, config, deps));
  const committed = await deps.processing.commit(
    outcomes.flatMap((outcome) => outcome ?? []),
    deps.now,
  );
  const last = isLast ? undefined : receipts.at(-1)?.key;
  return { receipts: committed.size, events: 0, sessions: 0, files: 0, examined: receipts.length, last };
}

async function reindexHolds(after: string | undefined, { markers, holds }: ReindexDeps): Promise<Step> {
  const { holds: marked, last } = await markers.list(after, STEP);
  if (marked.length > 0) await holds.restoreHolds(marked);
  return { receipts: 0, events: 0, sessions: 0, files: 0, examined: marked.length, last };
}

async function idOf(key: string, deps: ReindexDeps): Promise<string | undefined> {
  const address = deps.receipts.addressOf(key);
  return address && receiptId(address);
}

async function recall(key: string, config: Config, deps: ReindexDeps): Promise<ReceiptOutcome | undefined> {
  const receipt = await deps.receipts.read(key);
  if (!receipt) return undefined;
  return recallReceipt(receipt, config, deps.now, async ({ address }) => {
    const listed = await deps.events.ofSession(address);
    return listed.flatMap(({ metadata }) => readStory(metadata["story"]) ?? []);
  });
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

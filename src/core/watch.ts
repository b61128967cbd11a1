/**
 * Whether a source refuses everything that comes, or has fallen silent: what was counted of it lately, against what is remembered of
 * it. Each is told when it begins, and once more only after it has ended.
 */
import type { Note } from "./notice.ts";
import { MINUTE_MS, type Count } from "./tally.ts";

/** How far back one looks, milliseconds. */
export const LOOK_BACK_MS = 10 * MINUTE_MS;
/** Refused in that time, and nothing else: more than one webhook that its vendor sends again and again. */
const REFUSALS_TO_TELL = 20;
/** What is remembered of a source that is well is written down no more often, and nobody is called silent sooner for it. */
const HEARD_EVERY_MS = 5 * MINUTE_MS;

/** Times are epoch milliseconds. */
export interface SourceState {
  /** About when it last sent something that was proven. */
  heardAt?: number | undefined;
  rejectingSince?: number | undefined;
  silentSince?: number | undefined;
}

/** What was counted of a source lately; `at` the last minute in which it was. */
export type Heard = readonly (Pick<Count, "word" | "count"> & { at: number })[];

/** Answers to webhooks that were proven to be the vendor's. */
const PROVEN = ["accepted", "repeat", "ignored", "not_durable"];
/** Followed by `/` and why. */
const REFUSED = ["not_verified", "refused_too_often"];

type Found = Pick<Note, "type" | "data">;

export interface WatchLedger {
  /** By source: what was counted from then on, and what is remembered. */
  look(from: number): Promise<{ heard: ReadonlyMap<string, Heard>; known: ReadonlyMap<string, SourceState> }>;
  /** In one transaction, with what is to be told of it; of two who find the same begun, only one notes it. */
  remember(changes: {
    changed: readonly { name: string; state: SourceState }[];
    gone: readonly string[];
    notes: readonly Omit<Note, "id">[];
  }): Promise<void>;
}

/**
 * What is to be remembered of it instead, and what is to be told of it.
 * @param silentAfterSeconds absent: it may be silent for ever. A source that was never heard is not silent either
 */
export function watchSource(
  known: SourceState,
  heard: Heard,
  silentAfterSeconds: number | undefined,
  now: number,
): { state: SourceState; found: Found[] } {
  const proven = heard.filter(({ word }) => PROVEN.includes(word));
  const reasons = refusalsIn(heard);
  const [taken, refused] = [total(proven.map(({ count }) => count)), total(Object.values(reasons))];
  const heardAt = laterOf(known.heardAt, Math.max(0, ...proven.map(({ at }) => at)));
  const rejects = taken === 0 && refused >= REFUSALS_TO_TELL;
  // One that is flooded by strangers is told of once, though its vendor gets through now and then.
  const rejectingSince = taken > refused ? undefined : (known.rejectingSince ?? (rejects ? now : undefined));
  const mayBeSilentMs = (silentAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000 + HEARD_EVERY_MS;
  const isSilent = taken === 0 && heardAt !== undefined && now - heardAt >= mayBeSilentMs;
  const silentSince = isSilent ? (known.silentSince ?? now) : undefined;

  const last = heardAt === undefined ? {} : { lastAcceptedAt: new Date(heardAt).toISOString() };
  const found: Found[] = [];
  if (rejectingSince === now)
    found.push({ type: "gateway.source.rejecting", data: { count: refused, reasons, ...last } });
  if (silentSince === now && silentAfterSeconds !== undefined)
    found.push({ type: "gateway.source.silent", data: { silentAfterSeconds, ...last } });
  return { state: { heardAt, rejectingSince, silentSince }, found };
}

function refusalsIn(heard: Heard): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { word, count } of heard) {
    const [answer = "", reason = ""] = word.split("/");
    if (REFUSED.includes(answer)) reasons[reason] = (reasons[reason] ?? 0) + count;
  }
  return reasons;
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Zero is never. */
function laterOf(known: number | undefined, at: number): number | undefined {
  if (at === 0) return known;
  return known === undefined || at - known >= HEARD_EVERY_MS ? at : known;
}

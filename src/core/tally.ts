/** Counts of what happened: what is counted, by whom and in what word, and how counts add up. */

/**
 * What is counted, and what `source` and `word` are of it:
 * `received` source, answer or answer/reason · `processed` source, outcome · `events` vendor, outcome of the event ·
 * `attempted` subscriber, state of the delivery after it, `skipped/` before it where no request was made · `latency` `-`, bucket of milliseconds from receipt to delivery ·
 * `latency_sum` `-`, `ms` · `swept` `-`, what the sweep took up
 */
export const TALLY_KINDS = ["received", "processed", "events", "attempted", "latency", "latency_sum", "swept"] as const;

export type TallyKind = (typeof TALLY_KINDS)[number];

export interface Count {
  kind: TallyKind;
  source: string;
  word: string;
  count: number;
}

/** What tells a count from all others, and stays readable where it is stored: only its last part may hold a space. */
export const nameOf = ({ kind, source, word }: Omit<Count, "count">): string => `${kind} ${source} ${word}`;

export function countNamed(name: string, count: number): Count {
  const [kind, source = "", ...word] = name.split(" ");
  return { kind: kind as TallyKind, source, word: word.join(" "), count };
}

/** In place of a name that is not configured: whatever strangers call for must not become a count each. */
export const NOBODY = "-";

/** `minute` and `hour`: of the one that began then; `ever`: since the ledger stands. */
export type TallySpan = "minute" | "hour" | "ever";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Minutes are kept for a day, hours for 90. */
export const MINUTES_KEPT_MS = DAY_MS;
export const HOURS_KEPT_MS = 90 * DAY_MS;

export type Tally = Map<string, Count>;

/** Names are configured and words are the gateway's own, so this many different counts never come together. */
const MOST_COUNTS = 5000;

/** Adds up what has the same kind, source and word. */
export function addTo(tally: Tally, counts: Iterable<Count>): void {
  for (const each of counts) {
    const name = nameOf(each);
    const sum = tally.get(name);
    if (sum) sum.count += each.count;
    else if (tally.size < MOST_COUNTS) tally.set(name, { ...each });
  }
}

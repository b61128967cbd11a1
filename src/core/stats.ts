/** What a stretch of time amounts to, from its counts. */
import { quantile, type Buckets } from "./histogram.ts";
import { addTo, type Count, type Tally, type TallyKind } from "./tally.ts";

export interface Rate {
  count: number;
  perMinute: number;
}

type Counts = Readonly<Record<string, number>>;

export interface Stats {
  received: Rate & { sources: Counts };
  accepted: Rate;
  repeated: Rate;
  ignored: Rate;
  /** Everything that was answered with anything else than a 200, by `answer` or `answer/reason`. */
  refused: Rate & { reasons: Counts };
  /** What receipts came to. */
  processed: Counts;
  /** By vendor, what its events said. */
  outcomes: Readonly<Record<string, Counts>>;
  /** From receipt to delivery, milliseconds; no quantiles where nothing was delivered. */
  latency: { count: number; p50: number | undefined; p95: number | undefined; p99: number | undefined };
  /** Requests made; those of them after which another one is due; and how deliveries ended. */
  attempts: number;
  retries: number;
  delivered: number;
  dead: number;
}

/** Of a subscriber. `failed` attempts did not deliver; `dead` deliveries will not be tried again. */
export interface SubscriberHealth {
  delivered: number;
  failed: number;
  dead: number;
}

const ANSWERED = { accepted: ["accepted"], repeated: ["repeat"], ignored: ["ignored", "ping", "challenge"] } as const;
const TAKEN: readonly string[] = Object.values(ANSWERED).flat();

export function summarize(counts: readonly Count[], minutes: number): Stats {
  const rate = (count: number): Rate => ({ count, perMinute: count / minutes });
  const received = pick(counts, "received");
  const answered = (name: keyof typeof ANSWERED) =>
    total(received.filter(({ word }) => ANSWERED[name].some((each) => each === word)));
  const refusals = received.filter(({ word }) => !TAKEN.includes(word));
  const buckets = bucketsOf(counts);
  return {
    received: { ...rate(total(received)), sources: bySource(received) },
    accepted: rate(answered("accepted")),
    repeated: rate(answered("repeated")),
    ignored: rate(answered("ignored")),
    refused: { ...rate(total(refusals)), reasons: byWord(refusals) },
    processed: byWord(pick(counts, "processed")),
    outcomes: nested(pick(counts, "events")),
    latency: {
      count: total(pick(counts, "latency")),
      p50: quantile(buckets, 0.5),
      p95: quantile(buckets, 0.95),
      p99: quantile(buckets, 0.99),
    },
    ...attemptsOf(byWord(pick(counts, "attempted"))),
  };
}

export function attemptsOf(words: Counts): Pick<Stats, "attempts" | "retries" | "delivered" | "dead"> {
  const { delivered = 0, retrying = 0, dead = 0, buried = 0 } = words;
  const skipped = words["skipped/dead"] ?? 0;
  return { attempts: delivered + retrying + dead, retries: retrying, delivered, dead: dead + buried + skipped };
}

export function healthOf(counts: readonly Count[]): Readonly<Record<string, SubscriberHealth>> {
  const bySubscriber = Object.entries(nested(pick(counts, "attempted")));
  return Object.fromEntries(
    bySubscriber.map(([subscriber, words]) => {
      const { attempts, delivered, dead } = attemptsOf(words);
      return [subscriber, { delivered, failed: attempts - delivered, dead }];
    }),
  );
}

export const pick = (counts: readonly Count[], kind: TallyKind): Count[] => counts.filter((each) => each.kind === kind);

export const bucketsOf = (counts: readonly Count[]): Buckets =>
  new Map(pick(counts, "latency").map(({ word, count }) => [word, count]));

const total = (counts: readonly Count[]): number => counts.reduce((sum, { count }) => sum + count, 0);

const byWord = (counts: readonly Count[]): Record<string, number> => sumBy(counts, ({ word }) => word);
const bySource = (counts: readonly Count[]): Record<string, number> => sumBy(counts, ({ source }) => source);

function sumBy(counts: readonly Count[], nameOf: (count: Count) => string): Record<string, number> {
  const sums: Tally = new Map();
  addTo(
    sums,
    counts.map((each) => ({ ...each, source: "", word: nameOf(each) })),
  );
  return Object.fromEntries([...sums.values()].map(({ word, count }) => [word, count]));
}

export function nested(counts: readonly Count[]): Record<string, Record<string, number>> {
  const sources = new Set(counts.map(({ source }) => source));
  const wordsOf = (name: string) => byWord(counts.filter(({ source }) => source === name));
  return Object.fromEntries([...sources].map((name) => [name, wordsOf(name)]));
}

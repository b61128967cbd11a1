/** `GET /api/stats?window=1h`: how the gateway has been doing, and what waits. The counts are best effort: figures to steer by. */
import type { Backlog } from "../core/backlog.ts";
import { healthOf, summarize } from "../core/stats.ts";
import {
  DAY_MS,
  HOUR_MS,
  HOURS_KEPT_MS,
  MINUTE_MS,
  MINUTES_KEPT_MS,
  type Count,
  type TallySpan,
} from "../core/tally.ts";
import { integer, mapOf, number, object, pattern, text, time } from "../core/json-schema.ts";
import { answer, readQuery, type Parameter } from "./query.ts";
import type { Route } from "./route.ts";

export interface StatsDeps {
  tallies: { sum(span: TallySpan, from: number): Promise<Count[]> };
  backlog(): Promise<Backlog>;
  /** Epoch milliseconds. */
  now: number;
}

interface Window {
  text: string;
  ms: number;
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

const window: Parameter<Window> = {
  expects: "a time from 1m to 90d, such as 15m, 1h or 7d",
  schema: pattern(/^\d{1,6}[mhd]$/),
  read(asked) {
    const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(asked) ?? [];
    const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
    return ms >= MINUTE_MS && ms <= HOURS_KEPT_MS ? { text: asked, ms } : undefined;
  },
};

const DEFAULT_WINDOW: Window = { text: "1h", ms: HOUR_MS };

export async function getStats(request: Request, deps: StatsDeps): Promise<Response> {
  const reading = readQuery(request, { window });
  if (!reading.ok) return reading.refusal;
  const { text: asked, ms } = reading.query.window ?? DEFAULT_WINDOW;
  const { now, tallies } = deps;
  const { span, from } = spanOf(ms, now);
  const [counts, ofToday, backlog] = await Promise.all([
    tallies.sum(span, from),
    tallies.sum("hour", beginning(now - DAY_MS, HOUR_MS)),
    // What was counted is told although a store that is out of reach cannot be asked what waits in it.
    deps.backlog().catch(() => undefined),
  ]);
  return answer({
    window: asked,
    from: new Date(from).toISOString(),
    to: new Date(now).toISOString(),
    ...summarize(counts, Math.max(1, (now - from) / MINUTE_MS)),
    subscribers: healthOf(ofToday),
    backlog: backlog && describeBacklog(backlog, now),
  });
}

/** From minutes where they are still kept; the window begins with a whole one, or a whole hour. */
function spanOf(ms: number, now: number): { span: TallySpan; from: number } {
  if (ms <= MINUTES_KEPT_MS) return { span: "minute", from: beginning(now - ms, MINUTE_MS) };
  return { span: "hour", from: beginning(now - ms, HOUR_MS) };
}

const beginning = (at: number, length: number): number => at - (at % length);

export function describeBacklog({ due, oldestDueAt, waiting, held, outbox, queues }: Backlog, now: number) {
  const oldestDueSeconds = oldestDueAt === undefined ? 0 : Math.max(0, (now - oldestDueAt) / 1000);
  return { due, oldestDueSeconds, waiting, held, outbox, queues };
}

const counts = mapOf(integer);
const rate = { count: integer, perMinute: number };
const OF_ATTEMPTS = { attempts: integer, retries: integer, delivered: integer, dead: integer };

export const BACKLOG = object({
  due: integer,
  oldestDueSeconds: number,
  waiting: integer,
  held: integer,
  outbox: integer,
  queues: counts,
});

const STATS = {
  window: text,
  from: time,
  to: time,
  received: object({ ...rate, sources: counts }, ["count", "perMinute", "sources"]),
  accepted: object(rate, Object.keys(rate)),
  repeated: object(rate, Object.keys(rate)),
  ignored: object(rate, Object.keys(rate)),
  refused: object({ ...rate, reasons: counts }, ["count", "perMinute", "reasons"]),
  processed: counts,
  outcomes: mapOf(counts),
  latency: object({ count: integer, p50: number, p95: number, p99: number }, ["count"]),
  ...OF_ATTEMPTS,
  subscribers: mapOf(object({ delivered: integer, failed: integer, dead: integer }, ["delivered", "failed", "dead"])),
};

export const statsRoutes: readonly Route<{ health: StatsDeps }>[] = [
  {
    method: "GET",
    path: "/api/stats",
    allow: "viewer",
    id: "getStats",
    summary: "Rates, outcomes, times from receipt to delivery, and what waits",
    query: { window },
    answers: { 200: { schema: object({ ...STATS, backlog: BACKLOG }, Object.keys(STATS)) } },
    problems: ["bad_query"],
    handle: ({ request, deps }) => getStats(request, deps.health),
  },
];

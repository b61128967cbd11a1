/**
 * When a subscriber is left alone: a breaker that opens after failures in a row and is closed by a probe, and the pause of one
 * that has done nothing but fail for days.
 */
import { NETWORK_FAILURES } from "./attempt.ts";
import type { AttemptResult } from "./tasks.ts";

/** In a row. A timeout is the dearest failure: each holds a connection for as long as the subscriber is given. */
export const TIMEOUTS_TO_OPEN = 3;
export const FAILURES_TO_OPEN = 10;

/** One delivery is let through this long after the breaker opened, the next after twice as long, and so on. */
export const FIRST_PROBE_MS = 30_000;
export const LONGEST_PROBE_MS = 300_000;

/** Failures and nothing else for so long, and so many: paused until somebody resumes it. */
export const PAUSE_AFTER_MS = 5 * 86_400_000;
export const FAILURES_TO_PAUSE = 10;

/** Times are epoch milliseconds. */
export interface Standing {
  /** In a row. */
  failures: number;
  timeouts: number;
  /** While the breaker is open. */
  openedAt?: number | undefined;
  probeAt?: number | undefined;
  pausedAt?: number | undefined;
}

export const UNBLEMISHED: Standing = { failures: 0, timeouts: 0 };

export type Verdict = "success" | "timeout" | "failure";

const NETWORK: ReadonlySet<string> = new Set(NETWORK_FAILURES);

/** What an attempt says of the subscriber; `undefined` where it says nothing, since the fault is the gateway's own. */
export function verdictOf({ state, reason = "", status }: AttemptResult): Verdict | undefined {
  if (state === "delivered") return "success";
  if (reason === "timeout") return "timeout";
  return status !== undefined || NETWORK.has(reason) ? "failure" : undefined;
}

export function afterVerdict(standing: Standing, verdict: Verdict, now: number): Standing {
  if (verdict === "success") return { ...UNBLEMISHED, pausedAt: standing.pausedAt };
  const failures = standing.failures + 1;
  const timeouts = verdict === "timeout" ? standing.timeouts + 1 : 0;
  const opens = standing.openedAt === undefined && (failures >= FAILURES_TO_OPEN || timeouts >= TIMEOUTS_TO_OPEN);
  return { ...standing, failures, timeouts, ...(opens ? { openedAt: now, probeAt: now + FIRST_PROBE_MS } : {}) };
}

/** What results say of one subscriber, in their order. */
export interface Trend {
  subscriber: string;
  /** There was a success among them; what is counted came after it. */
  hasSucceeded: boolean;
  failures: number;
  /** In a row at the end. */
  timeouts: number;
  /** All that is counted are timeouts, so that they go on from those before. */
  isTimeouts: boolean;
  isGone: boolean;
  /** Epoch milliseconds of the newest. */
  at: number;
}

export function trendsOf(results: readonly AttemptResult[]): Trend[] {
  const trends = new Map<string, Trend>();
  for (const result of results) {
    const verdict = verdictOf(result);
    if (!verdict) continue;
    const { subscriber } = result.task;
    const before = trends.get(subscriber) ?? { ...NOTHING, subscriber };
    trends.set(subscriber, { ...follow(before, verdict), isGone: before.isGone || isGone(result), at: result.at });
  }
  return [...trends.values()];
}

const NOTHING = { hasSucceeded: false, failures: 0, timeouts: 0, isTimeouts: true, isGone: false, at: 0 };

function follow(trend: Trend, verdict: Verdict): Trend {
  if (verdict === "success") return { ...trend, hasSucceeded: true, failures: 0, timeouts: 0, isTimeouts: true };
  const failures = trend.failures + 1;
  if (verdict === "timeout") return { ...trend, failures, timeouts: trend.timeouts + 1 };
  return { ...trend, failures, timeouts: 0, isTimeouts: false };
}

/** The subscriber wants no more of anything (RFC 9110 section 15.5.11). */
export const isGone = ({ state, reason }: AttemptResult): boolean => state === "dead" && reason === "gone";

/**
 * What a million webhooks cost in operations, at Cloudflare's list prices of November 2026, beyond what is included in a
 * plan. Storage by the month is not in it, nor what a vendor's session read adds.
 */
import type { Operations } from "./operations.ts";

/** US dollars per million; milliseconds of CPU likewise. */
const PRICES: Readonly<Record<keyof Usage, number>> = {
  requests: 0.3,
  cpuMs: 0.02,
  r2A: 4.5,
  r2B: 0.36,
  kvReads: 0.5,
  kvWrites: 5,
  queueWrites: 0.4,
  queueReads: 0.4,
  queueDeletes: 0.4,
  d1Queries: 0,
  d1RowsRead: 0.001,
  d1RowsWritten: 1,
  logRecords: 0.6,
};

/** Per webhook. */
export type Usage = Operations & { cpuMs: number };

export interface Cost {
  operation: keyof Usage;
  perWebhook: number;
  usdPerMillion: number;
}

/** Dearest first. */
export function costsOf(usage: Usage): Cost[] {
  const names = Object.keys(PRICES) as (keyof Usage)[];
  return names
    .map((operation) => ({
      operation,
      perWebhook: usage[operation],
      usdPerMillion: usage[operation] * PRICES[operation],
    }))
    .sort((left, right) => right.usdPerMillion - left.usdPerMillion);
}

export const total = (costs: readonly Cost[]): number =>
  costs.reduce((sum, { usdPerMillion }) => sum + usdPerMillion, 0);

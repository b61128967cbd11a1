/** What an isolate has of its own: a memory between requests, and a clock. */
import { createConfigMemory } from "./config/load.ts";
import type { Allowance } from "./core/destination.ts";
import type { PublishedKeyMemory } from "./egress/published-keys.ts";
import { createTokenMemory } from "./egress/token-keeper.ts";
import { createTallyMemory } from "./observe/tallies.ts";
import { createCache } from "./stores/cached.ts";

/** What one isolate keeps between requests: values, never promises. A new one is a cold isolate. */
export function createIsolateMemory() {
  return {
    config: createConfigMemory(),
    secrets: createCache<string | undefined>(),
    revocations: createCache<boolean>(),
    tokens: createTokenMemory(),
    publishedKeys: new Map() as PublishedKeyMemory,
    /** Until when a source's vendor is left alone, epoch milliseconds. */
    illUntil: new Map<string, number>(),
    /** Until when a subscriber that stopped answering is left alone, epoch milliseconds. */
    tripped: new Map<string, number>(),
    schema: { isApplied: false },
    tallies: createTallyMemory(),
    /** What strangers were last told. */
    ready: { isReady: false, checkedAt: Number.NEGATIVE_INFINITY },
    /** Variables are fixed for an isolate's life. */
    allowance: undefined as Allowance | undefined,
  };
}

export type IsolateMemory = ReturnType<typeof createIsolateMemory>;

export interface Clock {
  now(): number;
  /** 0..1 */
  random(): number;
  uniqueId(): string;
  pause(milliseconds: number): Promise<void>;
}

/**
 * The configuration in force. A document that is not valid is never used: the newest good one is, from this isolate's
 * memory or, on a cold isolate, from the store. With neither there is no configuration, and that is not an empty one.
 */
import type { Allowance } from "../core/destination.ts";
import type { Config } from "./config.ts";
import { readConfig } from "./read.ts";

export interface Documents {
  current(): Promise<string | undefined>;
  lastGood(): Promise<string | undefined>;
  keepGood(text: string): Promise<void>;
}

/** What an isolate keeps of the configuration between requests. */
export interface ConfigMemory {
  config: Config | undefined;
  /** The document that it was read from. */
  text: string | undefined;
  /** Epoch milliseconds of the last look at the store. */
  checkedAt: number;
  /** What the store holds and cannot be used. */
  invalid: string | undefined;
}

export interface ConfigLoader {
  /** `undefined` where the store holds none that is good. Throws where the store cannot be reached and nothing is remembered. */
  load(now: number): Promise<Config | undefined>;
  /** Uses a document that was just accepted, here and at once. */
  adopt(text: string, config: Config, now: number): void;
}

const MEMORY_MS = 30_000;
/** For this long after a change the store may still show what was there before. */
const SETTLING_MS = 60_000;

export const createConfigMemory = (): ConfigMemory => ({
  config: undefined,
  text: undefined,
  invalid: undefined,
  checkedAt: Number.NEGATIVE_INFINITY,
});

export interface LoaderDeps {
  documents: Documents;
  allowance: Allowance;
  memory: ConfigMemory;
  /** Runs work on after the answer. */
  afterwards(work: Promise<unknown>): void;
  /** Told each time a document is found that cannot be used. */
  reportInvalid(): void;
}

export function createConfigLoader({ documents, allowance, memory, ...deps }: LoaderDeps): ConfigLoader {
  async function keepGood(text: string): Promise<void> {
    if ((await documents.lastGood()) !== text) await documents.keepGood(text);
  }

  async function refresh(now: number): Promise<void> {
    const text = await documents.current();
    memory.invalid = undefined;
    if (text !== undefined && text === memory.text) {
      memory.checkedAt = now;
      return;
    }
    const config = text === undefined ? undefined : parseConfig(text, allowance);
    if (text !== undefined && config) {
      Object.assign(memory, { text, config, checkedAt: now });
      deps.afterwards(keepGood(text).catch(() => undefined));
      return;
    }
    memory.checkedAt = now;
    memory.invalid = text;
    if (text !== undefined) deps.reportInvalid();
    if (memory.config) return;
    const good = await documents.lastGood();
    memory.text = good;
    memory.config = good === undefined ? undefined : parseConfig(good, allowance);
  }

  return {
    adopt(text, config, now) {
      Object.assign(memory, { text, config, checkedAt: now + SETTLING_MS });
    },
    async load(now) {
      const isFresh = memory.config !== undefined && now - memory.checkedAt < MEMORY_MS;
      if (isFresh) return memory.config;
      try {
        await refresh(now);
      } catch (error) {
        if (!memory.config) throw error;
        memory.checkedAt = now;
      }
      return memory.config;
    },
  };
}

/** A document from the store was checked against the gateway's own origins when it was accepted. */
function parseConfig(text: string, allowance: Allowance): Config | undefined {
  try {
    const read = readConfig(JSON.parse(text), allowance, []);
    return read.ok ? read.config : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The configuration in force. A document that is not valid is never used: the newest good one is, from this isolate's
 * memory or, on a cold isolate, from the store. With neither there is no configuration, and that is not an empty one.
 */
import type { Allowance } from "../core/destination.ts";
import type { Config } from "./config.ts";
import { readConfig } from "./read.ts";
import { versionOf } from "./version.ts";

export interface Documents {
  current(): Promise<string | undefined>;
  lastGood(): Promise<string | undefined>;
  keepGood(text: string): Promise<void>;
}

/** Every version that was ever in force: what was judged by it can be judged again. */
export interface Versions {
  keep(version: string, text: string): Promise<void>;
}

/** What an isolate keeps of the configuration between requests. */
export interface ConfigMemory {
  config: Config | undefined;
  /** The document that it was read from. */
  text: string | undefined;
  /** The newest document in the store, where it is not valid and this one is used in its stead. */
  passedOver: string | undefined;
  /** Epoch milliseconds of the last look at the store. */
  checkedAt: number;
  /** The version that this isolate has last put on record. */
  kept: string | undefined;
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
  passedOver: undefined,
  checkedAt: Number.NEGATIVE_INFINITY,
  kept: undefined,
});

export interface LoaderDeps {
  documents: Documents;
  versions: Versions;
  allowance: Allowance;
  memory: ConfigMemory;
  /** Runs work on after the answer. */
  afterwards(work: Promise<unknown>): void;
  /** Told each time a document is found that cannot be used. */
  reportInvalid(): void;
}

export function createConfigLoader({ documents, versions, allowance, memory, ...deps }: LoaderDeps): ConfigLoader {
  async function keepGood(text: string): Promise<void> {
    if ((await documents.lastGood()) !== text) await documents.keepGood(text);
  }

  /** Off the answer's path, once for each version; where that fails, at the next look. */
  function keepVersion(): void {
    const { config, text } = memory;
    if (!config || text === undefined || memory.kept === config.version) return;
    memory.kept = config.version;
    deps.afterwards(versions.keep(config.version, text).catch(() => void (memory.kept = undefined)));
  }

  async function refresh(now: number): Promise<void> {
    const text = await documents.current();
    if (text !== undefined && text === memory.text) {
      Object.assign(memory, { passedOver: undefined, checkedAt: now });
      return;
    }
    const config = text === undefined ? undefined : await parseConfig(text, allowance);
    if (text !== undefined && config) {
      Object.assign(memory, { text, config, passedOver: undefined, checkedAt: now });
      deps.afterwards(keepGood(text).catch(() => undefined));
      return;
    }
    memory.passedOver = text;
    memory.checkedAt = now;
    if (text !== undefined) deps.reportInvalid();
    if (memory.config) return;
    const good = await documents.lastGood();
    memory.text = good;
    memory.config = good === undefined ? undefined : await parseConfig(good, allowance);
  }

  return {
    adopt(text, config, now) {
      Object.assign(memory, { text, config, passedOver: undefined, checkedAt: now + SETTLING_MS });
      keepVersion();
    },
    async load(now) {
      const isFresh = memory.config !== undefined && now - memory.checkedAt < MEMORY_MS;
      if (isFresh) return memory.config;
      try {
        await refresh(now);
        keepVersion();
      } catch (error) {
        if (!memory.config) throw error;
        memory.checkedAt = now;
      }
      return memory.config;
    },
  };
}

/** A document from the store was checked against the gateway's own origins when it was accepted. */
export async function parseConfig(text: string, allowance: Allowance): Promise<Config | undefined> {
  try {
    const read = readConfig(JSON.parse(text), allowance, []);
    return read.ok ? { ...read.config, version: await versionOf(text) } : undefined;
  } catch {
    return undefined;
  }
}

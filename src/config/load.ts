/**
 * The configuration in force. A document that is not valid is never used: the newest good one is, from this isolate's
 * memory or, on a cold isolate, from the store. With neither there is no configuration, and that is not an empty one. A webhook waits
 * for the store in a cold isolate and in one that has been idle, and else for nothing but memory.
 */
import type { StoredDocument } from "../core/config-version.ts";
import type { Allowance } from "../core/destination.ts";
import { parseText } from "../core/json.ts";
import type { Config } from "./config.ts";
import type { Fault } from "./faults.ts";
import { readConfig } from "./read.ts";
import { versionOf } from "./version.ts";

export interface Documents {
  current(): Promise<StoredDocument | undefined>;
  lastGood(): Promise<string | undefined>;
  keepGood(text: string): Promise<void>;
}

/** Every document that was ever in force, by its hash: what was judged by it can be judged again. */
export interface Versions {
  keep(hash: string, text: string): Promise<void>;
}

/** What an isolate keeps of the configuration between requests. */
export interface ConfigMemory {
  config: Config | undefined;
  /** The document that it was read from. */
  text: string | undefined;
  /** The number of the newest that was accepted here. Numbers that are read may be anybody's. */
  accepted: number;
  /** The newest document in the store, where it is not valid and this one is used in its stead. */
  passedOver: string | undefined;
  /** Epoch milliseconds of the last look at the store. */
  checkedAt: number;
  /** When somebody last set out to look at it after the answer. */
  askedAt: number;
  /** Until then the store may still show, unmarked, what was there before a document was accepted here. */
  settledAt: number;
  /** The hash of what this isolate has last put on record. */
  kept: string | undefined;
}

export interface ConfigLoader {
  /** `undefined` where the store holds none that is good. Throws where the store cannot be reached and nothing is remembered. */
  load(now: number): Promise<Config | undefined>;
  /** Uses a document that was just accepted, here and at once. */
  adopt(text: string, config: Config, number: number, now: number): void;
}

/** Younger than this, what is remembered is not looked at again. */
const FRESH_MS = 30_000;
/** Older than this, nobody is answered by it before somebody has looked. Until then the look is taken after the answer. */
const STALE_MS = 60_000;
const ONE_LOOK_MS = 5000;
/** For this long after a change the store may still show what was there before. */
const SETTLING_MS = 120_000;
/** A KV value holds 25 MiB; a document of this size is a mistake already. */
export const MAX_DOCUMENT_BYTES = 5 * 1024 * 1024;
const NEVER = Number.NEGATIVE_INFINITY;

export const createConfigMemory = (): ConfigMemory => ({
  config: undefined,
  text: undefined,
  accepted: 0,
  passedOver: undefined,
  checkedAt: NEVER,
  askedAt: NEVER,
  settledAt: NEVER,
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

  /**
   * What was accepted here is not given up for what the store showed before, nor for what was read before it was accepted. A mark says
   * how old a document is, however late the store shows it.
   */
  const isOutdated = (number: number | undefined, now: number): boolean =>
    number === undefined ? now < memory.settledAt : number < memory.accepted;

  /** Each text is parsed once, however often the store shows it. */
  function parseNew(text: string | undefined): Promise<Config | undefined> | Config | undefined {
    if (text === undefined || text === memory.passedOver) return undefined;
    return text === memory.text ? memory.config : parseConfig(text, allowance);
  }

  async function refresh(now: number): Promise<void> {
    const { text, version: number } = (await documents.current()) ?? {};
    const config = await parseNew(text);
    memory.checkedAt = Math.max(now, memory.checkedAt);
    if (isOutdated(number, now)) return;
    if (text !== undefined && config) {
      const isNew = text !== memory.text;
      Object.assign(memory, { text, config, passedOver: undefined });
      if (isNew) deps.afterwards(keepGood(text).catch(() => undefined));
      return;
    }
    memory.passedOver = text;
    if (text !== undefined) deps.reportInvalid();
    if (memory.config) return;
    const good = await documents.lastGood();
    memory.text = good;
    memory.config = good === undefined ? undefined : await parseConfig(good, allowance);
  }

  async function refreshOrRemember(now: number): Promise<void> {
    try {
      await refresh(now);
      keepVersion();
    } catch (error) {
      if (!memory.config) throw error;
      memory.checkedAt = now;
    }
  }

  return {
    adopt(text, config, number, now) {
      // Of two that are accepted here at once the newer may be the first to be done.
      if (number < memory.accepted) return;
      const settledAt = now + SETTLING_MS;
      Object.assign(memory, { text, config, accepted: number, passedOver: undefined, checkedAt: now, settledAt });
      keepVersion();
    },
    async load(now) {
      const age = now - memory.checkedAt;
      if (memory.config === undefined || age >= STALE_MS) await refreshOrRemember(now);
      else if (age >= FRESH_MS && now - memory.askedAt >= ONE_LOOK_MS) {
        memory.askedAt = now;
        deps.afterwards(refreshOrRemember(now));
      }
      return memory.config;
    },
  };
}

/** Why a document is not used; empty where it is valid. */
export function faultsIn(text: string, allowance: Allowance): Fault[] {
  if (text.length > MAX_DOCUMENT_BYTES) return [{ path: "", message: "expected 5 MiB at most" }];
  const document = parseText(text);
  if (document === undefined) return [{ path: "", message: "expected JSON" }];
  const read = readConfig(document, allowance, []);
  return read.ok ? [] : read.faults;
}

/** A document from the store was checked against the gateway's own origins when it was accepted. */
export async function parseConfig(text: string, allowance: Allowance): Promise<Config | undefined> {
  if (text.length > MAX_DOCUMENT_BYTES) return undefined;
  try {
    const read = readConfig(JSON.parse(text), allowance, []);
    return read.ok ? { ...read.config, version: await versionOf(text) } : undefined;
  } catch {
    return undefined;
  }
}

/** The configuration document in KV: the current one, and the newest that was good. */
import { configKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface DocumentStore {
  /** Through the platform's cache of 30 s, the least it offers. */
  current(): Promise<string | undefined>;
  /** Past the cache. */
  newest(): Promise<string | undefined>;
  lastGood(): Promise<string | undefined>;
  write(text: string): Promise<void>;
  keepGood(text: string): Promise<void>;
}

const KV_CACHE_SECONDS = 30;

export function createDocumentStore(namespace: KVNamespace): DocumentStore {
  const read = (key: string, options?: { cacheTtl: number }) =>
    reaching("config", async () => (await namespace.get(key, options ?? {})) ?? undefined);
  return {
    current: () => read(configKeys.current, { cacheTtl: KV_CACHE_SECONDS }),
    newest: () => read(configKeys.current),
    lastGood: () => read(configKeys.lastGood),
    write: (text) => reaching("config", () => namespace.put(configKeys.current, text)),
    keepGood: (text) => reaching("config", () => namespace.put(configKeys.lastGood, text)),
  };
}

/** The configuration document in KV: the current one, and the newest that was good. */
import { configKeys } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface DocumentStore {
  /** Through the platform's cache of 30 s: there is no reading past it. */
  current(): Promise<string | undefined>;
  lastGood(): Promise<string | undefined>;
  write(text: string): Promise<void>;
  keepGood(text: string): Promise<void>;
}

const KV_CACHE_SECONDS = 30;
const READ_MS = 1500;

export function createDocumentStore(namespace: KVNamespace): DocumentStore {
  const read = (key: string) =>
    reachingWithin(
      "config",
      READ_MS,
      async () => (await namespace.get(key, { cacheTtl: KV_CACHE_SECONDS })) ?? undefined,
    );
  return {
    current: () => read(configKeys.current),
    lastGood: () => read(configKeys.lastGood),
    write: (text) => reaching("config", () => namespace.put(configKeys.current, text)),
    keepGood: (text) => reaching("config", () => namespace.put(configKeys.lastGood, text)),
  };
}

/** The configuration document in KV: the current one, and the newest that was good. */
import type { StoredDocument } from "../core/config-version.ts";
import { configKeys } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface DocumentStore {
  /** Through the platform's cache of 30 s: there is no reading past it. */
  current(): Promise<StoredDocument | undefined>;
  lastGood(): Promise<string | undefined>;
  /** The current one, and which version it is. */
  write(text: string, version: number): Promise<void>;
  keepGood(text: string): Promise<void>;
}

const KV_CACHE_SECONDS = 30;
const READ_MS = 1500;

export function createDocumentStore(namespace: KVNamespace): DocumentStore {
  const read = (key: string) =>
    reachingWithin("config", READ_MS, () =>
      namespace.getWithMetadata<{ version?: unknown }>(key, { cacheTtl: KV_CACHE_SECONDS }),
    );
  return {
    async current() {
      const { value, metadata } = await read(configKeys.current);
      const version = metadata?.version;
      if (value === null) return undefined;
      return { text: value, ...(typeof version === "number" ? { version } : {}) };
    },
    lastGood: async () => (await read(configKeys.lastGood)).value ?? undefined,
    write: (text, version) =>
      reaching("config", () => namespace.put(configKeys.current, text, { metadata: { version } })),
    keepGood: (text) => reaching("config", () => namespace.put(configKeys.lastGood, text)),
  };
}

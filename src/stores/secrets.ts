/** Secrets set at run time: encrypted in KV, listed without being read. Those of the Worker itself are looked at after them. */
import { Unavailable } from "../core/unavailable.ts";
import { type Cache, readThrough } from "./cached.ts";
import type { Vault } from "./crypto.ts";
import { configKeys } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface SecretListing {
  name: string;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export interface SecretStore {
  /** `undefined` where no such secret is set. A change made here is seen here at once, elsewhere within two minutes. */
  read(name: string, now: number): Promise<string | undefined>;
  write(name: string, value: string, now: number): Promise<SecretListing>;
  /** `false` where there was none. */
  remove(name: string, now: number): Promise<boolean>;
  /** At run time, or of the Worker itself; read from the store, not from this isolate's memory. */
  isSet(name: string): Promise<boolean>;
  list(): Promise<SecretListing[]>;
}

type Metadata = Omit<SecretListing, "name">;

export const SECRET_CACHE_MS = 30_000;
const KV_CACHE_SECONDS = 30;
const READ_MS = 1500;
/** For this long after a change the store may still show what was there before. */
const SETTLING_MS = 60_000;

export function createSecretStore(
  namespace: KVNamespace,
  vault: Vault,
  ofWorker: (name: string) => string | undefined,
  cache: Cache<string | undefined>,
): SecretStore {
  const key = configKeys.secret;

  return {
    read: (name, now) =>
      readThrough(cache, name, now, SECRET_CACHE_MS, async () => {
        const sealed = await reachingWithin("config", READ_MS, () =>
          namespace.get(key(name), { cacheTtl: KV_CACHE_SECONDS }),
        );
        if (sealed === null) return ofWorker(name);
        const value = await vault.decrypt(sealed, name);
        // Our fault, not the sender's: a wrong master key must not tell vendors that they are not known here.
        if (value === undefined) throw new Unavailable(`secret ${name}`);
        return value;
      }),
    async write(name, value, now) {
      const sealed = await vault.encrypt(value, name);
      return reaching("config", async () => {
        const { metadata } = await namespace.getWithMetadata<Metadata>(key(name));
        const at = new Date(now).toISOString();
        const next: Metadata = {
          version: (metadata?.version ?? 0) + 1,
          createdAt: metadata?.createdAt ?? at,
          updatedAt: at,
        };
        await namespace.put(key(name), sealed, { metadata: next });
        cache.set(name, value, now + SETTLING_MS);
        return { name, ...next };
      });
    },
    remove: (name, now) =>
      reaching("config", async () => {
        const isThere = (await namespace.get(key(name))) !== null;
        await namespace.delete(key(name));
        cache.set(name, ofWorker(name), now + SETTLING_MS);
        return isThere;
      }),
    isSet: (name) =>
      reaching("config", async () => ofWorker(name) !== undefined || (await namespace.get(key(name))) !== null),
    list: () =>
      reaching("config", async () => {
        const listings: SecretListing[] = [];
        let cursor: string | undefined;
        do {
          const page = await namespace.list<Metadata>({
            prefix: configKeys.secrets,
            ...(cursor === undefined ? {} : { cursor }),
          });
          for (const { name, metadata } of page.keys) {
            if (metadata) listings.push({ name: name.slice(configKeys.secrets.length), ...metadata });
          }
          cursor = page.list_complete ? undefined : page.cursor;
        } while (cursor !== undefined);
        return listings;
      }),
  };
}

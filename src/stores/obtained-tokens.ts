/**
 * Tokens obtained from vendors, and when a vendor that gave none may be asked again: shared between isolates as far as KV
 * shares. Sealed by the vault and bound to the secret that they were asked for with: what another secret obtained does not
 * open. Only saves requests: a store that cannot be reached holds nothing.
 */
import type { CoolDown, ObtainedToken, SharedTokens, TokenPlace } from "../core/obtained-token.ts";
import type { Vault } from "./crypto.ts";
import { tokenKeys } from "./keys.ts";
import { reachingWithin } from "./reach.ts";

const READ_MS = 500;
const WRITE_MS = 1500;
const KV_CACHE_SECONDS = 30;
/** KV keeps nothing for less. */
const SHORTEST_TTL_SECONDS = 60;

export function createObtainedTokenStore(namespace: KVNamespace, vault: Vault): SharedTokens {
  async function read<T>(key: string, { credential }: TokenPlace): Promise<T | undefined> {
    try {
      const sealed = await reachingWithin("tokens", READ_MS, () => namespace.get(key, { cacheTtl: KV_CACHE_SECONDS }));
      const value = sealed === null ? undefined : await vault.decrypt(sealed, boundName(key, credential));
      return value === undefined ? undefined : (JSON.parse(value) as T);
    } catch {
      return undefined;
    }
  }

  async function write(key: string, { credential }: TokenPlace, value: object, seconds: number): Promise<void> {
    const sealed = await vault.encrypt(JSON.stringify(value), boundName(key, credential));
    const expirationTtl = Math.max(SHORTEST_TTL_SECONDS, Math.floor(seconds));
    const put = () => namespace.put(key, sealed, { expirationTtl });
    await reachingWithin("tokens", WRITE_MS, put).catch(() => undefined);
  }

  return {
    async read(place, now) {
      const token = await read<ObtainedToken>(tokenKeys.obtained(place.key), place);
      return token && token.expiresAt > now ? token : undefined;
    },
    write: (place, token, now) => write(tokenKeys.obtained(place.key), place, token, (token.expiresAt - now) / 1000),
    async readCoolDown(place, now) {
      const coolDown = await read<CoolDown>(tokenKeys.coolDown(place.key), place);
      return coolDown && coolDown.until > now ? coolDown : undefined;
    },
    writeCoolDown: (place, coolDown, now) =>
      write(tokenKeys.coolDown(place.key), place, coolDown, (coolDown.until - now) / 1000),
  };
}

function boundName(key: string, credential: string): string {
  return `${key}/${credential}`;
}

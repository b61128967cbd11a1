/** Records of the tokens that the gateway has issued: under a hash of the token's id, for listing and revoking. */
import { sha256Hex } from "../core/digest.ts";
import { type Cache, readThrough } from "./cached.ts";
import { tokenKeys } from "./keys.ts";
import { reachingWithin, reaching } from "./reach.ts";

export interface IssuedToken {
  /** Hash of the token's id; what it is revoked by. */
  id: string;
  client: string;
  issuedAt: string;
  expiresAt: string;
  revokedAt?: string;
}

export interface TokenStore {
  record(tokenId: string, token: Omit<IssuedToken, "id">): Promise<void>;
  /**
   * A token carries its own proof. One whose record has not arrived yet, or cannot be reached, is not revoked: it would end
   * within the hour anyway, and rotating its client's secret ends it at once.
   */
  isRevoked(tokenId: string, now: number): Promise<boolean>;
  /** `false` where there is no such token. */
  revoke(id: string, now: number): Promise<boolean>;
  list(): Promise<IssuedToken[]>;
}

const CACHE_MS = 30_000;
const READ_MS = 500;
/** For this long after a change the store may still show what was there before. */
const SETTLING_MS = 60_000;

export function createTokenStore(namespace: KVNamespace, cache: Cache<boolean>): TokenStore {
  const hash = async (tokenId: string) => (await sha256Hex(tokenId)).slice(0, 32);

  async function put(id: string, token: Omit<IssuedToken, "id">): Promise<void> {
    const expiration = Math.ceil(Date.parse(token.expiresAt) / 1000);
    await namespace.put(tokenKeys.issued(id), "", { expiration, metadata: token });
  }

  return {
    record: async (tokenId, token) => {
      const id = await hash(tokenId);
      await reaching("tokens", () => put(id, token));
    },
    async isRevoked(tokenId, now) {
      const id = await hash(tokenId);
      const isRevoked = readThrough(cache, id, now, CACHE_MS, async () => {
        const { metadata } = await reachingWithin("tokens", READ_MS, () =>
          namespace.getWithMetadata<IssuedToken>(tokenKeys.issued(id)),
        );
        return metadata?.revokedAt !== undefined;
      });
      return isRevoked.catch(() => false);
    },
    revoke: (id, now) =>
      reaching("tokens", async () => {
        const { metadata } = await namespace.getWithMetadata<Omit<IssuedToken, "id">>(tokenKeys.issued(id));
        if (!metadata) return false;
        // Less than a minute before its end a token is past revoking: KV refuses so near an expiration.
        if (Date.parse(metadata.expiresAt) - now > 60_000)
          await put(id, { ...metadata, revokedAt: new Date(now).toISOString() });
        cache.set(id, true, now + SETTLING_MS);
        return true;
      }),
    list: () =>
      reaching("tokens", async () => {
        const tokens: IssuedToken[] = [];
        let cursor: string | undefined;
        do {
          const page = await namespace.list<Omit<IssuedToken, "id">>({
            prefix: tokenKeys.allIssued,
            ...(cursor === undefined ? {} : { cursor }),
          });
          for (const { name, metadata } of page.keys) {
            if (metadata) tokens.push({ id: name.slice(tokenKeys.allIssued.length), ...metadata });
          }
          cursor = page.list_complete ? undefined : page.cursor;
        } while (cursor !== undefined);
        return tokens;
      }),
  };
}

/** Named tokens of the admin API: what they may do and until when. Read at every call, so that revoking one ends it at once. */
import type { ApiToken, ApiTokenLedger, KeptApiToken } from "../../core/api-token.ts";
import type { Role } from "../../core/roles.ts";
import { reachingWithin } from "../reach.ts";
import type { LedgerDatabase } from "./database.ts";

interface Row {
  id: string;
  name: string;
  role: Role;
  digest: string;
  created_at: number;
  created_by: string;
  expires_at: number | null;
  revoked_at: number | null;
}

/** Somebody waits for it, and must not wait for ever. */
const FIND_MS = 3000;
const MOST_LISTED = 1000;

export function createApiTokenLedger(ledger: LedgerDatabase): ApiTokenLedger {
  return {
    create: ({ id, name, role, digest, createdAt, createdBy, expiresAt }) =>
      ledger.run(async (database) => {
        const { meta } = await database
          .prepare(
            `INSERT INTO api_tokens (id, name, role, digest, created_at, created_by, expires_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
               SELECT 1 FROM api_tokens WHERE name = ?2 AND revoked_at IS NULL AND coalesce(expires_at > ?5, 1))`,
          )
          .bind(id, name, role, digest, Date.parse(createdAt), createdBy, expiresAt ? Date.parse(expiresAt) : null)
          .run();
        return meta.changes > 0;
      }),

    find: (id) =>
      reachingWithin("ledger", FIND_MS, () =>
        ledger.run(async (database): Promise<KeptApiToken | undefined> => {
          const row = await database.prepare("SELECT * FROM api_tokens WHERE id = ?").bind(id).first<Row>();
          return row ? { ...toToken(row), digest: row.digest } : undefined;
        }),
      ),

    list: () =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare("SELECT * FROM api_tokens ORDER BY created_at DESC, id LIMIT ?")
          .bind(MOST_LISTED)
          .all<Row>();
        return results.map(toToken);
      }),

    revoke: (id, now) =>
      ledger.run(async (database) => {
        const { meta } = await database
          .prepare("UPDATE api_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?")
          .bind(now, id)
          .run();
        return meta.changes > 0;
      }),
  };
}

function toToken({ id, name, role, created_at, created_by, expires_at, revoked_at }: Row): ApiToken {
  const iso = (at: number | null) => (at === null ? undefined : new Date(at).toISOString());
  return {
    id,
    name,
    role,
    createdAt: new Date(created_at).toISOString(),
    createdBy: created_by,
    expiresAt: iso(expires_at),
    revokedAt: iso(revoked_at),
  };
}

/** A named token of the admin API: `gp_{id}_{secret}`, the id to find it by, the secret 256 bits that nobody keeps. */
import type { Role } from "./roles.ts";

/** Times are ISO 8601. */
export interface ApiToken {
  /** 16 hex digits. */
  id: string;
  name: string;
  role: Role;
  createdAt: string;
  createdBy: string;
  expiresAt?: string | undefined;
  revokedAt?: string | undefined;
}

/** `digest`: SHA-256 of the secret, in hex. A slow hash would add nothing: there is no guessing 256 random bits. */
export type KeptApiToken = ApiToken & { digest: string };

const TOKEN = /^gp_([0-9a-f]{16})_([0-9a-f]{64})$/;

export function writeApiToken(id: string, secret: string): string {
  return `gp_${id}_${secret}`;
}

/** `undefined` where the text is none. */
export function readApiToken(token: string): { id: string; secret: string } | undefined {
  const [, id, secret] = TOKEN.exec(token) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** @param now epoch milliseconds */
export function isOver({ expiresAt, revokedAt }: ApiToken, now: number): boolean {
  return revokedAt !== undefined || (expiresAt !== undefined && Date.parse(expiresAt) <= now);
}

export interface ApiTokenLedger {
  /** `false` where a token of this name is in force. */
  create(token: KeptApiToken): Promise<boolean>;
  find(id: string): Promise<KeptApiToken | undefined>;
  /** Newest first, those that have ended among them. */
  list(): Promise<ApiToken[]>;
  /** `false` where there is no such token. One that has been revoked stays as it is. */
  revoke(id: string, now: number): Promise<boolean>;
}

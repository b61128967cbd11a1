/** What every verification scheme is given, and what it answers. */
import type { SecretRef } from "../config/config.ts";
import type { Basis } from "../core/event.ts";

/** A webhook as it came, before anything about it is believed. */
export interface Unproven {
  source: string;
  headers: Headers;
  body: Uint8Array;
  method: string;
  /** As it was asked for, query and all. */
  url: string;
  /** The sender as Cloudflare saw it (`CF-Connecting-IP`); no other header is believed. */
  address: string | undefined;
}

export interface VerifyDeps {
  /** Epoch milliseconds. */
  now: number;
  /** `undefined` where the secret is not set. */
  secret(ref: SecretRef): Promise<string | undefined>;
  /** Keys of the tokens issued to a client that knows `clientSecret`; several while the master key is rotated. */
  tokenKeys(clientSecret: string): Promise<readonly CryptoKey[]>;
  isRevoked(tokenId: string): Promise<boolean>;
  /**
   * Of those published at a URL the key with an id, which anybody may have written, or without one the only key; `undefined`
   * where there is none. Throws where that cannot be known now.
   */
  publishedKey(url: string, id: string | undefined): Promise<JsonWebKey | undefined>;
}

/** For the log, never for the sender. */
export type RefusalReason =
  | "credential_missing"
  | "credential_malformed"
  | "credential_wrong"
  | "too_old"
  | "too_new"
  | "token_expired"
  | "token_revoked"
  | "secret_missing"
  /** Set, but not in the form that the scheme asks for. */
  | "secret_malformed"
  | "address_unknown"
  | "address_not_allowed";

export type Verdict = { ok: true; basis: Basis } | { ok: false; reason: RefusalReason };

/** `scheme` names what passed; of several that had to, all of them. */
export type Proof = { ok: true; basis: Basis; scheme: string } | { ok: false; reason: RefusalReason };

export const refuse = (reason: RefusalReason): Verdict & { ok: false } => ({ ok: false, reason });
export const pass = (basis: Basis): Verdict => ({ ok: true, basis });

/** Tokens that vendors give to the gateway: when one is used, when a new one is asked for, and when it is not. */
import { sha256Hex, shortHash } from "./digest.ts";
import type { JsonObject } from "./json.ts";

export interface ObtainedToken {
  token: string;
  /** Epoch milliseconds. */
  obtainedAt: number;
  expiresAt: number;
}

/** `unavailable`: not now. The others stay until somebody mends a configuration, a secret or the vendor's account. */
export type TokenFault = "unavailable" | "refused" | "unreadable" | "not_configured";

/** Until when nobody asks again. */
export interface CoolDown {
  why: TokenFault;
  /** How many times in a row. */
  count: number;
  /** Epoch milliseconds. */
  until: number;
}

/** Which token is meant. */
export interface TokenPlace {
  /** Hash of where it is from; nothing in it is secret. */
  key: string;
  /** Digest of the secrets it is asked for with. A password can be guessed from its digest: it is nowhere written down. */
  credential: string;
}

/** What isolates tell each other, as far as that can be relied on: it saves requests, and none of it ever throws. */
export interface SharedTokens {
  read(place: TokenPlace, now: number): Promise<ObtainedToken | undefined>;
  write(place: TokenPlace, token: ObtainedToken, now: number): Promise<void>;
  readCoolDown(place: TokenPlace, now: number): Promise<CoolDown | undefined>;
  writeCoolDown(place: TokenPlace, coolDown: CoolDown, now: number): Promise<void>;
}

interface NoToken {
  ok: false;
  why: TokenFault;
  /** Nobody is asked before. */
  afterSeconds?: number | undefined;
}

export type TokenResult = { ok: true; token: string } | NoToken;

export type Obtained = { ok: true; token: string; expiresInSeconds: number } | NoToken;

export interface TokenWish {
  place: TokenPlace;
  /** A new one is asked for when less is left. */
  marginSeconds: number;
  /** Asks whoever gives it; never throws. */
  obtain(): Promise<Obtained>;
}

export interface TokenKeeper {
  get(wish: TokenWish): Promise<TokenResult>;
  /**
   * Another token than the one that has just been refused; at most one is asked for. Tokens that are refused as fast as
   * they are obtained are asked for at growing intervals.
   */
  renew(wish: TokenWish, refused: string): Promise<TokenResult>;
}

export interface TokenRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** One request for a token, and how to read its answer. */
export interface TokenExchange {
  request: TokenRequest;
  read(json: JsonObject): { token: string; expiresInSeconds?: number | undefined } | undefined;
  /** Of a token whose answer does not say how long it lives. */
  defaultSeconds: number;
}

const FIRST_COOL_DOWN_MS = 5000;
const LONGEST_COOL_DOWN_MS = 300_000;

/**
 * With any of its settings changed it is another token; with another secret the old one is not used any more.
 * @param settings whatever of the configuration decides what the token opens: its URL, account, audience
 */
export async function tokenPlace(
  source: string,
  settings: readonly (string | undefined)[],
  secrets: readonly (string | undefined)[],
): Promise<TokenPlace> {
  const key = await shortHash("obtained", source, JSON.stringify(settings.map((setting) => setting ?? null)));
  return { key, credential: await sha256Hex(JSON.stringify(secrets.map((secret) => secret ?? null))) };
}

/** Enough is left of it. A token that lives shorter than twice the margin is used for half its life. */
export function isFresh({ obtainedAt, expiresAt }: ObtainedToken, marginSeconds: number, now: number): boolean {
  const margin = Math.min(marginSeconds * 1000, (expiresAt - obtainedAt) / 2);
  return expiresAt - now > margin;
}

/** Doubles from 5 s to 5 min; never earlier than the vendor has asked for. */
export function coolDownAfter(
  previous: CoolDown | undefined,
  why: TokenFault,
  now: number,
  askedSeconds: number = 0,
): CoolDown {
  const count = (previous?.count ?? 0) + 1;
  const doubled = Math.min(FIRST_COOL_DOWN_MS * 2 ** Math.min(count - 1, 10), LONGEST_COOL_DOWN_MS);
  return { why, count, until: now + Math.max(doubled, askedSeconds * 1000) };
}

/** The one before counts no more: what came after it lasted. */
export function isPast({ until }: CoolDown, now: number): boolean {
  return now - until > LONGEST_COOL_DOWN_MS;
}

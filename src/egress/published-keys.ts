/** The public keys of an issuer of JWTs (RFC 7517), remembered as values: a key that is not known may be a new one. */
import type { Allowance } from "../core/destination.ts";
import { isObject } from "../core/json.ts";
import { Unavailable } from "../core/unavailable.ts";
import { discard, fetchFromVendor } from "./vendor-fetch.ts";
import { readJsonBody } from "./vendor-body.ts";

interface KeySet {
  keys: readonly JsonWebKey[];
  /** Epoch milliseconds, as all of these. */
  readAt: number;
  askedAt: number;
  /** Since when somebody is asking. */
  askingSince?: number | undefined;
  hasFailed: boolean;
}

/** By the URL at which they are published. */
export type PublishedKeyMemory = Map<string, KeySet>;

export interface PublishedKeyDeps {
  memory: PublishedKeyMemory;
  allowance: Allowance;
  now(): number;
  pause(milliseconds: number): Promise<void>;
}

/** Anybody can name a key that does not exist: no more often than this is the issuer asked for it. */
const ASK_MS = 60_000;
/** While it does not answer, or there are none at all. */
const ASK_AGAIN_MS = 5000;
/** A key that the issuer has withdrawn is believed no longer than this, unless the issuer is silent. */
const KEEP_MS = 3_600_000;
const POLL_MS = 50;
const HEADERS_MS = 3000;
const BODY_MS = 2000;
/** An invocation that asks for longer than this has died on the way, or may as well have. */
const ASKING_MS = HEADERS_MS + BODY_MS + 1000;
const MAX_BYTES = 64 * 1024;

/**
 * Without an id the only key there is. Throws where the issuer does not say, or may not be asked so soon: whoever shows that key may
 * well be who he says, and a key that was replaced a moment ago is unknown because of us and not of the sender.
 */
export async function publishedKey(
  url: string,
  id: string | undefined,
  { memory, allowance, now, pause }: PublishedKeyDeps,
): Promise<JsonWebKey | undefined> {
  const seenAt = now();
  const set = memory.get(url) ?? { keys: [], readAt: 0, askedAt: Number.NEGATIVE_INFINITY, hasFailed: false };
  memory.set(url, set);
  const find = () => (id === undefined ? onlyOne(set.keys) : set.keys.find((key) => "kid" in key && key.kid === id));
  const isBeingAsked = () => set.askingSince !== undefined && now() - set.askingSince < ASKING_MS;

  // A promise of one request must not be awaited by another on this platform: who comes second polls for the value.
  while (isBeingAsked() && !find()) await pause(POLL_MS);
  const isFresh = now() - set.readAt < KEEP_MS;
  const mayAsk = now() - set.askedAt >= (set.hasFailed || set.keys.length === 0 ? ASK_AGAIN_MS : ASK_MS);
  if (!(isFresh && find()) && mayAsk && !isBeingAsked()) {
    set.askedAt = set.askingSince = now();
    const keys = await readKeys(url, allowance);
    set.askingSince = undefined;
    set.hasFailed = !keys;
    if (keys) Object.assign(set, { keys, readAt: now() });
  }
  const key = find();
  if (!key && (set.hasFailed || set.askedAt < seenAt)) throw new Unavailable("published keys");
  return key;
}

const onlyOne = (keys: readonly JsonWebKey[]): JsonWebKey | undefined => (keys.length === 1 ? keys[0] : undefined);

async function readKeys(url: string, allowance: Allowance): Promise<JsonWebKey[] | undefined> {
  const fetched = await fetchFromVendor(
    {
      method: "GET",
      url,
      headers: { accept: "application/json" },
      credentialOrigins: [],
      trustedOrigins: [new URL(url).origin],
      timeoutMs: HEADERS_MS,
      followsRedirects: false,
    },
    allowance,
  );
  if (fetched.kind !== "response") return undefined;
  if (!fetched.response.ok) {
    await discard(fetched.response);
    return undefined;
  }
  const body = await readJsonBody(fetched.response, MAX_BYTES, BODY_MS);
  const keys: unknown = body.ok ? body.json["keys"] : undefined;
  const readable = Array.isArray(keys) ? keys.filter(isPublicKey) : [];
  return readable.length > 0 ? readable : undefined;
}

const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = { RSA: ["n", "e"], EC: ["x", "y"], OKP: ["x"] };

/** Of a kind with a public half; never a shared secret. */
function isPublicKey(key: unknown): key is JsonWebKey {
  if (!isObject(key) || typeof key["kty"] !== "string" || !Object.hasOwn(PUBLIC_MEMBERS, key["kty"])) return false;
  return (PUBLIC_MEMBERS[key["kty"]] ?? []).every((member) => typeof key[member] === "string");
}

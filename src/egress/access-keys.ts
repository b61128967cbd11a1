/** The public keys of a team of Cloudflare Access, remembered as values: a key that is not known may be a new one. */
import type { Allowance } from "../core/destination.ts";
import { isObject } from "../core/json.ts";
import { Unavailable } from "../core/unavailable.ts";
import { discard, fetchFromVendor } from "./vendor-fetch.ts";
import { readJsonBody } from "./vendor-body.ts";

export interface PublishedKey {
  kid: string;
  n: string;
  e: string;
}

export interface AccessKeyMemory {
  keys: readonly PublishedKey[];
  /** Epoch milliseconds. */
  readAt: number;
  askedAt: number;
}

export const createAccessKeyMemory = (): AccessKeyMemory => ({
  keys: [],
  readAt: 0,
  askedAt: Number.NEGATIVE_INFINITY,
});

/** Anybody can name a key that does not exist: no more often than this is the team asked for it. */
const ASK_MS = 60_000;
/** While there are none at all. */
const ASK_AGAIN_MS = 5000;
/** A key that the team has withdrawn is believed no longer than this. */
const KEEP_MS = 3_600_000;
const HEADERS_MS = 3000;
const BODY_MS = 2000;
const MAX_BYTES = 64 * 1024;

/** Throws where there are no keys to be had. */
export async function accessKey(
  kid: string,
  team: string,
  memory: AccessKeyMemory,
  now: number,
  allowance: Allowance,
): Promise<PublishedKey | undefined> {
  const find = () => memory.keys.find((key) => key.kid === kid);
  const isFresh = now - memory.readAt < KEEP_MS;
  const known = isFresh ? find() : undefined;
  const mayAsk = now - memory.askedAt >= (memory.keys.length > 0 ? ASK_MS : ASK_AGAIN_MS);
  if (known || !mayAsk) {
    if (memory.keys.length === 0) throw new Unavailable("access keys");
    return known ?? find();
  }
  memory.askedAt = now;
  const keys = await publishedKeys(team, allowance);
  if (keys) Object.assign(memory, { keys, readAt: now });
  else if (memory.keys.length === 0) throw new Unavailable("access keys");
  return find();
}

async function publishedKeys(team: string, allowance: Allowance): Promise<PublishedKey[] | undefined> {
  const fetched = await fetchFromVendor(
    {
      method: "GET",
      url: `https://${team}/cdn-cgi/access/certs`,
      headers: { accept: "application/json" },
      credentialOrigins: [],
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
  const readable = Array.isArray(keys) ? keys.filter(isPublishedKey) : [];
  return readable.length > 0 ? readable : undefined;
}

const isPublishedKey = (key: unknown): key is PublishedKey =>
  isObject(key) && ["kid", "n", "e"].every((member) => typeof key[member] === "string");

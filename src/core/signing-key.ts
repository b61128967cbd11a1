/**
 * Keys of Standard Webhooks 1.0.0 as people copy them: `whsec_` for HMAC-SHA256, `whsk_` for Ed25519 (32 bytes private, then 32
 * bytes public), and `whpk_`, the public half that a subscriber is given.
 */
import { fromBase64, toBase64 } from "./base64.ts";

export const SIGNING_KEY_KINDS = ["whsec", "whsk"] as const;

export type SigningKeyKind = (typeof SIGNING_KEY_KINDS)[number];

export interface SigningKey {
  version: "v1" | "v1a";
  key: CryptoKey;
}

const HMAC = { name: "HMAC", hash: "SHA-256", length: 256 };
const ED25519_BYTES = 32;
/** PrivateKeyInfo of Ed25519 up to the key itself, RFC 8410 section 7. */
const PKCS8_HEAD = Uint8Array.fromHex("302e020100300506032b657004220420");

/** In the one alphabet of the specification: in the other, a public key would pass for a secret. */
const KEY = /^(whsec_|whsk_)?([A-Za-z0-9+/]+=*)$/;

/** `undefined` where it is not such a key. One without a prefix is taken for `whsec_`. */
export async function readSigningKey(text: string): Promise<SigningKey | undefined> {
  const [, prefix, encoded = ""] = KEY.exec(text.trim()) ?? [];
  const bytes = fromBase64(encoded);
  if (!bytes?.length) return undefined;
  if (prefix !== "whsk_") {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return { version: "v1", key: await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]) };
  }
  if (bytes.length !== ED25519_BYTES && bytes.length !== 2 * ED25519_BYTES) return undefined;
  const pkcs8 = Uint8Array.of(...PKCS8_HEAD, ...bytes.subarray(0, ED25519_BYTES));
  return { version: "v1a", key: await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]) };
}

/** One entry of `webhook-signature`. */
export async function signWith({ version, key }: SigningKey, signed: Uint8Array): Promise<string> {
  return `${version},${toBase64(new Uint8Array(await crypto.subtle.sign(key.algorithm.name, key, signed)))}`;
}

/** The public half's 32 bytes; `undefined` of a key that has none. */
export async function publicBytes({ version, key }: SigningKey): Promise<Uint8Array | undefined> {
  if (version !== "v1a") return undefined;
  const { x = "" } = (await crypto.subtle.exportKey("jwk", key)) as JsonWebKey;
  return fromBase64(x);
}

/** A new key as text, to be shown once. */
export async function generateSigningKey(kind: SigningKeyKind): Promise<{ key: string; publicKey?: string }> {
  if (kind === "whsec") {
    const key = (await crypto.subtle.generateKey(HMAC, true, ["sign"])) as CryptoKey;
    return { key: `whsec_${toBase64(new Uint8Array((await crypto.subtle.exportKey("raw", key)) as ArrayBuffer))}` };
  }
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const { d = "", x = "" } = (await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey;
  const [own, open] = [fromBase64(d) ?? [], fromBase64(x) ?? []];
  return { key: `whsk_${toBase64(Uint8Array.of(...own, ...open))}`, publicKey: toPublicKey(Uint8Array.of(...open)) };
}

export const toPublicKey = (bytes: Uint8Array): string => `whpk_${toBase64(bytes)}`;

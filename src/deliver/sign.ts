/**
 * What proves to a subscriber who sent this: Standard Webhooks 1.0.0 over `id.timestamp.body`, one signature per key, so that a
 * key can be replaced while both are known; and for a receiver without such a library, a plain HMAC of the body in a header.
 */
import type { SigningMethod } from "../config/config.ts";
import { toBase64 } from "../core/base64.ts";
import { readSigningKey, signWith } from "../core/signing-key.ts";

/** A method with the secret that it names. */
export interface Signer {
  method: SigningMethod;
  secret: string;
}

export interface SignedMessage {
  id: string;
  /** Seconds since the epoch. */
  timestamp: number;
  body: Uint8Array;
}

/** Headers; `undefined` where a secret is no key. */
export async function sign(
  signers: readonly Signer[],
  message: SignedMessage,
): Promise<Record<string, string> | undefined> {
  const head = new TextEncoder().encode(`${message.id}.${message.timestamp}.`);
  const signed = new Uint8Array(head.length + message.body.length);
  signed.set(head);
  signed.set(message.body, head.length);
  const headers: Record<string, string> = {};
  const standard: string[] = [];
  for (const { method, secret } of signers) {
    if (method.scheme === "hmac") {
      headers[headerOf(method)] = await plainHmac(method, secret, message.body);
      continue;
    }
    const key = await readSigningKey(secret);
    if (!key) return undefined;
    standard.push(await signWith(key, signed));
  }
  return standard.length > 0 ? { ...headers, [STANDARD_HEADER]: standard.join(" ") } : headers;
}

const STANDARD_HEADER = "webhook-signature";

/** Where a method's signature goes, in lower case. */
export function headerOf(method: SigningMethod): string {
  return method.scheme === "hmac" ? method.header.toLowerCase() : STANDARD_HEADER;
}

type PlainHmac = Extract<SigningMethod, { scheme: "hmac" }>;

/** The secret's text is the key, as receivers of this kind have it. */
async function plainHmac(
  { prefix, encoding, algorithm }: PlainHmac,
  secret: string,
  body: Uint8Array,
): Promise<string> {
  const hmac = { name: "HMAC", hash: HASHES[algorithm] };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), hmac, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, body));
  return prefix + (encoding === "hex" ? signature.toHex() : toBase64(signature));
}

const HASHES = { sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" } as const;

/** A webhook nobody has proven yet, and what a scheme may ask of the gateway. */
import { completeScheme } from "../../src/config/complete-scheme.ts";
import type { Scheme } from "../../src/config/config.ts";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import type { Unproven, VerifyDeps } from "../../src/verify/scheme.ts";
import { createVault } from "../../src/stores/crypto.ts";

export const NOW = Date.parse("2026-11-17T08:00:00.000Z");
export const MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
export const OTHER_MASTER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
export const BODY = '{"event":"idv:session_finished","amount":"1,00 €"}';

export const vault = createVault(MASTER_KEY);

export function webhookOf(headers: Record<string, string> = {}, changes: Partial<Unproven> = {}): Unproven {
  return {
    source: "source",
    headers: new Headers(headers),
    body: new TextEncoder().encode(BODY),
    address: undefined,
    method: "POST",
    url: "https://gateway.example/in/source?from=vendor",
    ...changes,
  };
}

/** A scheme as people write it, with its defaults. */
export const complete = (scheme: SchemeDocument): Scheme => completeScheme(scheme, undefined);

/** Secrets as they are set; what is not named is not set. */
export function depsOf(secrets: Readonly<Record<string, string>>, changes: Partial<VerifyDeps> = {}): VerifyDeps {
  return {
    now: NOW,
    secret: ({ secret }) => Promise.resolve(secrets[secret]),
    tokenKeys: vault.tokenKeys,
    isRevoked: () => Promise.resolve(false),
    publishedKey: () => Promise.resolve(undefined),
    ...changes,
  };
}

export async function hmac(
  secret: string | Uint8Array,
  body: string | Uint8Array = BODY,
  hash = "SHA-256",
): Promise<Uint8Array> {
  const bytesOf = (part: string | Uint8Array) => (typeof part === "string" ? new TextEncoder().encode(part) : part);
  // The platform imports no empty key; a key of one zero byte is the same HMAC key as an empty one.
  const bytes = secret.length === 0 ? new Uint8Array(1) : bytesOf(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytesOf(body)));
}

export const basicOf = (text: string): string => `Basic ${new TextEncoder().encode(text).toBase64()}`;

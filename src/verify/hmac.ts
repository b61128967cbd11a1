/**
 * HMAC-SHA256 over the raw body (SEON: `Digest: SHA-256=<hash>`). Whether the hash is hex or base64 is not documented, so
 * without a configured encoding 64 hex digits are read as hex and all else as base64.
 */
import type { Scheme } from "../config/config.ts";
import { fromBase64 } from "../core/base64.ts";
import { anySecret, readSecrets } from "./secrets.ts";
import { pass, refuse, type Unproven, type Verdict, type VerifyDeps } from "./scheme.ts";

type Hmac = Extract<Scheme, { scheme: "hmac" }>;

export async function verifyHmac(scheme: Hmac, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  const header = webhook.headers.get(scheme.header);
  if (header === null) return refuse("credential_missing");
  const signature = readSignature(header.trim(), scheme);
  if (!signature) return refuse("credential_malformed");
  const secrets = await readSecrets(scheme.secrets, deps);
  if (secrets.length === 0) return refuse("secret_missing");
  const isSigned = await anySecret(secrets, (secret) => isSignedWith(secret, signature, webhook.body));
  return isSigned ? pass("signature") : refuse("credential_wrong");
}

function readSignature(header: string, { prefix, encoding }: Hmac): Uint8Array | undefined {
  if (!header.toLowerCase().startsWith(prefix.toLowerCase())) return undefined;
  const text = header.slice(prefix.length);
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  if (isHex && encoding !== "base64")
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (encoding === "hex") return undefined;
  const bytes = fromBase64(text);
  return bytes?.length === 32 ? bytes : undefined;
}

async function isSignedWith(secret: string, signature: Uint8Array, body: Uint8Array): Promise<boolean> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, signature, body);
}

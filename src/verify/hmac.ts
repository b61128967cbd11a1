/** HMAC (RFC 2104) by a secret that the vendor and this gateway share. */
import type { Scheme } from "../config/config.ts";
import { fromBase64 } from "../core/base64.ts";
import type { Unproven, Verdict, VerifyDeps } from "./scheme.ts";
import { readSecrets } from "./secrets.ts";
import { verifySignature } from "./signature.ts";

type Hmac = Extract<Scheme, { scheme: "hmac" }>;

const HASHES = {
  sha1: { name: "SHA-1", bytes: 20 },
  sha256: { name: "SHA-256", bytes: 32 },
  sha512: { name: "SHA-512", bytes: 64 },
} as const;

export function verifyHmac(scheme: Hmac, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  const { name, bytes } = HASHES[scheme.algorithm];
  return verifySignature(scheme, webhook, deps.now, {
    algorithm: { name: "HMAC", hash: name },
    bytes,
    async keys() {
      const secrets = await readSecrets(scheme.secrets, deps);
      if (secrets.length === 0) return "secret_missing";
      const keys = secrets.flatMap((secret) => toKey(secret, scheme.key) ?? []);
      return keys.length === 0 ? "secret_malformed" : keys;
    },
  });
}

/** `undefined` where the secret is not what it should be. One of nothing but zeros is the same key as an empty one. */
function toKey(secret: string, form: Hmac["key"]): Uint8Array | undefined {
  const bytes = decode(secret, form);
  return bytes?.some((byte) => byte !== 0) ? bytes : undefined;
}

function decode(secret: string, form: Hmac["key"]): Uint8Array | undefined {
  if (form === "text") return new TextEncoder().encode(secret);
  const text = secret.trim();
  if (form === "hex") return /^([0-9a-f]{2})+$/i.test(text) ? Uint8Array.fromHex(text) : undefined;
  return fromBase64(form === "whsec" ? text.replace(/^whsec_/, "") : text);
}

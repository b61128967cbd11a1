/**
 * Keys derived from the master key, one per use (HKDF-SHA256, RFC 5869), and encryption at rest (AES-256-GCM). While the
 * master key is rotated the previous one still decrypts and verifies.
 */
import { fromBase64, toBase64 } from "../core/base64.ts";

export interface Vault {
  /** `name` is bound to the ciphertext: a value copied to another key does not decrypt. */
  encrypt(value: string, name: string): Promise<string>;
  /** `undefined` where neither master key opens it. */
  decrypt(sealed: string, name: string): Promise<string | undefined>;
  /** HMAC keys for the tokens of a client that knows `clientSecret`; the first, the current master key's, signs. */
  tokenKeys(clientSecret: string): Promise<[CryptoKey, ...CryptoKey[]]>;
  /** HMAC keys for links to files; the first signs. */
  linkKeys(): Promise<[CryptoKey, ...CryptoKey[]]>;
}

const VERSION = "1";
const IV_BYTES = 12;

export function createVault(masterKey: string, previousMasterKey?: string): Vault {
  const masters = [masterKey, previousMasterKey].filter((key) => key !== undefined && key !== "") as string[];

  async function decryptWith(master: string, sealed: Uint8Array, name: string): Promise<string | undefined> {
    const key = await derive(master, "secrets", { name: "AES-GCM", length: 256 }, ["decrypt"]);
    const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, IV_BYTES), additionalData: encode(name) };
    try {
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(IV_BYTES)));
    } catch {
      return undefined;
    }
  }

  async function signingKeys(purpose: string): Promise<[CryptoKey, ...CryptoKey[]]> {
    const algorithm = { name: "HMAC", hash: "SHA-256", length: 256 };
    const keyOf = (master: string) => derive(master, purpose, algorithm, ["sign", "verify"]);
    return [await keyOf(masterKey), ...(await Promise.all(masters.slice(1).map(keyOf)))];
  }

  return {
    async encrypt(value, name) {
      const key = await derive(masterKey, "secrets", { name: "AES-GCM", length: 256 }, ["encrypt"]);
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv, additionalData: encode(name) },
        key,
        encode(value),
      );
      return `${VERSION}.${toBase64(iv)}.${toBase64(new Uint8Array(sealed))}`;
    },
    async decrypt(sealed, name) {
      const [version, iv = "", text = ""] = sealed.split(".");
      const bytes = [fromBase64(iv) ?? [], fromBase64(text) ?? []].flatMap((part) => [...part]);
      if (version !== VERSION) return undefined;
      for (const master of masters) {
        const value = await decryptWith(master, Uint8Array.from(bytes), name);
        if (value !== undefined) return value;
      }
      return undefined;
    },
    async tokenKeys(clientSecret) {
      const hash = await crypto.subtle.digest("SHA-256", encode(clientSecret));
      return signingKeys(`issued-token:${toBase64(new Uint8Array(hash))}`);
    },
    linkKeys: () => signingKeys("file-links"),
  };
}

/** For keys and tokens. */
export function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/** From 0 up to 1, for ids that must not meet. */
export function randomFraction(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

async function derive(
  master: string,
  purpose: string,
  algorithm: { name: string; length: number; hash?: string },
  usages: string[],
): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", fromBase64(master) ?? new Uint8Array(), "HKDF", false, [
    "deriveKey",
  ]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encode(`gatepost:${purpose}`) };
  return crypto.subtle.deriveKey(hkdf, material, algorithm, false, usages);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

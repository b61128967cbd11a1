/** A private key as a PEM that was copied from wherever it was: PKCS#8, or of RSA the older PKCS#1; and the JWTs it signs. */
import { fromBase64, toBase64Url } from "./base64.ts";

/** With the name that RFC 7518 section 3.1 and RFC 8037 give to its signatures. */
export interface PrivateKey {
  algorithm: "RS256" | "ES256" | "EdDSA";
  key: CryptoKey;
}

const ALGORITHMS = [
  ["RS256", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
  ["ES256", { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }],
  ["EdDSA", { name: "Ed25519" }],
] as const;

const PEM = /-----BEGIN (RSA )?PRIVATE KEY-----([\s\S]*?)-----END \1?PRIVATE KEY-----/;

/** INTEGER 0 (the version) and the AlgorithmIdentifier of rsaEncryption, of PrivateKeyInfo (RFC 5208, RFC 8017 appendix A.1). */
const PKCS8_HEAD = Uint8Array.fromHex("020100300d06092a864886f70d0101010500");
const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;

/** `undefined` where it is no such key. */
export async function readPrivateKey(pem: string): Promise<PrivateKey | undefined> {
  // A line break that was typed as such, in an environment variable or a JSON text.
  const [, isPkcs1, text = ""] = PEM.exec(pem.replaceAll(/\\r|\\n/g, "\n")) ?? [];
  const der = fromBase64(text.replaceAll(/\s/g, ""));
  if (!der?.length) return undefined;
  const pkcs8 = isPkcs1 ? toPkcs8(der) : der;
  for (const [algorithm, parameters] of ALGORITHMS) {
    // What kind of key it is, only the attempt to read it as such tells.
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, parameters, false, ["sign"]).catch(() => undefined);
    if (key) return { algorithm, key };
  }
  return undefined;
}

/** RFC 7519. */
export async function signJwt(claims: object, { algorithm, key }: PrivateKey): Promise<string> {
  const signed = `${encode({ alg: algorithm, typ: "JWT" })}.${encode(claims)}`;
  const parameters = { name: key.algorithm.name, hash: "SHA-256" };
  const signature = await crypto.subtle.sign(parameters, key, new TextEncoder().encode(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}

function encode(part: object): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(part)));
}

/** The same key in the one form that WebCrypto promises to read, which is PKCS#1 with its algorithm in front. */
export function toPkcs8(pkcs1: Uint8Array): Uint8Array {
  return encodeDer(SEQUENCE, Uint8Array.of(...PKCS8_HEAD, ...encodeDer(OCTET_STRING, pkcs1)));
}

/** X.690 section 8.1.3: a length below 128 is one byte; of a longer one, the first byte counts its bytes. */
function encodeDer(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const bytes = [length >>> 24, length >>> 16, length >>> 8, length].map((byte) => byte & 0xff);
  const significant = bytes.slice(bytes.findIndex((byte) => byte > 0));
  const encodedLength = length < 0x80 ? [length] : [0x80 | significant.length, ...significant];
  return Uint8Array.of(tag, ...encodedLength, ...content);
}

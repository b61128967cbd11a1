/** An Ed25519 public key as people copy it: 32 bytes in base64 or hex, `whpk_` of Standard Webhooks, or a PEM (RFC 8410). */
import { fromBase64 } from "./base64.ts";

const BYTES = 32;
/** SubjectPublicKeyInfo of Ed25519 up to the key itself, RFC 8410 section 4. */
const SPKI_HEAD = "302a300506032b6570032100";
const PEM = /^-----BEGIN PUBLIC KEY-----([\s\S]*)-----END PUBLIC KEY-----$/;

/** `undefined` where it is no such key. */
export function readPublicKey(text: string): Uint8Array | undefined {
  // A line break that was typed as such, in a JSON text.
  const key = bytesOf(text.replaceAll(/\\r|\\n/g, "\n").trim());
  return key?.length === BYTES && !isSmall(key) ? key : undefined;
}

function bytesOf(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Uint8Array.fromHex(text);
  const [, pem] = PEM.exec(text) ?? [];
  if (pem === undefined) return fromBase64(text.replace(/^whpk_/, ""));
  const spki = fromBase64(pem.replaceAll(/\s/g, ""));
  const head = spki?.subarray(0, SPKI_HEAD.length / 2).toHex();
  return head === SPKI_HEAD ? spki?.subarray(SPKI_HEAD.length / 2) : undefined;
}

/** The points of order 8, without the sign of x (RFC 8032 section 5.1.2). */
const ORDER_8 = ["JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/AU=", "xxdqcD1N2E+6PAt2DRBnDyogU/osOczGTsf9d5KsA3o="];

/**
 * Whether anybody can make signatures that pass for this key, whatever they are over: of the points of order 8 or less the others are
 * 0, 1, -1 and their like above the prime, whose middle is one byte again and again.
 */
function isSmall(key: Uint8Array): boolean {
  const y = key.with(BYTES - 1, (key.at(-1) ?? 0) & 0x7f).join();
  return new Set(key.subarray(1, BYTES - 1)).size === 1 || ORDER_8.some((each) => fromBase64(each)?.join() === y);
}

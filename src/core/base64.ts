/** Base64 of RFC 4648, in both alphabets, padded or not. */

export const toBase64 = (bytes: Uint8Array): string => bytes.toBase64();

/** For URLs and tokens: without padding. */
export const toBase64Url = (bytes: Uint8Array): string => bytes.toBase64({ alphabet: "base64url", omitPadding: true });

/** `undefined` where the text is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  // The platform's reader alone would let white space pass.
  if (!/^[A-Za-z0-9+/]*$/.test(standard) || standard.length % 4 === 1) return undefined;
  return Uint8Array.fromBase64(standard);
}

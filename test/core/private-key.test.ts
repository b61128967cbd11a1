/** Keys as people paste them, of each kind that a token endpoint may ask for; what they sign, a library of its own verifies. */
import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { readPrivateKey, signJwt, type PrivateKey } from "../../src/core/private-key.ts";

type Kind = PrivateKey["algorithm"];

const KINDS: readonly [Kind, object][] = [
  [
    "RS256",
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  ],
  ["ES256", { name: "ECDSA", namedCurve: "P-256" }],
  ["EdDSA", { name: "Ed25519" }],
];

async function generate(parameters: object): Promise<{ publicKey: CryptoKey; pem: string }> {
  const pair = (await crypto.subtle.generateKey(parameters as never, true, ["sign", "verify"])) as CryptoKeyPair;
  const der = new Uint8Array((await crypto.subtle.exportKey("pkcs8", pair.privateKey)) as ArrayBuffer);
  return {
    publicKey: pair.publicKey,
    pem: `-----BEGIN PRIVATE KEY-----\n${der.toBase64()}\n-----END PRIVATE KEY-----\n`,
  };
}

describe("a private key", () => {
  it.each(KINDS)("of %s signs what a library verifies", async (algorithm, parameters) => {
    const { publicKey, pem } = await generate(parameters);
    const key = await readPrivateKey(pem);
    expect(key?.algorithm).toBe(algorithm);
    const jwt = key && (await signJwt({ iss: "client", n: 1 }, key));
    const { payload, protectedHeader } = await jwtVerify(jwt ?? "", publicKey);
    expect(payload).toEqual({ iss: "client", n: 1 });
    expect(protectedHeader).toEqual({ alg: algorithm, typ: "JWT" });
  });

  it("may have its line breaks written out, as environment variables have them", async () => {
    const { pem } = await generate({ name: "Ed25519" });
    expect(await readPrivateKey(pem.replaceAll("\n", String.raw`\n`))).toMatchObject({ algorithm: "EdDSA" });
  });

  it.each(["", "secret", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "whsk_AAAA"])(
    "is not %j",
    async (text) => {
      expect(await readPrivateKey(text)).toBeUndefined();
    },
  );
});

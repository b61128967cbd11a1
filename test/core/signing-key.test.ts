/** Keys of Standard Webhooks, against the vectors that others publish and the library that receivers use. */
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { generateSigningKey, publicBytes, readSigningKey, signWith, toPublicKey } from "../../src/core/signing-key.ts";

const ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const SIGNED = new TextEncoder().encode(`${ID}.${TIMESTAMP}.${BODY}`);

const SYMMETRIC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PRIVATE = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

async function signatureOf(text: string, signed = SIGNED): Promise<string | undefined> {
  const key = await readSigningKey(text);
  return key && signWith(key, signed);
}

describe("a signing key", () => {
  it.each([
    [SYMMETRIC, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    [SYMMETRIC.slice("whsec_".length), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    [`${SYMMETRIC}\n`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    [PRIVATE, "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="],
  ])("%s signs as published", async (key, signature) => {
    expect(await signatureOf(key)).toBe(signature);
  });

  it("has its public half in its private one, or beside it", async () => {
    const seed = `whsk_${Uint8Array.fromBase64(PRIVATE.slice(5)).subarray(0, 32).toBase64()}`;
    for (const text of [PRIVATE, seed]) {
      const key = await readSigningKey(text);
      const bytes = key && (await publicBytes(key));
      expect(bytes && toPublicKey(bytes)).toBe(PUBLIC);
    }
    const symmetric = await readSigningKey(SYMMETRIC);
    expect(symmetric && (await publicBytes(symmetric))).toBeUndefined();
  });

  it.each(["", "whsec_", "whsk_", "whsk_AAAA", `v1,${SYMMETRIC}`, PUBLIC, "not base64!", "whsec_====", "whsec_A"])(
    "is not %j",
    async (text) => {
      expect(await readSigningKey(text)).toBeUndefined();
    },
  );

  it("that is generated signs what the library verifies, whatever is signed", async () => {
    const { key } = await generateSigningKey("whsec");
    expect(key).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const library = new Webhook(key);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (body) => {
        const signed = new TextEncoder().encode(`${ID}.${TIMESTAMP}.${body}`);
        expect(await signatureOf(key, signed)).toBe(library.sign(ID, new Date(TIMESTAMP * 1000), body));
      }),
      { seed: 20_261_117, numRuns: 50 },
    );
  });

  it("of two halves that is generated signs what its public half verifies", async () => {
    const { key, publicKey = "" } = await generateSigningKey("whsk");
    expect(key).toMatch(/^whsk_[A-Za-z0-9+/]{86}==$/);
    expect(publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    const verifying = await crypto.subtle.importKey(
      "raw",
      Uint8Array.fromBase64(publicKey.slice(5)),
      "Ed25519",
      false,
      ["verify"],
    );
    const signature = Uint8Array.fromBase64((await signatureOf(key))?.slice("v1a,".length) ?? "");
    expect(await crypto.subtle.verify("Ed25519", verifying, signature, SIGNED)).toBe(true);
    expect(await crypto.subtle.verify("Ed25519", verifying, signature, new Uint8Array(SIGNED.length))).toBe(false);
  });

  it("is another one each time", async () => {
    const keys = await Promise.all(
      Array.from({ length: 8 }, (_, index) => generateSigningKey(index % 2 ? "whsec" : "whsk")),
    );
    expect(new Set(keys.map(({ key }) => key)).size).toBe(8);
  });
});

import { describe, expect, it } from "vitest";
import { readPublicKey } from "../../src/core/public-key.ts";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import { verify } from "../../src/verify/verify.ts";
import { BODY, complete, depsOf, NOW, webhookOf } from "./webhooks.ts";

type Ed25519 = Extract<SchemeDocument, { scheme: "ed25519" }>;

/** RFC 8032 section 7.1, test 2, as an own small vector that no code here has made. */
const RFC = {
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: Uint8Array.of(0x72),
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};
const AT = `${NOW / 1000}`;
const refused = (reason: string) => ({ ok: false, reason });
const PASSED = { ok: true, basis: "signature", scheme: "ed25519" };

const verdictOf = (layout: Partial<Ed25519>, headers: Record<string, string>, body: string | Uint8Array = BODY) => {
  const scheme = complete({ scheme: "ed25519", publicKeys: [RFC.key], header: "X-Signature", ...layout });
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return verify([scheme], webhookOf(headers, { body: bytes }), depsOf({}));
};

async function makePair() {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const spki = new Uint8Array((await crypto.subtle.exportKey("spki", pair.publicKey)) as ArrayBuffer);
  return {
    publicKey: spki.subarray(-32),
    pem: `-----BEGIN PUBLIC KEY-----\n${spki.toBase64()}\n-----END PUBLIC KEY-----\n`,
    sign: async (text: string) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, new TextEncoder().encode(text))),
  };
}

/** The y of every point whose order divides 8 (RFC 8032 section 5.1), and the same above the prime; little-endian, in hex. */
const SMALL = [
  `00${"00".repeat(31)}`,
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ...["ec", "ed", "ee"].map((low) => `${low}${"ff".repeat(30)}7f`),
];

describe("a key for which anybody could sign", () => {
  it.each(SMALL)("is none, with either sign of x: %s", (y) => {
    const other = Uint8Array.fromHex(y);
    other[31] = (other[31] ?? 0) | 0x80;
    expect([readPublicKey(y), readPublicKey(other.toHex())]).toEqual([undefined, undefined]);
  });

  it("is told from one of which only the last byte differs", () => {
    const near = Uint8Array.fromHex(SMALL[2] ?? "");
    near[31] = 0x06;
    expect(readPublicKey(near.toHex())).toEqual(near);
  });
});

describe("ed25519", () => {
  it("is RFC 8032's", async () => {
    expect(await verdictOf({}, { "x-signature": RFC.signature }, RFC.message)).toEqual(PASSED);
    expect(await verdictOf({}, { "x-signature": RFC.signature }, Uint8Array.of(0x73))).toEqual(
      refused("credential_wrong"),
    );
  });

  it("reads the key in every form that people copy", async () => {
    const { publicKey, pem, sign } = await makePair();
    const headers = { "x-signature": (await sign(BODY)).toBase64() };
    const forms = [
      publicKey.toHex(),
      publicKey.toHex().toUpperCase(),
      publicKey.toBase64(),
      publicKey.toBase64({ alphabet: "base64url", omitPadding: true }),
      `whpk_${publicKey.toBase64()}`,
      pem,
      pem.replaceAll("\n", "\\n"),
      pem.replaceAll("\n", "\r\n"),
    ];
    for (const form of forms) expect(await verdictOf({ publicKeys: [form] }, headers)).toEqual(PASSED);
  });

  it("lets in either key while one is rotated, and no other", async () => {
    const [old, next, stranger] = [await makePair(), await makePair(), await makePair()];
    const publicKeys = [old.publicKey.toHex(), next.publicKey.toHex()];
    for (const { sign } of [old, next])
      expect(await verdictOf({ publicKeys }, { "x-signature": (await sign(BODY)).toHex() })).toEqual(PASSED);
    expect(await verdictOf({ publicKeys }, { "x-signature": (await stranger.sign(BODY)).toHex() })).toEqual(
      refused("credential_wrong"),
    );
  });

  it("is over the time and the body, and good for five minutes", async () => {
    const { publicKey, sign } = await makePair();
    const layout: Partial<Ed25519> = {
      publicKeys: [publicKey.toBase64()],
      signed: "{timestamp}.{body}",
      timestamp: { header: "X-Timestamp" },
    };
    const shown = async (time: string) => ({
      "x-timestamp": time,
      "x-signature": (await sign(`${time}.${BODY}`)).toHex(),
    });
    expect(await verdictOf(layout, await shown(AT))).toEqual(PASSED);
    expect(await verdictOf(layout, await shown(`${Number(AT) - 301}`))).toEqual(refused("too_old"));
    expect(await verdictOf(layout, { ...(await shown(`${Number(AT) - 301}`)), "x-timestamp": AT })).toEqual(
      refused("credential_wrong"),
    );
    expect(await verdictOf(layout, await shown(AT), `${BODY} `)).toEqual(refused("credential_wrong"));
  });

  it("takes no part of a signature, and none where none is", async () => {
    for (const cut of [1, 2, 64, 100])
      expect(await verdictOf({}, { "x-signature": RFC.signature.slice(0, -cut) }, RFC.message)).toEqual(
        refused("credential_malformed"),
      );
    expect(await verdictOf({}, {}, RFC.message)).toEqual(refused("credential_missing"));
    expect((await verdictOf({}, { "x-signature": "0".repeat(128) }, RFC.message)).ok).toBe(false);
  });
});

describe("a public key", () => {
  it("is none where anybody can sign for it", () => {
    const [zeros, ones] = ["00".repeat(30), "ff".repeat(30)];
    for (const small of [`00${zeros}00`, `01${zeros}00`, `01${zeros}80`, `ec${ones}7f`, `ed${ones}7f`, `ee${ones}ff`])
      expect(readPublicKey(small)).toBeUndefined();
  });

  it.each(["", "whpk_", "00", RFC.key.slice(2), `${RFC.key}00`, "not a key", `whsk_${RFC.key}`])(
    "is not %j",
    (text) => {
      expect(readPublicKey(text)).toBeUndefined();
    },
  );

  it("is no key of another algorithm, and no private one", async () => {
    const { publicKey } = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const spki = new Uint8Array((await crypto.subtle.exportKey("spki", publicKey)) as ArrayBuffer).toBase64();
    expect(readPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`)).toBeUndefined();
    expect(readPublicKey(`-----BEGIN PRIVATE KEY-----\n${RFC.key}\n-----END PRIVATE KEY-----`)).toBeUndefined();
  });
});

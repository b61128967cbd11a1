import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { Scheme, Verification } from "../../src/config/config.ts";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import { createVault } from "../../src/stores/crypto.ts";
import { signToken, TOKEN_SECONDS } from "../../src/verify/token.ts";
import { verify } from "../../src/verify/verify.ts";
import { isEqual } from "../../src/verify/equal.ts";
import {
  basicOf,
  BODY,
  complete,
  depsOf,
  hmac,
  MASTER_KEY,
  NOW,
  OTHER_MASTER_KEY,
  vault,
  webhookOf,
} from "./webhooks.ts";

const refused = (reason: string) => ({ ok: false, reason });
const passed = (basis: string, scheme: string = expect.any(String)) => ({ ok: true, basis, scheme });

describe("hmac", () => {
  type Hmac = Extract<SchemeDocument, { scheme: "hmac" }>;
  const seon: Hmac = { scheme: "hmac", secrets: [{ secret: "key" }], header: "Digest", prefix: "SHA-256=" };
  const verdictOf = (digest: string, changes: Partial<Hmac> = {}, body: string | Uint8Array = BODY) =>
    verify(
      [complete({ ...seon, ...changes })],
      webhookOf({ digest }, { body: typeof body === "string" ? new TextEncoder().encode(body) : body }),
      depsOf({ key: "license" }),
    );
  const signed = () => hmac("license");

  it.each<[string, (hash: Uint8Array) => string]>([
    ["hex", (hash) => hash.toHex()],
    ["upper-case hex", (hash) => hash.toHex().toUpperCase()],
    ["base64", (hash) => hash.toBase64()],
    ["base64 without padding", (hash) => hash.toBase64({ omitPadding: true })],
    ["base64url", (hash) => hash.toBase64({ alphabet: "base64url" })],
  ])("reads %s where no encoding is configured", async (_name, encode) => {
    expect(await verdictOf(`SHA-256=${encode(await signed())}`)).toEqual(passed("signature"));
  });

  it("reads the prefix in either case, and nothing without it", async () => {
    const hash = (await signed()).toHex();
    expect(await verdictOf(`sha-256=${hash}`)).toEqual(passed("signature"));
    expect(await verdictOf(hash)).toEqual(refused("credential_malformed"));
    expect(await verdictOf(`SHA-512=${hash}`)).toEqual(refused("credential_malformed"));
    expect(await verdictOf(hash, { prefix: "" })).toEqual(passed("signature"));
    expect(await verdictOf(`SHA-256=${hash}`, { prefix: "" })).toEqual(refused("credential_malformed"));
  });

  it("reads only the encoding that is configured", async () => {
    const hash = await signed();
    const [hex, base64] = [`SHA-256=${hash.toHex()}`, `SHA-256=${hash.toBase64()}`];
    expect(await verdictOf(hex, { encoding: "hex" })).toEqual(passed("signature"));
    expect(await verdictOf(base64, { encoding: "base64" })).toEqual(passed("signature"));
    expect(await verdictOf(base64, { encoding: "hex" })).toEqual(refused("credential_malformed"));
    expect(await verdictOf(hex, { encoding: "base64" })).toEqual(refused("credential_malformed"));
  });

  it("is over the bytes: one that changed, came or went is another webhook", async () => {
    const digest = `SHA-256=${(await signed()).toHex()}`;
    for (const body of [BODY.replace("1,00", "9,00"), `${BODY} `, BODY.slice(0, -1), ""])
      expect(await verdictOf(digest, {}, body)).toEqual(refused("credential_wrong"));
  });

  it("is over bytes that are no text", async () => {
    const body = Uint8Array.from([0xff, 0xfe, 0x00, 0x80]);
    expect(await verdictOf(`SHA-256=${(await hmac("license", body)).toHex()}`, {}, body)).toEqual(passed("signature"));
  });

  it("takes no part of a signature for the whole", async () => {
    const hash = await signed();
    for (const part of [hash.subarray(0, 31), hash.subarray(0, 16), hash.subarray(0, 1), Uint8Array.from([...hash, 0])])
      for (const text of [part.toHex(), part.toBase64()]) expect((await verdictOf(`SHA-256=${text}`)).ok).toBe(false);
  });

  it("takes two signatures in one header for none", async () => {
    const digest = `SHA-256=${(await signed()).toHex()}`;
    expect(await verdictOf(`${digest}, ${digest}`)).toEqual(refused("credential_malformed"));
  });

  it("refuses a signature made with an empty key", async () => {
    expect(await verdictOf(`SHA-256=${(await hmac("")).toHex()}`)).toEqual(refused("credential_wrong"));
  });
});

describe("basic", () => {
  const scheme: Scheme = { scheme: "basic", username: "unico", passwords: [{ secret: "password" }] };
  const verdictOf = (authorization: string, password = "secret", username = "unico") =>
    verify([{ ...scheme, username }], webhookOf({ authorization }), depsOf({ password }));

  it("is split at the first colon", async () => {
    expect(await verdictOf(basicOf("unico:se:cr:et"), "se:cr:et")).toEqual(passed("credential"));
    expect(await verdictOf(basicOf("unico::"), ":")).toEqual(passed("credential"));
    expect(await verdictOf(basicOf("unico:x:secret"), "secret", "unico:x")).toEqual(refused("credential_wrong"));
  });

  it("is UTF-8", async () => {
    expect(await verdictOf(basicOf("usuário:пароль"), "пароль", "usuário")).toEqual(passed("credential"));
    const latin1 = `Basic ${btoa("usuário:secret")}`;
    expect(await verdictOf(latin1, "secret", "usuário")).toEqual(refused("credential_wrong"));
  });

  it("names its scheme in either case, with any number of spaces", async () => {
    const credentials = basicOf("unico:secret").slice("Basic ".length);
    for (const header of [`basic ${credentials}`, `BASIC   ${credentials}`, `Basic ${credentials.replaceAll("=", "")}`])
      expect(await verdictOf(header)).toEqual(passed("credential"));
  });

  it("needs the user and the password", async () => {
    for (const pair of ["unico:", "unico:Secret", "Unico:secret", ":secret", "secret:unico", "unico :secret"])
      expect(await verdictOf(basicOf(pair))).toEqual(refused("credential_wrong"));
  });
});

describe("bearer", () => {
  const scheme: Scheme = { scheme: "bearer", clients: [{ id: "incode", secret: { secret: "incode" } }] };
  const SECRETS = { incode: "client secret", unico: "other secret" };
  const verdictOf = (
    token: string,
    changes: Parameters<typeof depsOf>[1] = {},
    secrets: Record<string, string> = SECRETS,
  ) => verify([scheme], webhookOf({ authorization: `Bearer ${token}` }), depsOf(secrets, changes));
  const issue = async (client = "incode", secret = SECRETS.incode, keys = vault, id = "token-1") => {
    const [key] = await keys.tokenKeys(secret);
    return signToken(key, { id, client, now: NOW });
  };

  it("ends when it says", async () => {
    const token = await issue();
    const end = NOW + TOKEN_SECONDS * 1000;
    expect(await verdictOf(token, { now: end - 1000 })).toEqual(passed("credential"));
    expect(await verdictOf(token, { now: end })).toEqual(refused("token_expired"));
  });

  it("ends when it is revoked, by its own id", async () => {
    const isRevoked = (id: string) => Promise.resolve(id === "token-1");
    expect(await verdictOf(await issue(), { isRevoked })).toEqual(refused("token_revoked"));
    const other = await issue("incode", SECRETS.incode, vault, "token-2");
    expect(await verdictOf(other, { isRevoked })).toEqual(passed("credential"));
  });

  it("of another client opens nothing, not even where both have the same secret", async () => {
    expect(await verdictOf(await issue("unico", SECRETS.unico))).toEqual(refused("credential_wrong"));
    expect(await verdictOf(await issue("unico", SECRETS.incode))).toEqual(refused("credential_wrong"));
    expect(await verdictOf(await issue("incode", SECRETS.unico))).toEqual(refused("credential_wrong"));
  });

  it("ends when its client's secret is rotated", async () => {
    expect(await verdictOf(await issue(), {}, { incode: "a new secret" })).toEqual(refused("credential_wrong"));
  });

  it("still verifies under the previous master key, and no longer once that is gone", async () => {
    const old = await issue("incode", SECRETS.incode, createVault(OTHER_MASTER_KEY));
    const rotating = createVault(MASTER_KEY, OTHER_MASTER_KEY);
    expect(await verdictOf(old, { tokenKeys: rotating.tokenKeys })).toEqual(passed("credential"));
    expect(await verdictOf(old)).toEqual(refused("credential_wrong"));
    const fresh = await issue("incode", SECRETS.incode, rotating);
    expect(await verdictOf(fresh)).toEqual(passed("credential"));
  });

  it("is refused unsigned, by another algorithm, or by another key", async () => {
    const claims = { iss: "gatepost", sub: "incode", jti: "token-1", exp: NOW / 1000 + 60 };
    const unsigned = new UnsecuredJWT(claims).encode();
    const [header = "", payload = ""] = (await issue()).split(".");
    const [key] = await vault.tokenKeys(SECRETS.incode);
    const raw = new TextEncoder().encode("client secret of at least as many bits as the algorithm wants ........");
    const forged = await Promise.all(
      ["HS256", "HS384", "HS512"].map((alg) => new SignJWT(claims).setProtectedHeader({ alg }).sign(raw)),
    );
    const none = `${btoa('{"alg":"none"}').replaceAll("=", "")}.${payload}.`;
    for (const token of [unsigned, none, `${header}.${payload}.`, `${header}.${payload}`, "a.b.c", "x", ...forged])
      expect(await verdictOf(token)).toEqual(refused("credential_wrong"));
    const good = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key);
    expect(await verdictOf(good)).toEqual(passed("credential"));
  });

  it("needs an end, an id and our own issuer", async () => {
    const [key] = await vault.tokenKeys(SECRETS.incode);
    const claims = { iss: "gatepost", sub: "incode", jti: "token-1", exp: NOW / 1000 + 60 };
    const { exp: _exp, ...endless } = claims;
    const { jti: _jti, ...nameless } = claims;
    for (const payload of [endless, nameless, { ...claims, iss: "elsewhere" }]) {
      const token = await new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(key);
      expect(await verdictOf(token)).toEqual(refused("credential_wrong"));
    }
  });
});

describe("ip", () => {
  const scheme: Scheme = { scheme: "ip", ranges: ["192.0.2.0/24", "198.51.100.7", "2001:db8:1::/48"] };
  const verdictOf = (address: string | undefined, headers: Record<string, string> = {}) =>
    verify([scheme], webhookOf(headers, { address }), depsOf({}));

  it.each(["192.0.2.1", "192.0.2.255", "198.51.100.7", "2001:db8:1::1", "2001:DB8:1:FFFF::", "::ffff:192.0.2.9"])(
    "%s is let in, which proves nothing of the content",
    async (address) => {
      expect(await verdictOf(address)).toEqual(passed("none"));
    },
  );

  it.each(["192.0.3.1", "198.51.100.8", "2001:db8:2::1", "::1"])("%s is not", async (address) => {
    expect(await verdictOf(address)).toEqual(refused("address_not_allowed"));
  });

  it("nobody is let in without an address, and no header stands in for it", async () => {
    const headers = { "x-forwarded-for": "192.0.2.1", "x-real-ip": "192.0.2.1", forwarded: "for=192.0.2.1" };
    for (const address of [undefined, "", "192.0.2", "192.0.2.1, 192.0.2.2", "unknown"])
      expect(await verdictOf(address, headers)).toEqual(refused("address_unknown"));
  });
});

describe("any and all", () => {
  const header: Scheme = { scheme: "header", name: "X-Secret", values: [{ secret: "header" }] };
  const signature = complete({ scheme: "hmac", secrets: [{ secret: "key" }], header: "Digest", prefix: "" });
  const ip: Scheme = { scheme: "ip", ranges: ["192.0.2.1"] };
  const none: Scheme = { scheme: "none" };
  const proofs = async () => ({ "x-secret": "value", digest: (await hmac("license")).toHex() });
  const verdictOf = (verifications: Verification[], headers: Record<string, string>, address?: string) =>
    verify(verifications, webhookOf(headers, { address }), depsOf({ header: "value", key: "license" }));

  it("any one that passes suffices, in whatever place it stands", async () => {
    const { digest } = await proofs();
    expect(await verdictOf([header, signature], { digest })).toEqual(passed("signature"));
    expect(await verdictOf([signature, header], { digest })).toEqual(passed("signature"));
    expect(await verdictOf([header, signature, ip], {}, "192.0.2.1")).toEqual(passed("none"));
  });

  it("none that passes is a refusal", async () => {
    expect(await verdictOf([header, signature], { "x-secret": "wrong", digest: "wrong" })).toMatchObject({ ok: false });
    expect(await verdictOf([], await proofs())).toMatchObject({ ok: false });
  });

  it("all needs every one, and rests on the strongest", async () => {
    const headers = await proofs();
    const all = [{ all: [ip, header, signature] }];
    expect(await verdictOf(all, headers, "192.0.2.1")).toEqual(passed("signature", "ip+header+hmac"));
    expect(await verdictOf([{ all: [header, ip] }], headers, "192.0.2.1")).toEqual(passed("credential"));
    expect(await verdictOf(all, headers, "192.0.2.2")).toEqual(refused("address_not_allowed"));
    expect(await verdictOf(all, { digest: headers.digest }, "192.0.2.1")).toEqual(refused("credential_missing"));
    expect(await verdictOf(all, { ...headers, digest: "wrong" }, "192.0.2.1")).toEqual(refused("credential_malformed"));
  });

  it("all beside another is one of any", async () => {
    expect(await verdictOf([{ all: [ip, signature] }, header], { "x-secret": "value" })).toEqual(passed("credential"));
  });

  it("no proof at all must be asked for, and proves nothing", async () => {
    expect(await verdictOf([none], {})).toEqual(passed("none"));
  });
});

describe("a comparison of secrets", () => {
  it("is right for texts of any length", async () => {
    expect(await isEqual("a", "a")).toBe(true);
    expect(await isEqual("", "")).toBe(true);
    expect(await isEqual("é", "é".normalize("NFD"))).toBe(false);
    for (const presented of ["", "a", "ab", "abcd", "x".repeat(100_000)])
      expect(await isEqual(presented, "abc")).toBe(false);
  });
});

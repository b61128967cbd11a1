import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import type { VerifyDeps } from "../../src/verify/scheme.ts";
import { verify } from "../../src/verify/verify.ts";
import { BODY, complete, depsOf, NOW, webhookOf } from "./webhooks.ts";

type Jwt = Extract<SchemeDocument, { scheme: "jwt" }>;

const JWKS = "https://issuer.example/keys";
const SCHEME: Jwt = { scheme: "jwt", jwksUrl: JWKS, issuer: "https://issuer.example", audience: "gateway" };
const NOW_SECONDS = NOW / 1000;
const CLAIMS = { iss: "https://issuer.example", aud: "gateway", iat: NOW_SECONDS, exp: NOW_SECONDS + 600 };
const refused = (reason: string) => ({ ok: false, reason });

const makeKey = async (kid: string, alg = "ES256") => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg } as JsonWebKey };
};
type Key = Awaited<ReturnType<typeof makeKey>>;

let key: Key;
let other: Key;
beforeAll(async () => {
  key = await makeKey("one");
  other = await makeKey("two");
});

const sign = (claims: JWTPayload, { kid, alg, privateKey }: Key = key) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);

const publishing =
  (...keys: Key[]): VerifyDeps["publishedKey"] =>
  (url, id) =>
    Promise.resolve(url === JWKS ? keys.find(({ kid }) => kid === id)?.published : undefined);

const verdictOf = (
  token: string,
  changes: Partial<Jwt> = {},
  deps: Partial<VerifyDeps> = {},
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
) =>
  verify(
    [complete({ ...SCHEME, ...changes })],
    webhookOf(headers),
    depsOf({}, { publishedKey: publishing(key, other), ...deps }),
  );

const hashOf = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

describe("a token of an issuer", () => {
  const PASSED = { ok: true, basis: "credential", scheme: "jwt" };

  it("opens the door with any key that its issuer publishes, and says nothing of the body", async () => {
    expect(await verdictOf(await sign(CLAIMS))).toEqual(PASSED);
    expect(await verdictOf(await sign(CLAIMS, other))).toEqual(PASSED);
  });

  it.each(["RS256", "EdDSA"])("may be signed by %s", async (alg) => {
    const made = await makeKey("made", alg);
    const deps = { publishedKey: publishing(made) };
    expect(await verdictOf(await sign(CLAIMS, made), {}, deps)).toEqual(PASSED);
    const unwanted = await verdictOf(await sign(CLAIMS, made), { algorithms: ["ES256"] }, deps);
    expect(unwanted).toEqual(refused("credential_wrong"));
  });

  it("may stand in a header of its own, with or without a scheme's name", async () => {
    const token = await sign(CLAIMS);
    for (const shown of [token, `bearer ${token}`, ` ${token} `])
      expect(await verdictOf("", { header: "X-Token" }, {}, { "x-token": shown })).toEqual(PASSED);
    expect(await verdictOf(token, { header: "X-Token" })).toEqual(refused("credential_missing"));
  });

  it("ends when it says, give or take a clock's minute", async () => {
    const token = await sign(CLAIMS);
    expect(await verdictOf(token, {}, { now: NOW + 659_000 })).toEqual(PASSED);
    expect(await verdictOf(token, {}, { now: NOW + 660_000 })).toEqual(refused("token_expired"));
  });

  it("without an end is none, unless an age is set", async () => {
    const { exp: _exp, ...endless } = CLAIMS;
    expect(await verdictOf(await sign(endless))).toEqual(refused("credential_wrong"));
    expect(await verdictOf(await sign(endless), { maxAgeSeconds: 60 })).toEqual(PASSED);
    const { iat: _iat, ...ageless } = CLAIMS;
    expect(await verdictOf(await sign(ageless), { maxAgeSeconds: 60 })).toEqual(refused("credential_wrong"));
  });

  it("is too old, or too new, where an age is set", async () => {
    const token = await sign(CLAIMS);
    const at = (seconds: number) => verdictOf(token, { maxAgeSeconds: 60 }, { now: NOW + seconds * 1000 });
    expect(await at(120)).toEqual(PASSED);
    expect(await at(121)).toEqual(refused("too_old"));
    expect(await at(-60)).toEqual(PASSED);
    expect(await at(-61)).toEqual(refused("too_new"));
  });

  it("is too new where none is set, too: nobody signs tomorrow's tokens", async () => {
    const token = await sign(CLAIMS);
    expect(await verdictOf(token, {}, { now: NOW - 60_000 })).toEqual(PASSED);
    expect(await verdictOf(token, {}, { now: NOW - 61_000 })).toEqual(refused("too_new"));
  });

  it("of another issuer, for another audience, or by an unknown key opens nothing", async () => {
    const { aud: _aud, ...open } = CLAIMS;
    for (const claims of [{ ...CLAIMS, iss: "https://evil.example" }, { ...CLAIMS, aud: "elsewhere" }, open])
      expect(await verdictOf(await sign(claims))).toEqual(refused("credential_wrong"));
    const stranger = await makeKey("three");
    expect(await verdictOf(await sign(CLAIMS, stranger))).toEqual(refused("credential_wrong"));
    const impostor = await makeKey("one");
    expect(await verdictOf(await sign(CLAIMS, impostor))).toEqual(refused("credential_wrong"));
  });

  it("is refused unsigned, shortened, or signed with what is public", async () => {
    const token = await sign(CLAIMS);
    const [head = "", payload = "", signature = ""] = token.split(".");
    const unsigned = new UnsecuredJWT(CLAIMS).encode();
    for (const text of [unsigned, `${head}.${payload}.`, `${head}.${payload}`, "", "a", "a..c", `${token}.x`])
      expect(await verdictOf(text)).toEqual(refused("credential_malformed"));
    for (const text of [`${head}.${payload}.${signature.slice(0, -2)}`, `${head}.${payload}.AA`, "a.b.c"])
      expect(await verdictOf(text)).toEqual(refused("credential_wrong"));
    const open = new TextEncoder().encode(JSON.stringify(key.published));
    const forged = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(open);
    expect(await verdictOf(forged)).toEqual(refused("credential_wrong"));
  });

  it("that cannot be judged now is nobody's fault", async () => {
    const publishedKey = () => Promise.reject(new Unavailable("published keys"));
    await expect(verdictOf(await sign(CLAIMS), {}, { publishedKey })).rejects.toThrow(Unavailable);
  });

  it("that cannot be judged now takes nothing from another proof, before it or behind", async () => {
    const deps = depsOf({ hook: "hook-value" }, { publishedKey: () => Promise.reject(new Unavailable("keys")) });
    const jwt = complete(SCHEME);
    const header = complete({ scheme: "header", name: "X-Hook", values: [{ secret: "hook" }] });
    const shown = { authorization: `Bearer ${await sign(CLAIMS)}`, "x-hook": "hook-value" };
    for (const schemes of [
      [header, jwt],
      [jwt, header],
      [header, { all: [header, jwt] }],
    ])
      expect(await verify(schemes, webhookOf(shown), deps)).toEqual({
        ok: true,
        basis: "credential",
        scheme: "header",
      });
    const wrong = webhookOf({ ...shown, "x-hook": "wrong" });
    for (const schemes of [
      [header, jwt],
      [jwt, header],
    ])
      await expect(verify(schemes, wrong, deps)).rejects.toThrow(Unavailable);
    await expect(verify([{ all: [header, jwt] }], webhookOf(shown), deps)).rejects.toThrow(Unavailable);
  });
});

describe("a token beside a way in that proves nothing", () => {
  const schemes = [{ scheme: "none" } as const, complete(SCHEME)];
  const silent = depsOf({}, { publishedKey: () => Promise.reject(new Unavailable("keys")) });

  it("that cannot be judged now is not taken as unproven for good", async () => {
    const shown = webhookOf({ authorization: `Bearer ${await sign(CLAIMS)}` });
    for (const each of [schemes, schemes.toReversed()])
      await expect(verify(each, shown, silent)).rejects.toThrow(Unavailable);
  });

  it("that is not there is not waited for", async () => {
    expect(await verify(schemes, webhookOf({}), silent)).toEqual({ ok: true, basis: "none", scheme: "none" });
  });
});

describe("a token that signs the body", () => {
  const CLAIM = "request_body_sha256";
  const hashed: Partial<Jwt> = { header: "X-Verification", bodyHash: { claim: CLAIM } };
  const shown = async (claims: JWTPayload, changes: Partial<Jwt> = {}, now = NOW) =>
    verdictOf("", { ...hashed, ...changes }, { now }, { "x-verification": await sign({ ...CLAIMS, ...claims }) });
  const PASSED = { ok: true, basis: "signature", scheme: "jwt" };

  it("is a signature, with its hash in either encoding", async () => {
    const hash = await hashOf(BODY);
    expect(await shown({ [CLAIM]: hash.toHex() })).toEqual(PASSED);
    expect(await shown({ [CLAIM]: hash.toHex().toUpperCase() })).toEqual(PASSED);
    const base64 = { bodyHash: { claim: CLAIM, encoding: "base64" } } as const;
    expect(await shown({ [CLAIM]: hash.toBase64() }, base64)).toEqual(PASSED);
    expect(await shown({ [CLAIM]: hash.toBase64({ alphabet: "base64url", omitPadding: true }) }, base64)).toEqual(
      PASSED,
    );
  });

  it("is none of another body, of a part of the hash, or of no hash", async () => {
    const hash = (await hashOf(BODY)).toHex();
    for (const claimed of [(await hashOf(`${BODY} `)).toHex(), hash.slice(0, -2), "", null, 7, [hash], undefined])
      expect(await shown(claimed === undefined ? {} : { [CLAIM]: claimed })).toEqual(refused("credential_wrong"));
  });

  it("is good for five minutes where nothing else is said, whatever end it gives itself", async () => {
    const claims = { [CLAIM]: (await hashOf(BODY)).toHex(), exp: NOW_SECONDS + 86_400 };
    expect(await shown(claims, {}, NOW + 360_000)).toEqual(PASSED);
    expect(await shown(claims, {}, NOW + 361_000)).toEqual(refused("too_old"));
  });
});

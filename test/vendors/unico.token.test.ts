/** The assertion by which a service account asks for a token, with keys made for each run. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { SessionOptions } from "../../src/vendors/session.ts";
import { unicoToken } from "../../src/vendors/unico/access.ts";
import { toPkcs8 } from "../../src/core/private-key.ts";
import { SESSION_OPTIONS } from "./session-reading.ts";

const NOW = Date.parse("2026-11-17T08:00:00.999Z");
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
/** What PKCS#8 has before the PKCS#1 key: its own length, version, algorithm, and the key's length. */
const PKCS8_HEAD_BYTES = 26;

const options: SessionOptions = {
  ...SESSION_OPTIONS,
  tokenUrl: "https://identity.example/oauth2/token",
  account: "svc",
  tenant: "tenant-1",
};

let publicKey: CryptoKey;
let pkcs8: string;
let pkcs1: string;

function toPem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

async function generate(bits: number): Promise<{ publicKey: CryptoKey; der: Uint8Array }> {
  const algorithm = { ...RSA, modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const der = (await crypto.subtle.exportKey("pkcs8", pair.privateKey)) as ArrayBuffer;
  return { publicKey: pair.publicKey, der: new Uint8Array(der) };
}

beforeAll(async () => {
  const { der, publicKey: generated } = await generate(2048);
  publicKey = generated;
  pkcs8 = toPem("PRIVATE KEY", der);
  pkcs1 = toPem("RSA PRIVATE KEY", der.slice(PKCS8_HEAD_BYTES));
});

async function requestWith(privateKey: string | undefined, changes: Partial<SessionOptions> = {}) {
  return unicoToken.request({ ...options, ...changes }, { privateKey }, NOW);
}

const decode = (part: string): string =>
  new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" }));

async function assertionOf(privateKey: string, changes: Partial<SessionOptions> = {}) {
  const form = new URLSearchParams((await requestWith(privateKey, changes))?.body);
  const [head = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
  const isSigned = await crypto.subtle.verify(RSA.name, publicKey, bytes, signed);
  return { head: decode(head), claims: JSON.parse(decode(claims)) as JsonObject, isSigned };
}

describe("the request for a token", () => {
  it("is a form with the grant and the assertion, and nothing else", async () => {
    const request = await requestWith(pkcs8);
    expect(request).toMatchObject({
      url: "https://identity.example/oauth2/token",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    const form = [...new URLSearchParams(request?.body)];
    expect(form.map(([name]) => name)).toEqual(["grant_type", "assertion"]);
    expect(request?.body).toContain("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
  });

  it("carries exactly the claims that the vendor takes, signed", async () => {
    expect(await assertionOf(pkcs8)).toEqual({
      head: '{"alg":"RS256","typ":"JWT"}',
      claims: {
        iss: "svc@tenant-1.iam.acesso.io",
        aud: "https://identity.example",
        scope: "*",
        iat: 1_794_902_400,
        exp: 1_794_906_000,
      },
      isSigned: true,
    });
  });

  it.each([
    ["https://other.example", "https://other.example"],
    ["https://other.example//", "https://other.example"],
    [undefined, "https://identity.example"],
  ])("is for the audience %s", async (audience, aud) => {
    expect((await assertionOf(pkcs8, { audience })).claims["aud"]).toBe(aud);
  });
});

describe("a private key", () => {
  const WAYS: readonly (readonly [string, (pem: string) => string])[] = [
    ["as it is", (pem) => pem],
    ["with Windows line breaks", (pem) => pem.replaceAll("\n", "\r\n")],
    ["with its line breaks typed", (pem) => pem.replaceAll("\n", "\\n")],
    ["with Windows line breaks typed", (pem) => pem.replaceAll("\n", "\\r\\n")],
    ["in one line", (pem) => pem.replaceAll("\n", " ")],
    ["among spaces", (pem) => `\n  ${pem.replaceAll("\n", "  \n  ")}  \n`],
    ["in quotes", (pem) => JSON.stringify(pem)],
  ];

  it.each(WAYS)("signs in either form, copied %s", async (_how, copied) => {
    expect((await assertionOf(copied(pkcs8))).isSigned).toBe(true);
    expect((await assertionOf(copied(pkcs1))).isSigned).toBe(true);
  });

  it.each([1024, 2048, 3072])("of %i bits in the older form becomes the newer one, byte for byte", async (bits) => {
    const { der } = await generate(bits);
    expect(toPkcs8(der.slice(PKCS8_HEAD_BYTES)).toHex()).toBe(der.toHex());
  });

  it("that cannot be read gives no request, and never throws", async () => {
    const labels = ["PRIVATE KEY", "RSA PRIVATE KEY", "PUBLIC KEY", "ENCRYPTED PRIVATE KEY"];
    const damaged = [
      "",
      "key",
      toPem("PRIVATE KEY", new Uint8Array()),
      pkcs8.replace("M", "!"),
      pkcs8.slice(0, -200),
      pkcs8.replaceAll("PRIVATE", "PUBLIC"),
      pkcs8.replaceAll("PRIVATE", "RSA PRIVATE"),
    ];
    for (const pem of damaged) expect(await requestWith(pem)).toBeUndefined();
    const random = fc.tuple(fc.constantFrom(...labels), fc.uint8Array({ maxLength: 400 }));
    await fc.assert(
      fc.asyncProperty(random, async ([label, der]) => {
        expect(await requestWith(toPem(label, der))).toBeUndefined();
      }),
      { seed: 20_261_119, numRuns: 100 },
    );
  });

  it.each<Partial<SessionOptions>>([
    { tokenUrl: undefined },
    { tokenUrl: "not a URL" },
    { account: undefined },
    { tenant: undefined },
  ])("is not used without %j", async (changes) => {
    expect(await requestWith(pkcs8, changes)).toBeUndefined();
  });

  it("that is missing gives no request", async () => {
    expect(await requestWith(undefined)).toBeUndefined();
  });
});

describe("the answer with a token", () => {
  it.each([
    [
      { access_token: "token", expires_in: 1800 },
      { token: "token", expiresInSeconds: 1800 },
    ],
    [
      { access_token: "token", expires_in: "1800" },
      { token: "token", expiresInSeconds: 1800 },
    ],
    [{ access_token: "token" }, { token: "token" }],
    [{ access_token: "token", expires_in: 0 }, { token: "token" }],
    [{ access_token: "token", expires_in: -1 }, { token: "token" }],
    [{ access_token: "token", expires_in: "soon" }, { token: "token" }],
    [{ access_token: "token", expires_in: null }, { token: "token" }],
    [{ access_token: "" }, undefined],
    [{ access_token: 7 }, undefined],
    [{ token: "token" }, undefined],
    [{}, undefined],
  ])("%j", (json: JsonObject, read) => {
    expect(unicoToken.read(json)).toEqual(read);
  });
});

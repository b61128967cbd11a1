import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { importJWK } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { readSigningKey, signWith } from "../../src/core/signing-key.ts";
import { createGateway, problemOf, type Gateway } from "./gateway.ts";

let gateway: Gateway;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
});

interface Generated {
  value: string;
  publicKey?: string;
}

const ask = (name: string, body: unknown) => gateway.admin(`/api/secrets/${name}/generate`, "POST", body);
const generate = async (name: string, body: unknown) => (await ask(name, body)).json<Generated>();

/** Subscribers that are signed for with these secrets, each with one of them. */
const signWithSecrets = (...names: string[]) =>
  gateway.put("/api/config", {
    subscribers: Object.fromEntries(
      names.map((secret, index) => [`subscriber-${index}`, { url: "https://example.com/", signing: [{ secret }] }]),
    ),
  });

const published = async () => {
  const response = await gateway.request("/keys");
  return { response, keys: (await response.json<{ keys: Record<string, string>[] }>()).keys };
};

describe("a generated secret", () => {
  it("is shown once, with its public half where it has one, and never again", async () => {
    const symmetric = await ask("one", { kind: "whsec" });
    expect(symmetric.headers.get("cache-control")).toBe("no-store");
    const shown = await symmetric.json<Generated>();
    expect(shown).toMatchObject({ success: true, name: "one", version: 1, kind: "whsec" });
    expect(shown.value).toMatch(/^whsec_/);
    expect(shown).not.toHaveProperty("publicKey");
    const two = await generate("two", { kind: "whsk" });
    expect(two).toMatchObject({ value: expect.stringMatching(/^whsk_/), publicKey: expect.stringMatching(/^whpk_/) });
    await signWithSecrets("one", "two");
    const later = [
      await gateway.admin("/api/secrets"),
      await gateway.admin("/api/config"),
      await gateway.request("/keys"),
    ];
    const texts = await Promise.all(later.map((answer) => answer.text()));
    const stored = await Promise.all(
      (await env.CONFIG.list()).keys.map(({ name }) =>
        env.CONFIG.getWithMetadata(name).then((all) => JSON.stringify(all)),
      ),
    );
    for (const text of [...texts, ...stored, JSON.stringify(gateway.logs)])
      for (const { value } of [shown, two]) expect(text).not.toContain(value.slice(6, 40));
  });

  it("takes no other's place, unless it is told to", async () => {
    const first = await generate("name", { kind: "whsk" });
    await signWithSecrets("name");
    expect(await problemOf(await ask("name", { kind: "whsk" }))).toMatchObject({ status: 409 });
    expect((await published()).keys).toMatchObject([{ whpk: first.publicKey }]);
    const second = await generate("name", { kind: "whsk", replace: true });
    expect(second).toMatchObject({ version: 2 });
    expect((await published()).keys).toMatchObject([{ whpk: second.publicKey }]);
  });

  it("takes not the place of one of the Worker's own either, nor of one that was put", async () => {
    gateway.world.bindings = { WORKER_SECRET: "own" } as object;
    await gateway.put("/api/secrets/put", { value: "put" });
    for (const name of ["WORKER_SECRET", "put"]) expect((await ask(name, { kind: "whsec" })).status).toBe(409);
  });

  it.each<[string, unknown]>([
    ["nothing", ""],
    ["no JSON", "whsec"],
    ["no kind", {}],
    ["an unknown kind", { kind: "whpk" }],
    ["a value of one's own", { kind: "whsec", value: "mine" }],
    ["a yes that is none", { kind: "whsec", replace: "yes" }],
  ])("is not made of %s", async (_what, body) => {
    expect(await problemOf(await ask("name", body))).toMatchObject({ status: 422 });
    expect((await env.CONFIG.list()).keys).toEqual([]);
  });

  it("has a name that is one, and none of the gateway's own", async () => {
    for (const name of ["ADMIN_TOKEN", "MASTER_KEY", "-x", "a".repeat(64)])
      expect(await problemOf(await ask(name, { kind: "whsec" }))).toMatchObject({ status: 422 });
  });

  it("is made for nobody without the admin token, and by POST only", async () => {
    const stranger = await gateway.request("/api/secrets/name/generate", { method: "POST", body: '{"kind":"whsec"}' });
    expect(stranger.status).toBe(401);
    expect((await gateway.admin("/api/secrets/name/generate")).status).toBe(405);
    expect((await ask("name", { kind: "whsec", padding: "x".repeat(2000) })).status).toBe(413);
    expect((await env.CONFIG.list()).keys).toEqual([]);
  });
});

describe("the public keys", () => {
  it("are those in force, once each, for anybody, and name no subscriber", async () => {
    const made = [await generate("one", { kind: "whsk" }), await generate("two", { kind: "whsk" })];
    await generate("symmetric", { kind: "whsec" });
    await gateway.put("/api/secrets/broken", { value: "whsk_broken" });
    await generate("unused", { kind: "whsk" });
    await signWithSecrets("one", "two", "one", "symmetric", "broken", "not-set");
    const { response, keys } = await published();
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=60");
    expect(keys).toHaveLength(2);
    expect(new Set(keys.map(({ whpk }) => whpk))).toEqual(new Set(made.map(({ publicKey }) => publicKey)));
    expect(JSON.stringify(keys)).not.toMatch(/subscriber|symmetric|one|two/);
  });

  it("are JWKs that a library imports, and that verify what their private halves sign", async () => {
    const { value } = await generate("one", { kind: "whsk" });
    await signWithSecrets("one");
    const { keys } = await published();
    expect(keys).toMatchObject([{ kty: "OKP", crv: "Ed25519", use: "sig", kid: expect.stringMatching(/^[\w-]{43}$/) }]);
    const verifying = (await importJWK(keys[0] ?? {}, "EdDSA")) as CryptoKey;
    const key = await readSigningKey(value);
    const signed = new TextEncoder().encode("evt_1.1700000000.{}");
    const signature = key && (await signWith(key, signed));
    const bytes = Uint8Array.fromBase64(signature?.slice("v1a,".length) ?? "");
    expect(await crypto.subtle.verify("Ed25519", verifying, bytes, signed)).toBe(true);
  });

  it("have ids that are thumbprints by RFC 7638, here of RFC 8037's own example", async () => {
    const seed = Uint8Array.fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    await gateway.put("/api/secrets/example", { value: `whsk_${seed.toBase64()}` });
    await signWithSecrets("example");
    expect((await published()).keys).toMatchObject([
      {
        x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
      },
    ]);
  });

  it("are none where nothing is signed with any, and unknown before there is a configuration", async () => {
    expect((await gateway.request("/keys")).status).toBe(503);
    await signWithSecrets();
    expect((await published()).keys).toEqual([]);
    expect((await gateway.request("/keys", { method: "POST" })).status).toBe(405);
  });
});

import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createCache, readThrough } from "../../src/stores/cached.ts";
import { createVault, type Vault } from "../../src/stores/crypto.ts";
import { createSecretStore } from "../../src/stores/secrets.ts";
import { createTokenStore } from "../../src/stores/tokens.ts";
import { brokenKv, fails, faulty } from "../faults.ts";

const MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const NOW = Math.floor(Date.now() / 1000) * 1000;
const CACHE_MS = 30_000;

beforeEach(() => reset());

describe("the vault", () => {
  const vault = createVault(MASTER_KEY);

  it("opens what it has sealed, whatever it is", async () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(text, text, async (value, name) => {
        expect(await vault.decrypt(await vault.encrypt(value, name), name)).toBe(value.toWellFormed());
      }),
      { seed: 20_261_117, numRuns: 50 },
    );
  });

  it("binds a value to its name: copied to another it does not open", async () => {
    const sealed = await vault.encrypt("value", "name");
    expect(await vault.decrypt(sealed, "other")).toBeUndefined();
  });

  it("never seals twice the same way", async () => {
    expect(await vault.encrypt("value", "name")).not.toBe(await vault.encrypt("value", "name"));
  });

  it("opens nothing that was changed, cut or made up", async () => {
    const sealed = await vault.encrypt("value", "name");
    const [version = "", iv = "", text = ""] = sealed.split(".");
    const flipped = `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
    for (const forged of [
      `${version}.${iv}.${flipped}`,
      `${version}.${text}.${iv}`,
      `2.${iv}.${text}`,
      `${version}.${iv}`,
      "1..",
      "",
      "value",
      "1.*.*",
    ])
      expect(await vault.decrypt(forged, "name")).toBeUndefined();
  });

  it("opens by the previous master key while rotating, and seals by the current one", async () => {
    const rotating = createVault(OTHER_KEY, MASTER_KEY);
    expect(await rotating.decrypt(await vault.encrypt("value", "name"), "name")).toBe("value");
    const fresh = await rotating.encrypt("value", "name");
    expect(await createVault(OTHER_KEY).decrypt(fresh, "name")).toBe("value");
    expect(await vault.decrypt(fresh, "name")).toBeUndefined();
  });

  it("makes one key per client secret and per master key", async () => {
    const signatureOf = async (each: Vault, secret: string, which = 0) => {
      const key = (await each.tokenKeys(secret))[which];
      if (!key) throw new Error("expected a key");
      return new Uint8Array(await crypto.subtle.sign("HMAC", key, new Uint8Array(8))).toHex();
    };
    const rotating = createVault(OTHER_KEY, MASTER_KEY);
    const first = await signatureOf(vault, "a");
    expect(await signatureOf(vault, "a")).toBe(first);
    expect(await signatureOf(rotating, "a", 1)).toBe(first);
    const others = [await signatureOf(vault, "b"), await signatureOf(rotating, "a")];
    expect(new Set([first, ...others]).size).toBe(3);
  });
});

describe("a secret in the store", () => {
  const storeOf = (changes: { binding?: KVNamespace; vault?: Vault; own?: Record<string, string> } = {}) =>
    createSecretStore(
      changes.binding ?? env.CONFIG,
      changes.vault ?? createVault(MASTER_KEY),
      (name) => new Map(Object.entries(changes.own ?? {})).get(name),
      createCache(),
    );

  it("is encrypted, and bound to its name", async () => {
    const store = storeOf();
    await store.write("name", "MARKER", NOW);
    const sealed = (await env.CONFIG.get("secrets/name")) ?? "";
    expect(sealed).toMatch(/^1\.[A-Za-z0-9+/=]+\.[A-Za-z0-9+/=]+$/);
    expect(atob(sealed.split(".")[2] ?? "")).not.toContain("MARKER");
    await env.CONFIG.put("secrets/other", sealed);
    expect(await storeOf().read("name", NOW)).toBe("MARKER");
    await expect(storeOf().read("other", NOW)).rejects.toBeInstanceOf(Unavailable);
  });

  it("that cannot be opened is out of reach, not missing: the Worker's own does not stand in for it", async () => {
    await storeOf().write("name", "value", NOW);
    const elsewhere = storeOf({ vault: createVault(OTHER_KEY), own: { name: "own" } });
    await expect(elsewhere.read("name", NOW)).rejects.toBeInstanceOf(Unavailable);
  });

  it("is looked up among those set at run time, then among the Worker's own", async () => {
    const own = { name: "own", other: "other" };
    expect(await storeOf({ own }).read("name", NOW)).toBe("own");
    await storeOf().write("name", "set", NOW);
    expect(await storeOf({ own }).read("name", NOW)).toBe("set");
    expect(await storeOf({ own }).read("constructor", NOW)).toBeUndefined();
  });

  it("changed elsewhere is seen after 30 seconds", async () => {
    const here = storeOf();
    await storeOf().write("name", "one", NOW);
    expect(await here.read("name", NOW)).toBe("one");
    await storeOf().write("name", "two", NOW);
    expect(await here.read("name", NOW + CACHE_MS - 1)).toBe("one");
    expect(await here.read("name", NOW + CACHE_MS)).toBe("two");
  });

  it("changed here is not undone by what the store's cache still shows a minute later", async () => {
    const here = storeOf();
    await here.write("name", "new", NOW);
    const stale = await createVault(MASTER_KEY).encrypt("old", "name");
    await env.CONFIG.put("secrets/name", stale);
    expect(await here.read("name", NOW + 60_000)).toBe("new");
  });

  it("is still known where the store is out of reach, and an error where it never was", async () => {
    let isBroken = false;
    const binding = faulty(env.CONFIG, {
      get: (...parameters: unknown[]) =>
        isBroken ? fails() : env.CONFIG.get(parameters[0] as string, parameters[1] as { cacheTtl: number }),
    });
    const store = storeOf({ binding });
    await store.write("name", "value", NOW);
    isBroken = true;
    expect(await store.read("name", NOW + 10 * CACHE_MS)).toBe("value");
    await expect(store.read("other", NOW)).rejects.toBeInstanceOf(Unavailable);
  });

  it("that cannot be written is an error, and not in use", async () => {
    const store = storeOf({ binding: faulty(env.CONFIG, { put: fails }) });
    await expect(store.write("name", "value", NOW)).rejects.toBeInstanceOf(Unavailable);
    expect(await store.read("name", NOW)).toBeUndefined();
  });
});

describe("the record of an issued token", () => {
  const storeOf = (binding = env.TOKENS) => createTokenStore(binding, createCache());
  const token = {
    client: "incode",
    issuedAt: new Date(NOW).toISOString(),
    expiresAt: new Date(NOW + 3_600_000).toISOString(),
  };

  it("is kept under a hash of its id, until the token ends", async () => {
    await storeOf().record("token-1", token);
    const { keys } = await env.TOKENS.list();
    expect(keys.map(({ name, expiration }) => [name.includes("token-1"), expiration])).toEqual([
      [false, (NOW + 3_600_000) / 1000],
    ]);
    expect(await storeOf().list()).toMatchObject([token]);
  });

  it("revoked is so at once here, and in an isolate that looks for the first time", async () => {
    const here = storeOf();
    await here.record("token-1", token);
    expect(await here.isRevoked("token-1", NOW)).toBe(false);
    const [listed] = await here.list();
    expect(await here.revoke(listed?.id ?? "", NOW)).toBe(true);
    expect(await here.isRevoked("token-1", NOW)).toBe(true);
    expect(await storeOf().isRevoked("token-1", NOW)).toBe(true);
    expect(await storeOf().list()).toMatchObject([{ ...token, revokedAt: new Date(NOW).toISOString() }]);
  });

  it("revoked in its last minute, when the store takes no more, is revoked here", async () => {
    const store = storeOf();
    await store.record("token-1", token);
    const [listed] = await store.list();
    expect(await store.revoke(listed?.id ?? "", NOW + 3_590_000)).toBe(true);
    expect(await store.isRevoked("token-1", NOW + 3_590_000)).toBe(true);
  });

  it("that has not arrived yet is not a revoked one", async () => {
    expect(await storeOf().isRevoked("token-1", NOW)).toBe(false);
    expect(await storeOf().revoke("f".repeat(32), NOW)).toBe(false);
  });

  it("is not revoked where the store is out of reach: the token carries its own proof", async () => {
    expect(await storeOf(brokenKv(env.TOKENS)).isRevoked("token-1", NOW)).toBe(false);
  });

  it("is listed past one page", async () => {
    const store = storeOf();
    for (let index = 0; index < 5; index++) await store.record(`token-${index}`, token);
    const list = (options: unknown) => env.TOKENS.list({ ...(options as KVNamespaceListOptions), limit: 2 });
    expect(await storeOf(faulty(env.TOKENS, { list })).list()).toHaveLength(5);
  });
});

describe("an isolate's cache", () => {
  it("holds two thousand values and forgets the oldest", () => {
    const cache = createCache<number>();
    for (let index = 0; index < 2000; index++) cache.set(`${index}`, index, NOW);
    cache.set("0", 0, NOW);
    cache.set("new", 1, NOW);
    expect([cache.get("0"), cache.get("1"), cache.get("2")].map((entry) => entry?.value)).toEqual([0, undefined, 2]);
  });

  it("remembers that there is nothing as well", async () => {
    const cache = createCache<string | undefined>();
    let reads = 0;
    const read = () => readThrough(cache, "key", NOW, CACHE_MS, () => Promise.resolve(void reads++));
    expect([await read(), await read(), reads]).toEqual([undefined, undefined, 1]);
  });
});

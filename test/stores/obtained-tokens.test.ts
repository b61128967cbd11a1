import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { tokenPlace, type CoolDown, type ObtainedToken } from "../../src/core/obtained-token.ts";
import { createVault } from "../../src/stores/crypto.ts";
import { createObtainedTokenStore } from "../../src/stores/obtained-tokens.ts";
import { brokenKv, faulty, hangs } from "../faults.ts";

const MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const HOUR = 3_600_000;

const settings = ["https://identity.example/token", "account"];
const place = await tokenPlace("unico", settings, ["private-key"]);
const token: ObtainedToken = { token: "token-of-the-vendor", obtainedAt: NOW, expiresAt: NOW + HOUR };
const coolDown: CoolDown = { why: "unavailable", count: 2, until: NOW + 45_000 };
const store = createObtainedTokenStore(env.TOKENS, createVault(MASTER_KEY));

beforeEach(() => reset());

describe("a token in the store", () => {
  it("is there for every isolate until it ends", async () => {
    await store.write(place, token, NOW);
    expect(await store.read(place, NOW)).toEqual(token);
    expect(await store.read(place, NOW + HOUR - 1)).toEqual(token);
    expect(await store.read(place, NOW + HOUR)).toBeUndefined();
  });

  it("leaves KV when it ends", async () => {
    await store.write(place, token, NOW);
    const { keys } = await env.TOKENS.list();
    expect(keys).toHaveLength(1);
    expect((keys[0]?.expiration ?? 0) * 1000 - Date.now()).toBeLessThanOrEqual(HOUR);
  });

  it("that lives shorter than KV can keep anything is kept all the same, and not used after its end", async () => {
    await store.write(place, { ...token, expiresAt: NOW + 20_000 }, NOW);
    expect(await store.read(place, NOW + 19_999)).toMatchObject({ token: token.token });
    expect(await store.read(place, NOW + 20_000)).toBeUndefined();
  });

  it("stands nowhere in the clear, and neither does the digest of its secret", async () => {
    await store.write(place, token, NOW);
    await store.writeCoolDown(place, coolDown, NOW);
    const { keys } = await env.TOKENS.list();
    const values = await Promise.all(keys.map(({ name }) => env.TOKENS.get(name)));
    const kept = JSON.stringify([keys, values]);
    for (const secret of [token.token, "private-key", place.credential, place.credential.slice(0, 16)])
      expect(kept).not.toContain(secret);
  });

  it.each([
    ["another secret", () => tokenPlace("unico", settings, ["another-key"])],
    ["another source", () => tokenPlace("unico-2", settings, ["private-key"])],
    ["another URL", () => tokenPlace("unico", ["https://identity.test/token", "account"], ["private-key"])],
    ["another account", () => tokenPlace("unico", [settings[0], "other"], ["private-key"])],
    ["a setting less", () => tokenPlace("unico", [settings[0]], ["private-key"])],
    ["settings that only read alike", () => tokenPlace("unico", [settings.join(",")], ["private-key"])],
  ])("is not read by %s", async (_which, other) => {
    await store.write(place, token, NOW);
    await store.writeCoolDown(place, coolDown, NOW);
    expect(await store.read(await other(), NOW)).toBeUndefined();
    expect(await store.readCoolDown(await other(), NOW)).toBeUndefined();
  });

  it("copied to another key does not open", async () => {
    const other = await tokenPlace("other", settings, ["private-key"]);
    await store.write(place, token, NOW);
    await env.TOKENS.put(`obtained/${other.key}`, (await env.TOKENS.get(`obtained/${place.key}`)) ?? "");
    expect(await store.read(other, NOW)).toBeUndefined();
  });

  it("is read by the previous master key while rotating, and not by another one", async () => {
    await store.write(place, token, NOW);
    const rotating = createObtainedTokenStore(env.TOKENS, createVault(OTHER_KEY, MASTER_KEY));
    const rotated = createObtainedTokenStore(env.TOKENS, createVault(OTHER_KEY));
    expect(await rotating.read(place, NOW)).toEqual(token);
    expect(await rotated.read(place, NOW)).toBeUndefined();
  });
});

describe("a cool-down in the store", () => {
  it("holds until it is over", async () => {
    await store.writeCoolDown(place, coolDown, NOW);
    expect(await store.readCoolDown(place, NOW + 44_999)).toEqual(coolDown);
    expect(await store.readCoolDown(place, NOW + 45_000)).toBeUndefined();
  });
});

describe("a store that does not answer", () => {
  const vault = createVault(MASTER_KEY);
  const hanging = faulty(env.TOKENS, { get: hangs, put: hangs });

  it.each([
    ["fails", createObtainedTokenStore(brokenKv(env.TOKENS), vault)],
    ["hangs", createObtainedTokenStore(hanging, vault)],
  ])("because it %s holds nothing, and throws nothing", async (_how, broken) => {
    const calls = [
      broken.write(place, token, NOW),
      broken.writeCoolDown(place, coolDown, NOW),
      broken.read(place, NOW),
      broken.readCoolDown(place, NOW),
    ];
    expect(await Promise.all<unknown>(calls)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each(["", "1.x.y", "not sealed"])("with %j under its key holds nothing", async (value) => {
    await env.TOKENS.put(`obtained/${place.key}`, value);
    expect(await store.read(place, NOW)).toBeUndefined();
  });
});

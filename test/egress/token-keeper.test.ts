/** Ten thousand webhooks, one token request; a vendor that gives no token is left alone; no token turns up in a text. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { tokenPlace, type Obtained, type TokenKeeper, type TokenWish } from "../../src/core/obtained-token.ts";
import { createTokenKeeper, createTokenMemory } from "../../src/egress/token-keeper.ts";
import { createVault } from "../../src/stores/crypto.ts";
import { createObtainedTokenStore } from "../../src/stores/obtained-tokens.ts";
import { brokenKv } from "../faults.ts";

const MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const SECOND = 1000;
const LIFE_SECONDS = 3600;
const MARGIN_SECONDS = 600;

const place = await tokenPlace("unico", ["https://identity.example/token"], ["key"]);
const clock = { at: 0 };
/** What the vendor does next; after the last one it gives a token. */
let script: (Obtained | (() => Promise<Obtained>))[];
let asked: number;

beforeEach(async () => {
  await reset();
  clock.at = Date.parse("2026-11-17T08:00:00.000Z");
  script = [];
  asked = 0;
});

/** A new isolate, with its own memory on the same KV. */
function isolate(namespace: KVNamespace = env.TOKENS): TokenKeeper {
  return createTokenKeeper({
    memory: createTokenMemory(),
    store: createObtainedTokenStore(namespace, createVault(MASTER_KEY)),
    now: () => clock.at,
    pause: async (milliseconds) => {
      clock.at += milliseconds;
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  });
}

const wish: TokenWish = {
  place,
  marginSeconds: MARGIN_SECONDS,
  async obtain() {
    asked++;
    const next = script.shift() ?? { ok: true, token: `token-${asked}`, expiresInSeconds: LIFE_SECONDS };
    return typeof next === "function" ? next() : next;
  },
};

const given = (token: string) => ({ ok: true, token });
const failure = { ok: false, why: "unavailable" } as const;
const pass = (seconds: number) => (clock.at += seconds * SECOND);

describe("a token", () => {
  it("is asked for once for ten thousand webhooks, one after another", async () => {
    const keeper = isolate();
    for (let index = 0; index < 10_000; index++) expect(await keeper.get(wish)).toEqual(given("token-1"));
    expect(asked).toBe(1);
  });

  it("is asked for once by webhooks that come at the same time", async () => {
    const keeper = isolate();
    const results = await Promise.all(Array.from({ length: 200 }, () => keeper.get(wish)));
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(
      new Set([JSON.stringify(given("token-1"))]),
    );
    expect(asked).toBe(1);
  });

  it("is taken over from another isolate", async () => {
    await isolate().get(wish);
    expect(await isolate().get(wish)).toEqual(given("token-1"));
    expect(asked).toBe(1);
  });

  it("is used until the margin before its end, and then replaced", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    pass(LIFE_SECONDS - MARGIN_SECONDS - 1);
    expect(await keeper.get(wish)).toEqual(given("token-1"));
    pass(1);
    expect(await keeper.get(wish)).toEqual(given("token-2"));
    expect(asked).toBe(2);
  });

  it("that lives shorter than the margin is used for half its life", async () => {
    script = [{ ok: true, token: "short", expiresInSeconds: 300 }];
    const keeper = isolate();
    await keeper.get(wish);
    pass(149);
    expect(await keeper.get(wish)).toEqual(given("short"));
    pass(1);
    expect(await keeper.get(wish)).toEqual(given("token-2"));
  });

  it("is used to its end where no new one is to be had", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    script = [failure, failure, failure, failure];
    pass(LIFE_SECONDS - MARGIN_SECONDS);
    expect(await keeper.get(wish)).toEqual(given("token-1"));
    expect(await keeper.get(wish)).toEqual(given("token-1"));
    expect(asked).toBe(2);
    pass(MARGIN_SECONDS - 1);
    expect(await keeper.get(wish)).toEqual(given("token-1"));
    pass(1);
    expect(await keeper.get(wish)).toMatchObject({ ok: false, why: "unavailable" });
  });

  it("is obtained although KV is gone, once per isolate", async () => {
    const keeper = isolate(brokenKv(env.TOKENS));
    for (let index = 0; index < 3; index++) expect(await keeper.get(wish)).toEqual(given("token-1"));
    expect(asked).toBe(1);
  });

  it("of a secret that has been changed is not used any more", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    const changed = { ...wish, place: await tokenPlace("unico", ["https://identity.example/token"], ["other key"]) };
    expect(await keeper.get(changed)).toEqual(given("token-2"));
    expect(await isolate().get(changed)).toEqual(given("token-2"));
  });
});

describe("an invocation that asks", () => {
  it("and never comes back is waited for ten seconds, and then replaced by one alone", async () => {
    script = [() => new Promise(() => {})];
    const keeper = isolate();
    keeper.get(wish).catch(() => undefined);
    const from = clock.at;
    const results = await Promise.all(Array.from({ length: 5 }, () => keeper.get(wish)));
    expect(results).toEqual(Array.from({ length: 5 }, () => given("token-2")));
    expect(clock.at - from).toBeGreaterThanOrEqual(10 * SECOND);
    expect(asked).toBe(2);
  });

  it("in vain has asked for all who waited", async () => {
    script = [failure];
    const keeper = isolate();
    const results = await Promise.all(Array.from({ length: 50 }, () => keeper.get(wish)));
    expect(results.filter(({ ok }) => ok)).toEqual([]);
    expect(asked).toBe(1);
  });

  it("holds up nobody who has a token that is still good", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    pass(LIFE_SECONDS - MARGIN_SECONDS);
    script = [() => new Promise(() => {})];
    keeper.get(wish).catch(() => undefined);
    const from = clock.at;
    expect(await keeper.get(wish)).toEqual(given("token-1"));
    expect(clock.at).toBe(from);
  });
});

describe("a token that the vendor refuses", () => {
  it("is replaced once, for all who had it", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    const renewed = await Promise.all(Array.from({ length: 50 }, () => keeper.renew(wish, "token-1")));
    expect(new Set(renewed.map((result) => JSON.stringify(result)))).toEqual(
      new Set([JSON.stringify(given("token-2"))]),
    );
    expect(await keeper.get(wish)).toEqual(given("token-2"));
    expect(asked).toBe(2);
  });

  it("is replaced by what another isolate has obtained meanwhile", async () => {
    const [here, there] = [isolate(), isolate()];
    await here.get(wish);
    await there.get(wish);
    await there.renew(wish, "token-1");
    expect(await here.renew(wish, "token-1")).toEqual(given("token-2"));
    expect(asked).toBe(2);
  });

  it("is not taken from KV again, where no new one could be had", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    script = [failure];
    expect(await keeper.renew(wish, "token-1")).toMatchObject({ ok: false, why: "unavailable" });
    expect(await keeper.get(wish)).toMatchObject({ ok: false, why: "unavailable" });
    pass(5);
    expect(await keeper.get(wish)).toEqual(given("token-3"));
  });

  it("as every other one is costs no token request per webhook", async () => {
    const keeper = isolate();
    for (let index = 0; index < 1000; index++) {
      const first = await keeper.get(wish);
      if (first.ok) await keeper.renew(wish, first.token);
    }
    expect(asked).toBe(2);
    expect(await keeper.get(wish)).toEqual({ ok: false, why: "refused", afterSeconds: 5 });
    pass(5);
    expect(await keeper.get(wish)).toEqual(given("token-3"));
  });

  it("long after the last one is replaced at once", async () => {
    const keeper = isolate();
    await keeper.get(wish);
    await keeper.renew(wish, "token-1");
    pass(600);
    expect(await keeper.renew(wish, "token-2")).toEqual(given("token-3"));
    pass(600);
    expect(await keeper.renew(wish, "token-3")).toEqual(given("token-4"));
    expect(await keeper.renew(wish, "token-4")).toEqual({ ok: false, why: "refused", afterSeconds: 5 });
  });
});

describe("a vendor that gives no token", () => {
  it("is asked after 5 s, then after twice as long, at most every five minutes", async () => {
    const keeper = isolate();
    script = Array.from({ length: 20 }, () => failure);
    const waits: number[] = [];
    for (let index = 0; index < 8; index++) {
      const result = await keeper.get(wish);
      const seconds = result.ok ? 0 : (result.afterSeconds ?? 0);
      waits.push(seconds);
      pass(seconds - 1);
      await keeper.get(wish);
      expect(asked).toBe(index + 1);
      pass(1);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  });

  it("is not asked earlier than it says", async () => {
    const keeper = isolate();
    script = [{ ...failure, afterSeconds: 900 }];
    expect(await keeper.get(wish)).toEqual({ ...failure, afterSeconds: 900 });
    pass(899);
    expect(await keeper.get(wish)).toMatchObject(failure);
    pass(1);
    expect(await keeper.get(wish)).toEqual(given("token-2"));
  });

  it("is not asked by another isolate either", async () => {
    script = [{ ok: false, why: "refused" }];
    await isolate().get(wish);
    expect(await isolate().get(wish)).toMatchObject({ ok: false, why: "refused" });
    expect(asked).toBe(1);
  });

  it("is asked at once with another secret", async () => {
    const keeper = isolate();
    script = [{ ok: false, why: "refused" }];
    await keeper.get(wish);
    const changed = { ...wish, place: await tokenPlace("unico", ["https://identity.example/token"], ["other key"]) };
    expect(await keeper.get(changed)).toEqual(given("token-2"));
    expect(await isolate().get(changed)).toEqual(given("token-2"));
  });

  it("and then gives one starts anew", async () => {
    const keeper = isolate();
    script = [failure, failure];
    await keeper.get(wish);
    pass(5);
    await keeper.get(wish);
    pass(10);
    expect(await keeper.get(wish)).toEqual(given("token-3"));
    script = [failure];
    pass(LIFE_SECONDS);
    expect(await keeper.get(wish)).toEqual({ ...failure, afterSeconds: 5 });
  });
});

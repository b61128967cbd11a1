/** Keys that an issuer publishes: asked for seldom, believed for a while, and never mistaken for a stranger's fault. */
import { exportJWK, generateKeyPair } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { readAllowance } from "../../src/core/destination.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { publishedKey, type PublishedKeyMemory } from "../../src/egress/published-keys.ts";

const URL_OF_KEYS = "https://issuer.example/keys";
let published: Record<"one" | "two", JsonWebKey>;
let answer: () => Response | Promise<Response>;
let asked: Request[];
let now: number;
let memory: PublishedKeyMemory;

beforeAll(async () => {
  const make = async (kid: string) => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    return { ...(await exportJWK(publicKey)), kid } as JsonWebKey;
  };
  published = { one: await make("one"), two: await make("two") };
});

beforeEach(() => {
  now = Date.parse("2026-11-17T08:00:00.000Z");
  memory = new Map();
  asked = [];
  answer = () => Response.json({ keys: [published.one] });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    asked.push(new Request(input, init));
    return answer();
  });
});
afterEach(() => vi.restoreAllMocks());

const keyOf = (id: string | undefined, url = URL_OF_KEYS, allow?: string) =>
  publishedKey(url, id, {
    memory,
    allowance: readAllowance(allow),
    now: () => now,
    pause: () => new Promise((resolve) => setTimeout(resolve, 1)),
  });

describe("published keys", () => {
  it("are asked for once an hour, by a request that carries nothing of ours", async () => {
    for (let count = 0; count < 5; count++) expect(await keyOf("one")).toEqual(published.one);
    expect(asked.map(({ url, method }) => [method, url])).toEqual([["GET", URL_OF_KEYS]]);
    expect(asked[0]?.headers.get("authorization")).toBeNull();
    now += 3_600_000;
    await keyOf("one");
    expect(asked).toHaveLength(2);
  });

  it("are asked for again because of an unknown id, at most once a minute", async () => {
    await keyOf("one");
    now += 1000;
    for (let second = 0; second < 120; second += 10) {
      await keyOf(`invented-${second}`).catch(() => undefined);
      now += 10_000;
    }
    expect(asked).toHaveLength(2);
    now += 60_000;
    answer = () => Response.json({ keys: [published.one, published.two] });
    expect(await keyOf("two")).toEqual(published.two);
  });

  it("that are unknown are nobody's fault until the issuer was asked since: a new one is not refused", async () => {
    await keyOf("one");
    answer = () => Response.json({ keys: [published.one, published.two] });
    now += 1000;
    await expect(keyOf("two")).rejects.toThrow(Unavailable);
    now += 59_000;
    expect(await keyOf("invented")).toBeUndefined();
    expect(await keyOf("two")).toEqual(published.two);
    expect(asked).toHaveLength(2);
  });

  it("that are withdrawn are believed for no more than an hour", async () => {
    await keyOf("one");
    answer = () => Response.json({ keys: [published.two] });
    now += 3_600_000;
    expect(await keyOf("one")).toBeUndefined();
  });

  it("are asked for once, however many webhooks come at a time", async () => {
    let release: (response: Response) => void = () => undefined;
    answer = () => new Promise<Response>((resolve) => void (release = resolve));
    const waiting = Array.from({ length: 20 }, () => keyOf("one"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    release(Response.json({ keys: [published.one] }));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([published.one]));
    expect(asked).toHaveLength(1);
  });

  it("are kept apart by where they are published", async () => {
    await keyOf("one");
    answer = () => Response.json({ keys: [published.two] });
    expect(await keyOf("one", "https://other.example/keys")).toBeUndefined();
    expect(await keyOf("two")).toBeUndefined();
  });

  it("are found without an id where there is but one", async () => {
    expect(await keyOf(undefined)).toEqual(published.one);
    memory.clear();
    answer = () => Response.json({ keys: [published.one, published.two] });
    expect(await keyOf(undefined)).toBeUndefined();
  });
});

describe("an issuer that", () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ["is down", () => Promise.reject(new Error("no connection"))],
    ["fails", () => new Response("no", { status: 503 })],
    ["says nothing that can be read", () => new Response("<html>")],
    ["publishes no keys", () => Response.json({ keys: [] })],
    ["publishes a shared secret", () => Response.json({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "one" }] })],
    ["redirects", () => Response.redirect("https://evil.example/keys", 302)],
  ])("%s refuses nobody: it is asked again soon, and what is known goes on", async (_what, failing) => {
    const good = answer;
    answer = failing;
    await expect(keyOf("one")).rejects.toThrow(Unavailable);
    await expect(keyOf("one")).rejects.toThrow(Unavailable);
    expect(asked).toHaveLength(1);
    now += 5000;
    answer = good;
    expect(await keyOf("one")).toEqual(published.one);

    answer = failing;
    now += 3_600_000;
    expect(await keyOf("one")).toEqual(published.one);
    await expect(keyOf("two")).rejects.toThrow(Unavailable);
    answer = () => Response.json({ keys: [published.one, published.two] });
    now += 5000;
    expect(await keyOf("two")).toEqual(published.two);
  });

  it("lives where the gateway may not send is never asked", async () => {
    await expect(keyOf("one", "https://10.0.0.1/keys")).rejects.toThrow(Unavailable);
    expect(asked).toEqual([]);
    expect(await keyOf("one", "https://10.0.0.2/keys", "10.0.0.0/8")).toEqual(published.one);
  });
});

import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/core/digest.ts";
import type { Arrival, Claimed } from "../../src/core/receipt.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createEventStore } from "../../src/stores/events.ts";
import { createIdempotencyStore } from "../../src/stores/idempotency.ts";
import { createReceiptStore } from "../../src/stores/receipts.ts";
import { eventOf } from "../core/events.ts";
import { brokenKv, brokenR2, faulty, hangs } from "../faults.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const WINDOW = 3600;
const SESSION = "5".repeat(32);

beforeEach(() => reset());

async function arrivalOf(
  text: string,
  changes: { at?: number; isDated?: boolean; session?: string } = {},
): Promise<Arrival> {
  const body = new TextEncoder().encode(text);
  const hash = (await sha256Hex(body)).slice(0, 32);
  return {
    address: { source: "seon-live", session: changes.session ?? SESSION, body: hash },
    facts: {
      vendor: "seon",
      environment: "live",
      basis: "signature",
      action: "deliver",
      sequence: "01J00000000000000000000000",
      receivedAt: NOW + (changes.at ?? 0) * 1000,
      origin: "https://gateway.example",
      headers: { "content-type": "application/json" },
    },
    body,
    windowSeconds: WINDOW,
    isDated: changes.isDated ?? false,
  };
}

const store = createReceiptStore(env.ARCHIVE);
const claim = async (text: string, changes = {}, bucket = env.ARCHIVE) =>
  createReceiptStore(bucket).claim(await arrivalOf(text, changes));
const told = (claimed: Claimed) => `${claimed.kind} ${claimed.address.generation}`;

describe("a receipt", () => {
  it("holds the exact bytes and what is known beside them", async () => {
    const arrival = await arrivalOf("{}");
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    const { address } = await store.claim({ ...arrival, body });
    expect(await store.read(store.keyOf(address))).toEqual({ address, facts: arrival.facts, body });
    expect(store.addressOf(store.keyOf(address))).toEqual(address);
    expect(await store.actionOf(store.keyOf(address))).toBe("deliver");
  });

  it("is never changed by a later one", async () => {
    const { address } = await claim("a");
    const arrival = await arrivalOf("a", { at: 1 });
    await store.claim({ ...arrival, body: new TextEncoder().encode("forged") });
    const receipt = await store.read(store.keyOf(address));
    expect(new TextDecoder().decode(receipt?.body)).toBe("a");
    expect(receipt?.facts.receivedAt).toBe(NOW);
  });

  it("that is not there is not read, nor is what is no receipt", async () => {
    await env.ARCHIVE.put("events/x", "{}");
    for (const key of [
      store.keyOf({ ...(await arrivalOf("a")).address, generation: 0 }),
      "events/x",
      "",
      "receipts/",
    ]) {
      expect(await store.read(key)).toBeUndefined();
      expect(await store.actionOf(key === "" ? "nothing" : key)).toBeUndefined();
    }
  });

  it.each([
    "receipts/a/b/c.0",
    `receipts/a/${SESSION}/${SESSION}`,
    `receipts/a/${SESSION}/${SESSION}.`,
    `receipts/a/${SESSION}/${SESSION}.x`,
    `receipts/a/../${SESSION}/${SESSION}.0`,
    `events/a/${SESSION}/${SESSION}.0`,
  ])("has no key like %s", (key) => {
    expect(store.addressOf(key)).toBeUndefined();
  });

  it("is listed in order, page by page, from the last key on, until there are no more", async () => {
    for (let index = 0; index < 5; index++) await claim(`body ${index}`);
    await env.ARCHIVE.put("events/x", "{}");
    const keys: string[] = [];
    let pages = 0;
    for (let isLast = false; !isLast; pages++) {
      const page = await store.list(keys.at(-1), 2);
      keys.push(...page.receipts.map(({ key }) => key));
      isLast = page.isLast;
    }
    expect(pages).toBe(3);
    expect(keys).toHaveLength(5);
    expect(keys).toEqual([...keys].sort());
  });
});

describe("a claim", () => {
  it("of fifty simultaneous copies is new for one", async () => {
    const claims = await Promise.all(Array.from({ length: 50 }, () => claim("same")));
    expect(claims.map(told).sort()).toEqual(["new 0", ...Array.from({ length: 49 }, () => "repeat 0")]);
    expect((await env.ARCHIVE.list({ prefix: "receipts/" })).objects).toHaveLength(1);
  });

  it("of fifty simultaneous copies after the window is new for one, of the next generation", async () => {
    await claim("same");
    const claims = await Promise.all(Array.from({ length: 50 }, () => claim("same", { at: WINDOW })));
    expect(claims.map(told).sort()).toEqual(["new 1", ...Array.from({ length: 49 }, () => "repeat 1")]);
  });

  it("follows the window, the generations and what else was said", async () => {
    const steps: [string, object, string][] = [
      ["approved", { at: 0 }, "new 0"],
      ["approved", { at: 10 }, "repeat 0"],
      ["rejected", { at: 20 }, "new 0"],
      ["approved", { at: 30 }, "new 1"],
      ["approved", { at: 40 }, "repeat 1"],
      ["rejected", { at: 41, isDated: true }, "repeat 0"],
      ["approved", { at: 30 + WINDOW }, "new 2"],
      ["approved", { at: 40, session: "6".repeat(32) }, "new 0"],
    ];
    for (const [text, changes, expected] of steps) expect(told(await claim(text, changes))).toBe(expected);
  });

  it("of a repeat tells when the first came", async () => {
    await claim("a");
    expect(await claim("a", { at: 100 })).toMatchObject({ kind: "repeat", receivedAt: NOW });
  });

  it("of dated bytes whose work is remembered as done needs no look at the archive; of others it does", async () => {
    const listing = faulty(env.ARCHIVE, { list: () => Promise.reject(new Error("listed")) });
    const again = async (changes: { isDated: boolean }) =>
      createReceiptStore(listing).claim(await arrivalOf("a", changes), async () => true);
    await claim("a");
    expect(told(await again({ isDated: true }))).toBe("done 0");
    await expect(again({ isDated: false })).rejects.toBeInstanceOf(Unavailable);
  });

  it("looks at a session's receipts past one page", async () => {
    for (let index = 0; index < 3; index++) await claim(`other ${index}`, { at: 10 });
    await claim("body");
    await claim("body", { at: WINDOW });
    const pages: number[] = [];
    const list = async (options: unknown) => {
      const page = await env.ARCHIVE.list({ ...(options as R2ListOptions), limit: 2 });
      pages.push(page.objects.length);
      return page;
    };
    const paged = faulty(env.ARCHIVE, { list });
    expect(told(await claim("body", { at: WINDOW + 1 }, paged))).toBe("repeat 1");
    expect(pages.length).toBeGreaterThan(3);
  });

  it("in a session with more receipts than can be looked at is news: better than a loss", async () => {
    for (let index = 0; index < 9; index++) await claim(`other ${index}`, { at: 10 });
    await claim("body", { at: 20 });
    const list = (options: unknown) => env.ARCHIVE.list({ ...(options as R2ListOptions), limit: 2 });
    expect(told(await claim("body", { at: 21 }, faulty(env.ARCHIVE, { list })))).toBe("new 1");
  });

  it("takes R2's refusal of too many writes to one key for another copy's arrival", async () => {
    let refusals = 0;
    const contended = (times: number) =>
      faulty(env.ARCHIVE, {
        put: (...parameters: unknown[]) => {
          if (refusals++ < times) return Promise.reject(new Error("put: Reduce your rate of requests (10058)"));
          return env.ARCHIVE.put(...(parameters as Parameters<R2Bucket["put"]>));
        },
      });
    expect(told(await claim("a", {}, contended(2)))).toBe("new 0");
    refusals = 0;
    expect(told(await claim("a", {}, contended(1)))).toBe("repeat 0");
    refusals = 0;
    await expect(claim("b", {}, contended(1000))).rejects.toBeInstanceOf(Unavailable);
  });

  it("where R2 is out of reach says so, within the time that a vendor waits", async () => {
    await expect(claim("a", {}, brokenR2(env.ARCHIVE))).rejects.toBeInstanceOf(Unavailable);
    const started = Date.now();
    await expect(claim("a", {}, faulty(env.ARCHIVE, { put: hangs }))).rejects.toBeInstanceOf(Unavailable);
    expect(Date.now() - started).toBeLessThan(3000);
  });
});

describe("what is remembered of a receipt", () => {
  const idempotency = createIdempotencyStore(env.IDEMPOTENCY);
  const address = { source: "seon-live", session: SESSION, body: "b".repeat(32), generation: 0 };

  it.each([
    [3600, 3600],
    [60.2, 61],
    [60, 60],
    [59, 60],
    [0, 60],
    [-5000, 60],
  ])("for %d seconds is remembered for %d: no less than the platform can", async (secondsLeft, expected) => {
    const before = Date.now() / 1000;
    await idempotency.remember(address, { action: "deliver", until: NOW + secondsLeft * 1000 }, NOW);
    const { keys } = await env.IDEMPOTENCY.list();
    const lives = (keys[0]?.expiration ?? 0) - before;
    expect(Math.abs(lives - expected)).toBeLessThan(2.5);
  });

  it("is what its work was enqueued for, by generation", async () => {
    expect(await idempotency.recall(address)).toBeUndefined();
    for (const action of ["record", "deliver"] as const) {
      await idempotency.remember(address, { action, until: NOW + 600_000 }, NOW);
      expect(await idempotency.recall(address)).toEqual({ action, until: NOW + 600_000 });
    }
    expect(await idempotency.recall({ ...address, generation: 1 })).toBeUndefined();
    expect(await idempotency.recall({ ...address, source: "other" })).toBeUndefined();
  });

  it("is nothing where the key holds something else", async () => {
    await idempotency.remember(address, { action: "record", until: NOW + 600_000 }, NOW);
    const [key] = (await env.IDEMPOTENCY.list()).keys;
    await env.IDEMPOTENCY.put(key?.name ?? "", "something else");
    expect(await idempotency.recall(address)).toBeUndefined();
  });

  it("is an error where the store is out of reach, at once or after half a second", async () => {
    for (const binding of [brokenKv(env.IDEMPOTENCY), faulty(env.IDEMPOTENCY, { get: hangs })])
      await expect(createIdempotencyStore(binding).recall(address)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("an event", () => {
  const events = createEventStore(env.ARCHIVE);
  const address = { source: "seon-live", session: SESSION, body: "b".repeat(32), generation: 0 };

  it("is read as it was written, and two decisions about one receipt do not overwrite each other", async () => {
    const [first, second] = [eventOf(), eventOf({ outcome: "declined" })];
    const keys = [
      await events.write(address, first, { story: "first" }),
      await events.write(address, second, {}),
      await events.write(address, first, { story: "told again" }),
    ];
    expect(keys[2]).toBe(keys[0]);
    expect(keys[1]).not.toBe(keys[0]);
    expect(await events.read(keys[0] ?? "")).toEqual(first);
    expect(await events.open(keys[0] ?? "")).toEqual({ event: first, metadata: { story: "first" } });
    expect(await events.read(keys[1] ?? "")).toEqual(second);
    expect(await events.read("events/nothing")).toBeUndefined();
  });

  it("stands beside the receipt that it came of", async () => {
    const receipts = createReceiptStore(env.ARCHIVE);
    const key = await events.write(address, eventOf(), {});
    expect(receipts.keyOfEvent(key, address)).toBe(receipts.keyOf(address));
  });
});

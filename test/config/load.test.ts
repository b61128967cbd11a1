import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { createConfigLoader, createConfigMemory, type ConfigMemory } from "../../src/config/load.ts";
import { readAllowance } from "../../src/core/destination.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createConfigVersionStore } from "../../src/stores/config-versions.ts";
import { createDocumentStore } from "../../src/stores/documents.ts";
import { fails, faulty } from "../faults.ts";
import { changed, EXAMPLE, read, REMOVED } from "./documents.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const FRESH_MS = 30_000;
const STALE_MS = 60_000;
const [GOOD, INVALID] = [JSON.stringify(EXAMPLE), '{"sources":5}'];
const WITHOUT_UNICO = JSON.stringify(changed({ "/sources/unico": REMOVED }));

const allowance = readAllowance(undefined);
const later: Promise<unknown>[] = [];
const reports: string[] = [];
const loaderOf = (memory: ConfigMemory, binding: KVNamespace = env.CONFIG) => {
  const loader = createConfigLoader({
    documents: createDocumentStore(binding),
    versions: createConfigVersionStore(env.ARCHIVE),
    allowance,
    memory,
    afterwards: (work) => void later.push(work),
    reportInvalid: () => void reports.push("invalid"),
  });
  const load = async (now: number) => {
    const config = await loader.load(now);
    await Promise.all(later.splice(0));
    return config;
  };
  return { ...loader, load, loadOnly: loader.load };
};
const put = (text: string) => env.CONFIG.put("current", text);
const hasUnico = async (memory: ConfigMemory, now: number, binding?: KVNamespace) =>
  (await loaderOf(memory, binding).load(now))?.sources.has("unico");
const broken = faulty(env.CONFIG, { getWithMetadata: fails });

beforeEach(async () => {
  reports.splice(0);
  await reset();
});

describe("the configuration in force", () => {
  it("is the valid document in the store", async () => {
    await put(GOOD);
    expect(await hasUnico(createConfigMemory(), NOW)).toBe(true);
    expect(await env.CONFIG.get("last-good")).toBe(GOOD);
  });

  it("is none where the store holds none, which is not an empty one", async () => {
    expect(await loaderOf(createConfigMemory()).load(NOW)).toBeUndefined();
  });

  it("is none where there is an invalid document and never was another", async () => {
    for (const text of [INVALID, "not JSON", "", "null", '{"sources":']) {
      await put(text);
      expect(await loaderOf(createConfigMemory()).load(NOW)).toBeUndefined();
    }
  });

  it("is looked at again after 30 seconds, and not before; that look is taken after the answer", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    expect(await hasUnico(memory, NOW)).toBe(true);
    await put(WITHOUT_UNICO);
    expect(await hasUnico(memory, NOW + FRESH_MS - 1)).toBe(true);
    expect(await hasUnico(memory, NOW + FRESH_MS)).toBe(true);
    expect(await hasUnico(memory, NOW + FRESH_MS + 1)).toBe(false);
  });

  it("is never older than 60 seconds, however long nobody asked", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    await put(WITHOUT_UNICO);
    expect(await hasUnico(memory, NOW + STALE_MS)).toBe(false);
  });

  it("is waited for by nobody while an isolate remembers one, and looked at once for all who ask meanwhile", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    let looks = 0;
    const hanging = faulty(env.CONFIG, { getWithMetadata: () => (looks++, new Promise(() => undefined)) });
    for (let request = 0; request < 20; request++) {
      const config = await loaderOf(memory, hanging).loadOnly(NOW + FRESH_MS + request);
      expect(config?.sources.has("unico")).toBe(true);
    }
    expect(looks).toBe(1);
    later.length = 0;
  });

  it("is found at once when the first document arrives", async () => {
    const memory = createConfigMemory();
    expect(await loaderOf(memory).load(NOW)).toBeUndefined();
    await put(GOOD);
    expect(await hasUnico(memory, NOW + 1)).toBe(true);
  });

  it("is at once what was accepted here", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    const accepted = read(JSON.parse(WITHOUT_UNICO));
    if (!accepted.ok) throw new Error("expected a valid document");
    loaderOf(memory).adopt(WITHOUT_UNICO, { ...accepted.config, version: "adopted" }, 2, NOW + 1);
    expect(await hasUnico(memory, NOW + 1)).toBe(false);
  });

  it("stays what was accepted here while the store shows what was there before, but for what is newer", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    const accepted = read(JSON.parse(WITHOUT_UNICO));
    if (!accepted.ok) throw new Error("expected a valid document");
    loaderOf(memory).adopt(WITHOUT_UNICO, { ...accepted.config, version: "adopted" }, 2, NOW);
    for (const at of [FRESH_MS, FRESH_MS + 10_000, STALE_MS - 1]) {
      expect(await hasUnico(memory, NOW + at)).toBe(false);
      expect(await hasUnico(memory, NOW + at)).toBe(false);
    }
    for (const [version, isUsed] of [
      [1, false],
      [3, true],
    ] as const) {
      await env.CONFIG.put("current", GOOD, { metadata: { version } });
      Object.assign(memory, { checkedAt: NOW, askedAt: NOW });
      await hasUnico(memory, NOW + STALE_MS - 1);
      expect(await hasUnico(memory, NOW + STALE_MS - 1)).toBe(isUsed);
    }
  });

  it("is of two that are accepted here at once the newer, whichever is done last", async () => {
    const memory = createConfigMemory();
    const [newer, older] = [read(JSON.parse(WITHOUT_UNICO)), read(EXAMPLE)];
    if (!newer.ok || !older.ok) throw new Error("expected valid documents");
    const { adopt } = loaderOf(memory);
    adopt(WITHOUT_UNICO, { ...newer.config, version: "newer" }, 8, NOW);
    adopt(GOOD, { ...older.config, version: "older" }, 7, NOW + 1);
    expect(await hasUnico(memory, NOW + 2)).toBe(false);
  });
});

describe("an invalid document in the store changes nothing", () => {
  it("in an isolate that knows a good one", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    await put(INVALID);
    expect(await hasUnico(memory, NOW + STALE_MS)).toBe(true);
    expect(reports).toEqual(["invalid"]);
    expect(await env.CONFIG.get("last-good")).toBe(GOOD);
  });

  it("in an isolate that knows a newer one than the last good in the store", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    await env.CONFIG.put("last-good", WITHOUT_UNICO);
    await put(INVALID);
    expect(await hasUnico(memory, NOW + STALE_MS)).toBe(true);
  });

  it("in a cold isolate", async () => {
    await put(GOOD);
    await hasUnico(createConfigMemory(), NOW);
    await put(INVALID);
    const memory = createConfigMemory();
    expect(await hasUnico(memory, NOW)).toBe(true);
    expect(reports).toEqual(["invalid"]);
  });

  it("and is forgotten when a good one follows", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    await put(INVALID);
    await hasUnico(memory, NOW + STALE_MS);
    await put(WITHOUT_UNICO);
    expect(await hasUnico(memory, NOW + 2 * STALE_MS)).toBe(false);
  });

  it("nor does a document that is gone", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    await env.CONFIG.delete("current");
    expect(await hasUnico(memory, NOW + STALE_MS)).toBe(true);
    expect(await hasUnico(createConfigMemory(), NOW)).toBe(true);
  });
});

describe("a store out of reach", () => {
  it("leaves an isolate what it knows", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    expect(await hasUnico(memory, NOW + 10 * FRESH_MS, broken)).toBe(true);
  });

  it("is an error for an isolate that knows nothing, and not a configuration without sources", async () => {
    await put(GOOD);
    const memory = createConfigMemory();
    await expect(loaderOf(memory, broken).load(NOW)).rejects.toBeInstanceOf(Unavailable);
    expect(await hasUnico(memory, NOW + 1)).toBe(true);
  });

  it("for writing only keeps no good document from being used", async () => {
    await put(GOOD);
    const unwritable = faulty(env.CONFIG, { put: fails });
    expect(await hasUnico(createConfigMemory(), NOW, unwritable)).toBe(true);
  });
});

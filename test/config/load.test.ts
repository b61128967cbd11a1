import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  createConfigLoader,
  createConfigMemory,
  faultsIn,
  MAX_DOCUMENT_BYTES,
  parseConfig,
  type ConfigMemory,
} from "../../src/config/load.ts";
import { readAllowance } from "../../src/core/destination.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createConfigVersionStore } from "../../src/stores/config-versions.ts";
import { createDocumentStore } from "../../src/stores/documents.ts";
import { fails, faulty } from "../faults.ts";
import { changed, EXAMPLE, read, REMOVED } from "./documents.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const FRESH_MS = 30_000;
const STALE_MS = 60_000;
const SETTLING_MS = 120_000;
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
    for (const at of [FRESH_MS, FRESH_MS + 10_000, STALE_MS - 1, SETTLING_MS - 1]) {
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

  it("stays what was accepted here for as long as the store shows an older version, but not for what has no mark", async () => {
    const memory = createConfigMemory();
    const accepted = read(JSON.parse(WITHOUT_UNICO));
    if (!accepted.ok) throw new Error("expected a valid document");
    loaderOf(memory).adopt(WITHOUT_UNICO, { ...accepted.config, version: "adopted" }, 2, NOW);
    await env.CONFIG.put("current", GOOD, { metadata: { version: 1 } });
    for (const at of [STALE_MS, SETTLING_MS, 100 * SETTLING_MS]) expect(await hasUnico(memory, NOW + at)).toBe(false);
    await put(GOOD);
    expect(await hasUnico(memory, NOW + 101 * SETTLING_MS)).toBe(true);
  });

  it("follows the store back to a smaller number where that was not accepted here: anybody can write a mark", async () => {
    const memory = createConfigMemory();
    await env.CONFIG.put("current", GOOD, { metadata: { version: 999 } });
    expect(await hasUnico(memory, NOW)).toBe(true);
    await env.CONFIG.put("current", WITHOUT_UNICO, { metadata: { version: 2 } });
    expect(await hasUnico(memory, NOW + STALE_MS)).toBe(false);
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

  it("and is parsed once by an isolate, however often the store shows it", async () => {
    const memory = createConfigMemory();
    await put(GOOD);
    await hasUnico(memory, NOW);
    await put(INVALID);
    const parse = vi.spyOn(JSON, "parse");
    for (let look = 1; look <= 4; look++) await hasUnico(memory, NOW + look * STALE_MS);
    const parsed = parse.mock.calls.filter(([text]) => text === INVALID);
    parse.mockRestore();
    expect([parsed.length, memory.passedOver]).toEqual([1, INVALID]);
  });

  it("and is not even parsed where it is too large to be one", async () => {
    const large = GOOD.padEnd(MAX_DOCUMENT_BYTES + 1);
    const parse = vi.spyOn(JSON, "parse");
    const config = await parseConfig(large, allowance);
    const faults = faultsIn(large, allowance);
    const { length } = parse.mock.calls;
    parse.mockRestore();
    expect([config, faults, length]).toEqual([undefined, [{ path: "", message: "expected 5 MiB at most" }], 0]);
    expect(await parseConfig(large.slice(0, -1), allowance)).toBeDefined();
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

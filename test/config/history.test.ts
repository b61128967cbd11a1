/** Versions over the real local archive and store: who wins, what is never lost, and what somebody put there without the gateway. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { accept, look, settle, type HistoryDeps } from "../../src/config/history.ts";
import { parseConfig } from "../../src/config/load.ts";
import { readAllowance } from "../../src/core/destination.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createConfigVersionStore } from "../../src/stores/config-versions.ts";
import { createDocumentStore } from "../../src/stores/documents.ts";
import { fails, faulty } from "../faults.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const SETTLED_MS = 120_000;
const REPEATED_MS = 600_000;
const allowance = readAllowance(undefined);
const records = createConfigVersionStore(env.ARCHIVE);

let noted: number[];
beforeEach(async () => {
  noted = [];
  await reset();
});

const depsAt = (now: number, config: KVNamespace = env.CONFIG, archive: R2Bucket = env.ARCHIVE): HistoryDeps => ({
  documents: createDocumentStore(config),
  records: createConfigVersionStore(archive),
  isValid: async (text) => (await parseConfig(text, allowance)) !== undefined,
  note: async ({ version }) => noted.push(version),
  pause: async () => undefined,
  now,
});

const documentOf = (name: string) => JSON.stringify({ sources: {}, subscribers: {}, $schema: name });
const put = (name: string, now: number, deps = depsAt(now), expected?: number) =>
  accept(
    {
      text: documentOf(name),
      by: name,
      message: undefined,
      follows: (newest) => expected === undefined || newest?.version === expected,
    },
    deps,
  );
const stored = () => env.CONFIG.getWithMetadata("current");
const names = async () => (await records.list(100)).versions.map(({ version, by }) => `${version} ${by}`);
const later = (milliseconds: number) => new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));
const textOf = async (version: number) => records.read((await records.find(version))?.hash ?? "");

describe("of documents that are put at the same moment", () => {
  it("and follow the same version exactly one becomes the next, and every other is refused", async () => {
    await put("first", NOW);
    const people = Array.from({ length: 12 }, (_, index) => `person-${index}`);
    const outcomes = await Promise.all(people.map((name) => put(name, NOW + 1, depsAt(NOW + 1), 1)));
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    const [winner] = (await names()).map((each) => each.split(" ")[1] ?? "");
    expect(await names()).toEqual([`2 ${winner}`, "1 first"]);
    expect(await stored()).toMatchObject({ value: documentOf(winner ?? ""), metadata: { version: 2 } });
  });

  it("and ask for no version, none loses another's: each has a number, and the newest stands in the store", async () => {
    const people = Array.from({ length: 20 }, (_, index) => `person-${index}`);
    const outcomes = await Promise.all(people.map((name) => put(name, NOW)));
    const numbers = outcomes.map((outcome) => outcome?.version.version ?? 0);
    expect(numbers.toSorted((left, right) => left - right)).toEqual(people.map((_name, index) => index + 1));
    for (const [index, name] of people.entries()) expect(await textOf(numbers[index] ?? 0)).toBe(documentOf(name));
    expect(await stored()).toMatchObject({ value: await textOf(20), metadata: { version: 20 } });
  });

  it("the newest stands in the store, although an older one is written there last", async () => {
    let slow = true;
    const slowly = faulty(env.CONFIG, {
      put: async (...parameters) => {
        if (slow) {
          slow = false;
          await put("second", NOW + 1);
        }
        return Reflect.apply(env.CONFIG.put, env.CONFIG, parameters) as Promise<void>;
      },
    });
    expect(await put("first", NOW, depsAt(NOW, slowly))).toMatchObject({ isPublished: true });
    expect(await stored()).toMatchObject({ value: documentOf("second"), metadata: { version: 2 } });
  });

  it("whoever is refused leaves the winner's in the store, although it came there while he was looking", async () => {
    await put("first", NOW);
    let hasListed: (value?: unknown) => void = () => undefined;
    const listed = new Promise((resolve) => (hasListed = resolve));
    const archive = faulty(env.ARCHIVE, {
      list: async (...parameters) => {
        const page: unknown = await Reflect.apply(env.ARCHIVE.list, env.ARCHIVE, parameters);
        hasListed();
        return page;
      },
    });
    let isFirst = true;
    const slowly = faulty(env.CONFIG, {
      getWithMetadata: async (...parameters) => {
        if (isFirst) {
          isFirst = false;
          await Promise.race([listed, later(200)]);
          await put("second", NOW + 1);
        }
        return Reflect.apply(env.CONFIG.getWithMetadata, env.CONFIG, parameters) as Promise<unknown>;
      },
    });
    expect(await put("third", NOW + 1, depsAt(NOW + 1, slowly, archive), 1)).toBeUndefined();
    expect(await stored()).toMatchObject({ value: documentOf("second"), metadata: { version: 2 } });
  });

  it("whoever is refused leaves the winner's in the store, although he made something else give way first", async () => {
    await put("first", NOW);
    await env.CONFIG.put("current", '{"sources":5}');
    let isFirst = true;
    const slowly = faulty(env.CONFIG, {
      put: async (...parameters) => {
        if (isFirst) {
          isFirst = false;
          await put("second", NOW + 1);
        }
        return Reflect.apply(env.CONFIG.put, env.CONFIG, parameters) as Promise<void>;
      },
    });
    expect(await put("third", NOW + 1, depsAt(NOW + 1, slowly), 1)).toBeUndefined();
    expect(await stored()).toMatchObject({ value: documentOf("second"), metadata: { version: 2 } });
  });
});

describe("a version whose document did not reach the store", () => {
  const unwritable = faulty(env.CONFIG, { put: fails });

  it("is a version, and put there once the store can show nothing old any more", async () => {
    await put("first", NOW);
    expect(await put("second", NOW + 1, depsAt(NOW + 1, unwritable))).toMatchObject({ isPublished: false });
    expect(await names()).toEqual(["2 second", "1 first"]);
    await settle(depsAt(NOW + SETTLED_MS));
    expect(await stored()).toMatchObject({ value: documentOf("first") });
    await settle(depsAt(NOW + 1 + SETTLED_MS));
    expect(await stored()).toMatchObject({ value: documentOf("second"), metadata: { version: 2 } });
  });

  it("is written again where the store takes but one write a second", async () => {
    let refusals = 2;
    const busy = faulty(env.CONFIG, {
      put: (...parameters) =>
        refusals-- > 0 ? fails() : (Reflect.apply(env.CONFIG.put, env.CONFIG, parameters) as Promise<void>),
    });
    expect(await put("first", NOW, depsAt(NOW, busy))).toMatchObject({ isPublished: true });
  });

  it("is put there also where the store has lost it", async () => {
    await put("first", NOW);
    await env.CONFIG.delete("current");
    await settle(depsAt(NOW + SETTLED_MS));
    expect(await stored()).toMatchObject({ value: documentOf("first"), metadata: { version: 1 } });
  });
});

describe("a document that somebody put into the store without the gateway", () => {
  it("becomes a version by kv when somebody looks, once, and that is noted", async () => {
    await put("first", NOW);
    await env.CONFIG.put("current", documentOf("found"));
    const looks = Array.from({ length: 5 }, () => look(depsAt(NOW + SETTLED_MS)));
    await Promise.all(looks);
    await settle(depsAt(NOW + SETTLED_MS + 1));
    await settle(depsAt(NOW + 3 * SETTLED_MS));
    expect([await names(), noted]).toEqual([["2 kv", "1 first"], [2]]);
    expect(await textOf(2)).toBe(documentOf("found"));
    expect((await stored()).value).toBe(documentOf("found"));
  });

  it("becomes the first version where there was none", async () => {
    await env.CONFIG.put("current", documentOf("found"));
    await settle(depsAt(NOW));
    expect(await names()).toEqual(["1 kv"]);
  });

  it("is not mistaken for one while the store may show what was there before the newest version", async () => {
    await env.CONFIG.put("current", documentOf("found"));
    await look(depsAt(NOW));
    await put("second", NOW + SETTLED_MS);
    // As another place still sees it.
    await env.CONFIG.put("current", documentOf("found"));
    await settle(depsAt(NOW + 2 * SETTLED_MS - 1));
    expect(await names()).toEqual(["2 second", "1 kv"]);
  });

  it("and that is not valid never becomes one, is left for somebody to look at, and stands in nobody's way", async () => {
    await put("first", NOW);
    await env.CONFIG.put("current", '{"sources":5}');
    await settle(depsAt(NOW + SETTLED_MS));
    expect([await names(), (await stored()).value]).toEqual([["1 first"], '{"sources":5}']);
    await put("second", NOW + SETTLED_MS + 1);
    expect([await names(), (await stored()).value]).toEqual([["2 second", "1 first"], documentOf("second")]);
  });

  it("and that is not valid gives way to the first version, although that did not reach the store at first", async () => {
    await env.CONFIG.put("current", '{"sources":5}');
    let writes = 0;
    const dying = faulty(env.CONFIG, {
      put: (...parameters) =>
        writes++ > 0 ? fails() : (Reflect.apply(env.CONFIG.put, env.CONFIG, parameters) as Promise<void>),
    });
    expect(await put("first", NOW, depsAt(NOW, dying))).toMatchObject({ isPublished: false });
    expect((await stored()).value).toBe('{"sources":5}');
    await settle(depsAt(NOW + SETTLED_MS));
    expect(await stored()).toMatchObject({ value: documentOf("first"), metadata: { version: 1 } });
  });

  it("and was adopted is not adopted again when the version after it did not reach the store", async () => {
    await env.CONFIG.put("current", documentOf("found"));
    await look(depsAt(NOW));
    let writes = 0;
    const dying = faulty(env.CONFIG, {
      put: (...parameters) =>
        writes++ > 0 ? fails() : (Reflect.apply(env.CONFIG.put, env.CONFIG, parameters) as Promise<void>),
    });
    expect(await put("second", NOW + 1, depsAt(NOW + 1, dying))).toMatchObject({ isPublished: false });
    await settle(depsAt(NOW + 1 + SETTLED_MS));
    expect([await names(), (await stored()).value]).toEqual([["2 second", "1 kv"], documentOf("second")]);
  });

  it("makes whoever wanted to follow the version before it look again", async () => {
    await put("first", NOW);
    await env.CONFIG.put("current", documentOf("found"));
    const at = NOW + SETTLED_MS;
    expect(await put("second", at, depsAt(at), 1)).toBeUndefined();
    expect((await stored()).value).toBe(documentOf("found"));
  });

  it("is on record before a change replaces it, however young the newest version is", async () => {
    await put("first", NOW);
    await env.CONFIG.put("current", documentOf("found"));
    expect(await put("second", NOW + 1, depsAt(NOW + 1), 1)).toBeUndefined();
    expect([await names(), noted, (await stored()).value]).toEqual([["2 kv", "1 first"], [2], documentOf("found")]);
    expect(await put("second", NOW + 2, depsAt(NOW + 2), 2)).toMatchObject({ isPublished: true });
    await env.CONFIG.put("current", documentOf("found too"));
    expect(await put("third", NOW + 3)).toMatchObject({ version: { version: 5 } });
    expect(await textOf(4)).toBe(documentOf("found too"));
  });

  it("is never gone for a change that fails, whichever of its calls to the archive does", async () => {
    for (let survives = 0; survives < 8; survives++) {
      await reset();
      await put("first", NOW);
      await env.CONFIG.put("current", documentOf("found"));
      let calls = 0;
      const dying = (name: "get" | "head" | "put" | "list") => [
        name,
        (...parameters: unknown[]) =>
          calls++ < survives ? (Reflect.apply(env.ARCHIVE[name], env.ARCHIVE, parameters) as unknown) : fails(),
      ];
      const methods = ["get", "head", "put", "list"] as const;
      const archive = faulty(env.ARCHIVE, Object.fromEntries(methods.map(dying)) as Record<string, typeof fails>);
      await put("second", NOW + 1, depsAt(NOW + 1, env.CONFIG, archive)).catch(() => undefined);
      const isOnRecord = (await textOf(2)) === documentOf("found");
      expect((await stored()).value === documentOf("found") || isOnRecord, `after ${survives} calls`).toBe(true);
    }
  });

  it("and was adopted does not undo what came after it, where the store shows it late", async () => {
    await env.CONFIG.put("current", documentOf("found"));
    await look(depsAt(NOW));
    await put("second", NOW + 1);
    await env.CONFIG.put("current", documentOf("found"));
    await settle(depsAt(NOW + 2 * SETTLED_MS));
    expect(await put("third", NOW + 2 * SETTLED_MS, depsAt(NOW + 2 * SETTLED_MS), 2)).toBeDefined();
    expect(await names()).toEqual(["3 third", "2 second", "1 kv"]);
  });

  it("and is the text of an earlier version becomes one again once it has stood there for long", async () => {
    await put("first", NOW);
    await put("second", NOW + 1);
    await env.CONFIG.put("current", documentOf("first"));
    await settle(depsAt(NOW + REPEATED_MS));
    expect([await names(), (await stored()).value]).toEqual([["2 second", "1 first"], documentOf("first")]);
    await settle(depsAt(NOW + 1 + REPEATED_MS));
    await settle(depsAt(NOW + 3 * REPEATED_MS));
    expect([await names(), await textOf(3)]).toEqual([["3 kv", "2 second", "1 first"], documentOf("first")]);
  });

  it("while another is adopted is left where it is", async () => {
    await put("first", NOW);
    await env.CONFIG.put("current", documentOf("found"));
    const archive = faulty(env.ARCHIVE, {
      list: async (...parameters) => {
        await env.CONFIG.put("current", documentOf("put since"));
        return Reflect.apply(env.ARCHIVE.list, env.ARCHIVE, parameters) as Promise<unknown>;
      },
    });
    await look(depsAt(NOW + SETTLED_MS, env.CONFIG, archive));
    expect([await textOf(2), (await stored()).value]).toEqual([documentOf("found"), documentOf("put since")]);
  });
});

describe("a record", () => {
  it("is listed newest first, page by page, with whatever its author wrote", async () => {
    const message = 'Zeile eins\nzwei: 🙂, \u{2028} und "Anführung" %41';
    for (let version = 1; version <= 7; version++)
      await records.create({ version, at: NOW + version, by: "ana@example.com", message, hash: `${version}` });
    const first = await records.list(3);
    expect([first.versions.map(({ version }) => version), first.isLast]).toEqual([[7, 6, 5], false]);
    const rest = await records.list(10, 5);
    expect([rest.versions.map(({ version }) => version), rest.isLast]).toEqual([[4, 3, 2, 1], true]);
    expect(await records.find(4)).toEqual({ version: 4, at: NOW + 4, by: "ana@example.com", message, hash: "4" });
    expect(await records.create({ version: 4, at: NOW, by: "another", hash: "x" })).toBe(false);
  });

  it("holds the longest message there may be", async () => {
    const message = "🙂".repeat(500);
    await records.create({ version: 1, at: NOW, by: "x".repeat(320), message, hash: "1" });
    expect((await records.newest())?.message).toBe(message);
  });

  it("never has the text of another: what has the same hash is refused", async () => {
    await records.keep("hash", documentOf("one"));
    await records.keep("hash", documentOf("one"));
    await expect(records.keep("hash", documentOf("other"))).rejects.toBeInstanceOf(Unavailable);
    expect(await records.read("hash")).toBe(documentOf("one"));
  });
});

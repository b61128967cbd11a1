import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/event.ts";
import { idOfUrl, withUniqueIds } from "../../src/vendors/file-ids.ts";
import { regula } from "../../src/vendors/regula/adapter.ts";
import { regulaSession } from "../../src/vendors/regula/session.ts";
import { unico } from "../../src/vendors/unico/adapter.ts";
import { unicoSession } from "../../src/vendors/unico/session.ts";
import { licence, process } from "./fixtures/unico.session.ts";
import { run, SESSION_OPTIONS, unreadOf } from "./session-reading.ts";

const SEED = { seed: 20_261_120, numRuns: 300 };

const idsOf = (ids: readonly string[]) => withUniqueIds(ids.map((id) => ({ id }))).map(({ id }) => id);

describe("ids", () => {
  it.each([
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [
      ["a", "a", "a"],
      ["a", "a-2", "a-3"],
    ],
    [
      ["a", "a", "a-2"],
      ["a", "a-3", "a-2"],
    ],
    [
      ["a-2", "a", "a", "a"],
      ["a-2", "a", "a-3", "a-4"],
    ],
    [
      ["a", "a", "a-2", "a-2"],
      ["a", "a-3", "a-2", "a-2-2"],
    ],
  ])("of %j are %j", (given, unique) => {
    expect(idsOf(given)).toEqual(unique);
  });

  it("are one of a kind, and what is one of a kind already keeps its own", () => {
    const names = fc.array(fc.stringMatching(/^[ab](-[1-3]){0,3}$/));
    const property = fc.property(names, (given) => {
      const unique = idsOf(given);
      expect(new Set(unique).size).toBe(given.length);
      given.forEach((id, index) => {
        if (given.indexOf(id) === index) expect(unique[index]).toBe(id);
      });
    });
    fc.assert(property, SEED);
  });
});

describe("an id made from a URL", () => {
  it.each([
    ["https://s.example/a/b.jpg?X-Amz-Signature=s#x", "https://s.example/a/b.jpg"],
    ["https://user:pass@s.example:8443/a", "https://s.example:8443/a"],
    ["https://s.example", "https://s.example/"],
  ])("of %s is %s", (url, id) => {
    expect(idOfUrl(url)).toBe(id);
  });

  it("keeps the end of a long one, which tells files apart", () => {
    const id = idOfUrl(`https://s.example/${"a/".repeat(500)}last.jpg?k=v`);
    expect([id.length, id.endsWith("/last.jpg")]).toEqual([256, true]);
  });
});

/** What is listed under an id is fetched once and kept: another time the id must not stand for other bytes. */
describe("a file without an id", () => {
  const filesOfRegula = (files: Json) => {
    const payload = { sessionId: "s" };
    const statement = unreadOf(regula.normalize, payload);
    const reading = regulaSession.read({ statement, payload, isProven: true }, SESSION_OPTIONS);
    return run(reading, { "/api/sessions/": { status: 2, files } }).read.files;
  };
  const filesOfUnico = (documents: Json) => {
    const payload = { processId: "p", state: "PROCESS_STATE_FINISHED" };
    const statement = unreadOf(unico.normalize, payload);
    const reading = unicoSession.read({ statement, payload, isProven: true }, SESSION_OPTIONS);
    return run(reading, { "/client/v1/": { process: { ...process, services: { documents } } } }).read.files.slice(2);
  };
  const { doc_id: _, ...nameless } = licence;

  const forms: [string, (urls: readonly string[]) => ReturnType<typeof filesOfRegula>][] = [
    ["Regula, a list", (urls) => filesOfRegula(urls.map((url) => ({ url })))],
    ["Regula, a list by action", (urls) => filesOfRegula(urls.map((url) => ({ url, action: "A", name: "N" })))],
    ["Regula, a map of lists", (urls) => filesOfRegula({ photos: urls.map((url) => ({ url })) })],
    ["Regula, a map of lists of URLs", (urls) => filesOfRegula({ photos: [...urls] })],
    ["Unico", (urls) => filesOfUnico(urls.map((signed_url) => ({ ...nameless, signed_url })))],
  ];

  it.each(forms)("has the same one whatever else is listed, and however it is signed: %s", (_name, list) => {
    const property = fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 30 })),
      fc.uniqueArray(fc.integer({ min: 0, max: 30 })),
      (first, second) => {
        const known = new Map<string, string>();
        for (const [signature, names] of [first, second].entries()) {
          for (const { id, request } of list(names.map((name) => `https://s.example/${name}?sig=s${signature}`))) {
            const bytes = new URL(request.url).pathname;
            expect(known.get(id) ?? bytes).toBe(bytes);
            expect(id).not.toContain("sig");
            known.set(id, bytes);
          }
        }
      },
    );
    fc.assert(property, SEED);
  });
});

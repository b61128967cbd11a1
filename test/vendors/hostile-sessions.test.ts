/** Answers as large as they may be: they are read in time, and an event of bounded size comes of them. */
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { VendorAdapter } from "../../src/vendors/adapter.ts";
import { incode } from "../../src/vendors/incode/adapter.ts";
import { incodeSession } from "../../src/vendors/incode/session.ts";
import { regula } from "../../src/vendors/regula/adapter.ts";
import { regulaSession } from "../../src/vendors/regula/session.ts";
import type { SessionAdapter, SessionOptions } from "../../src/vendors/session.ts";
import { unico } from "../../src/vendors/unico/adapter.ts";
import { unicoSession } from "../../src/vendors/unico/session.ts";
import { composed } from "./adapter.suite.ts";
import { run, SESSION_OPTIONS, unreadOf, type Answers } from "./session-reading.ts";

const MANY = 200_000;
const MAX_MILLISECONDS = 10_000;
const MAX_EVENT = 1.25 * 1024 * 1024;

const list = (item: Json, length = MANY): Json => Array.from({ length }, () => item);
const map = (item: Json, length = MANY): JsonObject =>
  Object.fromEntries(Array.from({ length }, (_, index): [string, Json] => [`field ${index}`, item]));

function reader(adapter: VendorAdapter, session: SessionAdapter, payload: JsonObject) {
  return (answers: Answers, options: Partial<SessionOptions> = {}) => {
    const statement = unreadOf(adapter.normalize, payload);
    return run(session.read({ statement, payload, isProven: true }, { ...SESSION_OPTIONS, ...options }), answers).read;
  };
}

const ofIncode = reader(incode, incodeSession, { interviewId: "i", onboardingStatus: "ONBOARDING_FINISHED" });
const ofWatchlist = reader(incode, incodeSession, { interviewId: "i", ref: "r", search_id: "s" });
const ofUnico = reader(unico, unicoSession, { processId: "p", state: "PROCESS_STATE_FINISHED", result: "ok" });
const ofRegula = reader(regula, regulaSession, { sessionId: "s" });

const regulaOf = (session: JsonObject) => ofRegula({ "/api/sessions/": { status: 2, ...session } });
const scoreOf = (score: JsonObject) => ofIncode({ "/get/score": { overall: { status: "OK" }, ...score } });
const ocrOf = (more: JsonObject) => ofIncode({ "/get/ocr-data": more });
const documentsOf = (services: JsonObject) =>
  ofUnico({ "/client/v1/": { process: { state: "PROCESS_STATE_FINISHED", services } } });
const textsOf = (Text: JsonObject) => regulaOf({ result: { ContainerList: { List: [{ Text }] } } });

const file = { id: "f", name: "n", url: "/f" };
const bytes = new Uint8Array([1, 2, 3]).toBase64();

type Read = (json: JsonObject) => ReturnType<typeof ofRegula>;

const picturesOf: Read = (pages) =>
  regulaOf({ r: { ContainerList: { List: [{ Images: { fieldList: [{ fieldType: 207, ...pages }] } }] } } });
const processOf: Read = (process) => ofUnico({ "/client/v1/": { process } });
const clientOf: Read = (process) => ofUnico({ "/processes/": process }, { contract: "api" });
const hitsOf: Read = (answer) => ofWatchlist({ "": answer });
const pages = () => Array.from({ length: MANY }, (_, pageIndex) => ({ pageIndex, value: bytes }));
const signed_url = "https://s.example/d";

const CASES: readonly (readonly [string, Read, () => JsonObject])[] = [
  ["Regula, files of one id", regulaOf, () => ({ files: list(file) })],
  ["Regula, files without an id", regulaOf, () => ({ files: list({ url: "/f" }) })],
  ["Regula, files without a URL", regulaOf, () => ({ files: list({ id: "f" }) })],
  ["Regula, a map of files", regulaOf, () => ({ files: map("/f") })],
  ["Regula, files under one key", regulaOf, () => ({ files: { any: list("/f") } })],
  ["Regula, properties", regulaOf, () => ({ properties: map("value") })],
  ["Regula, a list of properties", regulaOf, () => ({ properties: list({ id: "A", value: "value" }) })],
  ["Regula, a list of other things", regulaOf, () => ({ others: list("value") })],
  ["Regula, a long name of many", regulaOf, () => ({ ["n".repeat(1_000_000)]: list("value") })],
  ["Regula, texts of a document", textsOf, () => ({ fieldList: list({ fieldType: 8, value: "value" }) })],
  ["Regula, values of a text", textsOf, () => ({ fieldList: [{ valueList: list({ value: "value" }) }] })],
  ["Regula, pictures of a document", picturesOf, () => ({ valueList: pages() })],
  ["Unico, documents of one id", documentsOf, () => ({ documents: list({ doc_id: "d", signed_url, more: 1 }) })],
  ["Unico, documents without an id", documentsOf, () => ({ documents: list({ signed_url, cpf_match: true }) })],
  ["Unico, fields of a document", documentsOf, () => ({ documents: [{ doc: { code: "RG", data: map("value") } }] })],
  ["Unico, fields of a process", processOf, () => ({ state: "PROCESS_STATE_CREATED", more: map("value") })],
  ["Unico, fields by the other contract", clientOf, () => ({ status: 3, more: list(1) })],
  ["Incode, checks", scoreOf, () => ({ section: list({ key: "k", value: "v", status: "OK" }) })],
  ["Incode, scalars of a score", scoreOf, () => ({ ["n".repeat(1_000_000)]: list("value") })],
  ["Incode, fields of a document", ocrOf, () => map("value")],
  ["Incode, hits", hitsOf, () => ({ hits: list({ name: "A" }) })],
];

describe.each(CASES)(`${MANY} at once: %s`, (_name, read, answer) => {
  it("are read in time, and the event stays small", () => {
    const given = answer();
    const start = Date.now();
    const { statement, vendorData, files } = read(given);
    expect(Date.now() - start).toBeLessThan(MAX_MILLISECONDS);
    expect(sizeOf(composed({ ...statement, vendorData }))).toBeLessThan(MAX_EVENT);
    expect(files.length).toBeLessThanOrEqual(550);
    expect(new Set(files.map(({ id }) => id)).size).toBe(files.length);
    expect(statement.missing?.length).toBeGreaterThan(0);
    expect(statement.missing?.length).toBeLessThan(510);
  });
});

const missingOf = ({ statement }: { statement: ReturnType<typeof ofRegula>["statement"] }) =>
  statement.missing?.map(({ what, why }) => `${what} ${why}`);

describe("of a listing", () => {
  it.each([
    [500, undefined],
    [501, "files too_many"],
    [2000, "files too_many"],
  ])("with %i files five hundred are read, and the rest is one thing that is missing", (length, missing) => {
    const files = Array.from({ length }, (_, index) => ({ id: `f${index}`, url: `/f${index}` }));
    const documents = files.map(({ id, url }) => ({ doc_id: id, signed_url: `https://s.example${url}` }));
    const [regulas, unicos] = [regulaOf({ files }), documentsOf({ documents })];
    expect(regulas.files.map(({ id }) => id)).toEqual(files.slice(0, 500).map(({ id }) => id));
    expect(missingOf(regulas)).toEqual(missing === undefined ? [] : [missing]);
    expect(missingOf(unicos)).toEqual(missing === undefined ? [] : [missing]);
  });

  it("ids, actions and names are of bounded length", () => {
    const long = "x y ".repeat(1250);
    const { files } = regulaOf({ files: [{ id: long, action: long, name: long, contentType: long, url: "/f" }] });
    const [only] = files;
    expect([only?.id, only?.action, only?.name, only?.contentType].map((text) => text?.length)).toEqual([
      256, 256, 256, 256,
    ]);
    const [picture] = documentsOf({ documents: [{ doc_id: long, signed_url }] }).files.slice(-1);
    expect(picture?.id.length).toBe(256);
    expect(missingOf(regulaOf({ files: [{ id: long }] }))?.[0]?.length).toBeLessThan(300);
  });
});

describe("what is extracted", () => {
  const readings: [string, (fields: JsonObject) => ReturnType<typeof ofRegula>][] = [
    ["Regula", (fields) => regulaOf({ properties: fields })],
    ["Unico", (fields) => ofUnico({ "/client/v1/": { process: { state: "PROCESS_STATE_FINISHED", ...fields } } })],
    ["Incode", (fields) => ofIncode({ "/get/score": { overall: { status: "OK" } }, "/get/ocr-data": fields })],
  ];

  it.each(readings)("is whole up to its limit, and what is beyond is missing: %s", (_name, read) => {
    const [whole, more] = [read(map(1, 1000)), read(map(1, 1001))];
    expect([Object.keys(whole.statement.extracted ?? {}).length, missingOf(whole)]).toEqual([1000, []]);
    expect([Object.keys(more.statement.extracted ?? {}).length, missingOf(more)]).toEqual([
      1000,
      ["extracted too_large"],
    ]);
  });

  it.each(readings)("has texts that end, at no half character: %s", (_name, read) => {
    const given = { whole: "é".repeat(4096), long: `${"x".repeat(4095)}😀` };
    const result = read(given);
    expect(result.statement.extracted).toEqual({ whole: given.whole, long: "x".repeat(4095) });
    expect(missingOf(result)).toEqual(["extracted too_large"]);
  });
});

describe("a name of unbelievable length", () => {
  it("is cut, and that is said", () => {
    const result = regulaOf({ properties: { FULL_NAME: "A ".repeat(10_000) } });
    expect(result.statement.person?.fullName?.length).toBe(4096);
    expect(missingOf(result)).toEqual(["person too_large"]);
  });
});

describe("the vendor's own data", () => {
  const wide = (kilobytes: number): JsonObject => ({
    overall: { status: "OK" },
    text: ["x y ".repeat(kilobytes * 256)],
  });

  it("is kept whole where it fits", () => {
    const { vendorData } = ofIncode({ "/get/score": wide(100), "/get/ocr-data": wide(100) });
    expect(vendorData).toEqual({ score: wide(100), ocr: wide(100) });
  });

  it("is left out where it does not, each answer by itself, and that is said", () => {
    const result = ofIncode({ "/get/score": wide(600), "/get/ocr-data": wide(100) });
    expect(result.vendorData).toEqual({ score: {}, ocr: wide(100) });
    expect(missingOf(result)).toContain("vendorData/score too_large");
    expect(result.statement.outcome).toBe("approved");
  });
});

describe("a check that is larger than all may be together", () => {
  it("is left out, and the others stay", () => {
    const small = { key: "small", status: "OK" };
    const { statement } = scoreOf({ section: [{ key: "large", status: "OK", more: "x y ".repeat(100_000) }, small] });
    expect(statement.checks?.map(({ name }) => name)).toEqual(["overall", "small"]);
    expect(statement.missing).toContainEqual({ what: "checks", why: "too_large" });
  });
});

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { isFinal, type OutcomeTable } from "../../src/core/outcome.ts";
import { regula } from "../../src/vendors/regula/adapter.ts";
import { regulaSession } from "../../src/vendors/regula/session.ts";
import type { SessionOptions } from "../../src/vendors/session.ts";
import { composed } from "./adapter.suite.ts";
import {
  documentReaderResult,
  pictures,
  properties,
  resultFile,
  session,
  sessionId,
} from "./fixtures/regula.session.ts";
import { anyAnswer, FAULTS, run, SESSION_OPTIONS, unreadOf, type Answers } from "./session-reading.ts";

const FUZZ = { seed: 20_261_118, numRuns: 300 };

function readWith(
  answers: Answers,
  options: Partial<SessionOptions> = {},
  payload: JsonObject = { sessionId },
  isProven = false,
) {
  const statement = unreadOf(regula.normalize, payload);
  return run(regulaSession.read({ statement, payload, isProven }, { ...SESSION_OPTIONS, ...options }), answers);
}

const readSession = (json: JsonObject, options: Partial<SessionOptions> = {}) =>
  readWith({ "/api/sessions/": json }, options).read;

const statementOf = (json: JsonObject, outcomes: OutcomeTable = {}) => readSession(json, { outcomes }).statement;

describe("an answer that names another session", () => {
  it("decides nothing, whatever it says", () => {
    for (const other of [{ id: "somebody-else" }, { sessionId: sessionId.toUpperCase() }]) {
      const { statement, isConfirmed } = readSession({ ...other, status: 2 });
      expect([isConfirmed, statement.outcome]).toEqual([false, "unknown"]);
      expect(statement.missing).toEqual([{ what: "session", why: "unreadable" }]);
    }
    expect(readSession({ id: sessionId, status: 2 }).isConfirmed).toBe(true);
  });
});

describe("a property that the workflow's author named", () => {
  const own = { APELLIDO: "MUESTRA", NACIDO: "1990-02-03", VIVO: 0, SURNAME: "OTHER", REST: "kept" };
  const names = { APELLIDO: "person.familyName", NACIDO: "person.birthDate", VIVO: "checks.liveness" } as const;

  it("is what the configuration says, before one that bears the usual name; without it, it is kept as it is", () => {
    const read = (named: SessionOptions["properties"]) =>
      readSession({ status: 2, properties: own }, { properties: named }).statement;
    expect(read(names)).toMatchObject({
      person: { familyName: "MUESTRA", birthDate: "1990-02-03" },
      checks: [{ kind: "liveness", result: "pass" }],
      extracted: { REST: "kept" },
    });
    expect(read({})).toMatchObject({ person: { familyName: "OTHER" }, extracted: { APELLIDO: "MUESTRA", VIVO: 0 } });
  });
});

const checksOf = (values: JsonObject) => statementOf({ status: 2, properties: values }).checks;

describe("a session that is read back", () => {
  it("says everything that is known of it", () => {
    const { read, requests } = readWith({ "/api/sessions/": session });
    expect(requests).toEqual([
      { method: "GET", url: `https://idv.example/api/sessions/${sessionId}`, withCredential: true },
    ]);
    expect(read.isConfirmed).toBe(true);
    expect(composed(read.statement)).toMatchObject({ type: "idv.session.finished", outcome: "approved" });
    expect(composed(read.statement).data).toEqual({
      session: {
        id: sessionId,
        flow: "wf-1",
        vendorStatus: "2",
        outcome: "approved",
        final: true,
        basis: "signature",
      },
      person: {
        fullName: "ANA SAMPLE",
        givenName: "ANA",
        familyName: "SAMPLE",
        birthDate: "1990-02-03",
        nationality: "BRA",
      },
      document: { number: "X1234567" },
      checks: [
        { kind: "document", name: "FULL_AUTH_OVERALL_STATUS", result: "pass", vendorValue: 1 },
        { kind: "document", name: "RFID_STATUS", result: "not_performed", vendorValue: 2 },
        { kind: "document", name: "MRZ_STATUS", result: "fail", vendorValue: 0 },
        { kind: "liveness", name: "LIVENESS_STATUS", result: "pass", vendorValue: 0 },
        { kind: "face_match", name: "LIVENESS_DOC_SIMILARITY", result: "unknown", score: 0.93, vendorValue: 0.93 },
      ],
      extracted: { AGE: 36, TRANSACTION_ID: "trx-1", DOCREADER_SCENARIO_completed: true, locale: "pt" },
    });
  });

  it("is kept as it came, without what is signed in its URLs", () => {
    const kept = JSON.stringify(readSession(session).vendorData);
    expect(kept).toContain("https://storage.example/f1");
    expect(kept).toContain("/api/files/photo");
    expect(kept).not.toContain("s3cret");
  });

  it("is asked for by one segment of a path", () => {
    const ask = (id: string) => readWith({}, {}, { sessionId: id });
    expect(ask("a/../b?c").requests[0]?.url).toBe("https://idv.example/api/sessions/a%2F..%2Fb%3Fc");
    for (const id of ["..", ".", "\ud800"]) {
      const { read, requests } = ask(id);
      expect(requests).toEqual([]);
      expect(read.statement.missing).toEqual([{ what: "session", why: "refused" }]);
    }
  });

  it.each(FAULTS)("leaves the webhook's word when it is %s, and says so", (why) => {
    const { read } = readWith({ "/api/sessions/": why });
    expect(read).toMatchObject({ isConfirmed: false, files: [], vendorData: {} });
    expect(read.statement).toMatchObject({ outcome: "unknown", missing: [{ what: "session", why }] });
  });

  it("keeps what a proven webhook brought, and wins where both speak", () => {
    const payload = { sessionId, locale: "en", campaign: "spring", event: "done" };
    const { statement } = readWith({ "/api/sessions/": session }, {}, payload, true).read;
    expect(statement.extracted).toMatchObject({ locale: "pt", campaign: "spring" });
    expect(statement.session.vendorEvent).toBe("done");
  });
});

describe("a status", () => {
  it.each([
    [0, "idv.session.progress", "pending", undefined],
    [1, "idv.session.finished", "declined", undefined],
    [2, "idv.session.finished", "approved", undefined],
    ["2", "idv.session.finished", "approved", undefined],
    [3, "idv.session.updated", "approved", "human"],
    [4, "idv.session.finished", "review", undefined],
    [1000, "idv.session.updated", "declined", "human"],
    ["1000", "idv.session.updated", "declined", "human"],
  ])("%j is %s and %s", (status, type, outcome, decidedBy) => {
    const { statement, isConfirmed } = readSession({ status });
    expect(statement).toMatchObject({ type, outcome, session: { vendorStatus: String(status) }, missing: [] });
    expect(statement.session.decidedBy).toBe(decidedBy);
    expect(isConfirmed).toBe(true);
  });

  it.each([5, -2, 2.5, "02", "2.0", "verified", "approved", "constructor", "__proto__"])(
    "%j, which nobody has seen, is progress and unknown",
    (status) => {
      expect(statementOf({ status })).toMatchObject({ type: "idv.session.progress", outcome: "unknown" });
    },
  );

  it.each([undefined, null, true, "", [2], { code: 2 }])("that is %j is none, and the verdict is missing", (status) => {
    const { statement, isConfirmed } = readSession(status === undefined ? {} : { status });
    expect(statement).toMatchObject({ outcome: "unknown", missing: [{ what: "status", why: "not_sent" }] });
    expect(isConfirmed).toBe(false);
  });

  it("means what the source says it means", () => {
    expect(statementOf({ status: 2 }, { "2": "review" }).outcome).toBe("review");
    expect(statementOf({ status: 7 }, { "7": "declined" })).toMatchObject({
      type: "idv.session.finished",
      outcome: "declined",
    });
    expect(statementOf({ status: 0 }, { "0": "expired" })).toMatchObject({
      type: "idv.session.finished",
      outcome: "expired",
    });
  });
});

describe("properties", () => {
  const asList = (name: "id" | "name" | "key"): Json =>
    Object.entries(properties).map(([key, value]) =>
      typeof value === "object" ? { [name]: key, ...value } : { [name]: key, value },
    );
  const asValues = Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, typeof value === "object" ? value : { value }]),
  );

  it.each([
    ["a list by id", asList("id")],
    ["a list by name", asList("name")],
    ["a list by key", asList("key")],
    ["a map of objects", asValues],
  ])("as %s say what a map of values says", (_form, other) => {
    const { statement, files } = readSession({ ...session, properties: other });
    const expected = readSession(session);
    expect(statement).toEqual(expected.statement);
    expect(files.map(({ id, request }) => [id, request])).toEqual(
      expected.files.map(({ id, request }) => [id, request]),
    );
  });

  it.each([
    ["FULL_AUTH_OVERALL_STATUS", 1, "pass"],
    ["FULL_AUTH_OVERALL_STATUS", "1", "pass"],
    ["FULL_AUTH_OVERALL_STATUS", 0, "fail"],
    ["RFID_STATUS", 2, "not_performed"],
    ["MRZ_STATUS", 9, "unknown"],
    ["LIVENESS_STATUS", 0, "pass"],
    ["LIVENESS_STATUS", "0", "pass"],
    ["LIVENESS_STATUS", 1, "fail"],
    ["LIVENESS_STATUS", 404, "unknown"],
  ])("%s of %j is %s", (name, value, result) => {
    expect(checksOf({ [name]: value })).toMatchObject([{ name, result, vendorValue: value }]);
  });

  it("compare faces without a verdict: how alike is enough is the workflow's own", () => {
    expect(checksOf({ LIVENESS_DOC_SIMILARITY: 0.99 })).toMatchObject([{ result: "unknown", score: 0.99 }]);
    expect(checksOf({ LIVENESS_DOC_SIMILARITY: "0.5" })).toMatchObject([{ result: "unknown", score: 0.5 }]);
    expect(checksOf({ LIVENESS_DOC_SIMILARITY: 93 })?.[0]).not.toHaveProperty("score");
  });

  it("that cannot be converted stay under their own names", () => {
    const { person, extracted } = statementOf({ properties: { DATE_OF_BIRTH: "03/02/1990", NATIONALITY: "Brazil" } });
    expect(person).toEqual({});
    expect(extracted).toEqual({ DATE_OF_BIRTH: "03/02/1990", NATIONALITY: "Brazil" });
  });
});

describe("files", () => {
  const described = { id: "f", contentType: "image/jpeg", url: "/f" };
  const filesOf = (files: Json, more: JsonObject = {}) => readSession({ status: 2, files, ...more });

  it("are listed with where they are, and whose credential they take", () => {
    expect(readSession(session).files).toEqual([
      {
        id: "f1",
        kind: "other",
        action: "DOCREADER_SCENARIO",
        contentType: "image/jpeg",
        request: { method: "GET", url: "https://storage.example/f1?sig=s3cret", withCredential: true },
      },
      {
        id: "f2",
        kind: "liveness.video",
        action: "GET_LIVENESS_VIDEO",
        name: "v",
        contentType: "video/mp4",
        request: { method: "GET", url: "https://idv.example/api/files/f2", withCredential: true },
      },
      {
        id: "DOC_PHOTO",
        kind: "document.portrait",
        contentType: "image/jpeg",
        request: { method: "GET", url: "https://idv.example/api/files/photo?signature=s3cret", withCredential: true },
      },
    ]);
  });

  it.each<[string, Json]>([
    [
      "a list",
      [
        { id: "a", url: "/a" },
        { id: "b", url: "https://idv.example/b" },
      ],
    ],
    ["a map", { a: { url: "/a" }, b: { url: "/b" } }],
    ["a map of URLs", { a: "/a", b: "https://idv.example/b" }],
    ["a map of lists", { any: [{ id: "a", url: "/a" }], b: [{ id: "b", url: "b" }] }],
  ])("may come as %s", (_form, files) => {
    expect(filesOf(files).files.map(({ id, request }) => [id, request.url])).toEqual([
      ["a", "https://idv.example/a"],
      ["b", "https://idv.example/b"],
    ]);
  });

  it.each([
    [{ id: "DOC_PHOTO" }, "document.portrait"],
    [{ id: "RFID_PHOTO" }, "document.portrait"],
    [{ id: "LIVENESS_PORTRAIT" }, "selfie"],
    [{ id: "x", action: "GET_LIVENESS_PORTRAIT" }, "selfie"],
    [{ id: "LIVENESS_VIDEO" }, "liveness.video"],
    [{ id: "DOC_VIDEO" }, "document.video"],
    [{ id: "frontSide" }, "document.front"],
    [{ id: "x", name: "document-back.jpg" }, "document.back"],
    [{ id: "background" }, "other"],
    [{ id: "match_request", contentType: "application/json" }, "http.request"],
    [{ id: "match_response", contentType: "application/json; charset=utf-8" }, "http.response"],
    [{ id: "GET_LIVENESS_PORTRAIT", contentType: "application/json" }, "other"],
    [{ id: "x", contentType: "application/pdf" }, "report"],
  ])("%j is %s", (file, kind) => {
    expect(filesOf([{ ...described, ...file }]).files).toMatchObject([{ kind }]);
  });

  it("of one id get ids of their own, the same ones each time", () => {
    const ids = () => filesOf([described, described, { ...described, id: "f-2" }]).files.map(({ id }) => id);
    expect(ids()).toEqual(["f", "f-3", "f-2"]);
    expect(ids()).toEqual(ids());
  });

  it("without a URL that can be fetched are missing", () => {
    const files = [{ id: "a" }, { id: "b", url: "file:///etc/passwd" }, { id: "c", url: "data:text/plain,x" }];
    const { statement, files: found } = filesOf(files, {
      properties: { DOC_PHOTO: "storage/key/1", RFID_PHOTO: null },
    });
    expect(found).toEqual([]);
    expect(statement.missing).toEqual(
      ["a", "b", "c", "DOC_PHOTO"].map((id) => ({ what: `files/${id}`, why: "no_url" })),
    );
  });

  it("that are listed are not missing as properties", () => {
    const { statement, files } = filesOf([{ id: "DOC_PHOTO", url: "/p" }], {
      properties: { DOC_PHOTO: "storage/key/1" },
    });
    expect(files).toHaveLength(1);
    expect(statement.missing).toEqual([]);
  });
});

describe("the Document Reader's result", () => {
  const withResult = { ...session, files: [resultFile] };

  it("completes what the properties leave out, and contradicts none", () => {
    const { read, requests } = readWith({ "/api/sessions/": withResult, "/api/files/result": documentReaderResult });
    expect(requests[1]).toEqual({
      method: "GET",
      url: "https://idv.example/api/files/result",
      withCredential: true,
      followsRedirects: true,
    });
    expect(read.statement.person).toMatchObject({ familyName: "SAMPLE", gender: "F" });
    expect(read.statement.document).toEqual({
      type: "passport",
      number: "X1234567",
      country: "BRA",
      expiresOn: "2031-05-06",
    });
    expect(read.statement.extracted).toMatchObject({ Authority: "SSP", DATE_OF_ISSUE: "06.05.2021" });
    expect(read.statement.missing).toEqual([]);
  });

  it("counts by the first field of a kind that is in Latin letters", () => {
    const bare = { ...withResult, properties: {} };
    const { statement } = readWith({ "/api/sessions/": bare, "/api/files/result": documentReaderResult }).read;
    expect(statement.person?.familyName).toBe("OTHER");
  });

  it("is a file, and so is each picture in it", () => {
    const { files } = readWith({ "/api/sessions/": withResult, "/api/files/result": documentReaderResult }).read;
    const request = { method: "GET", url: "https://idv.example/api/files/result", withCredential: true };
    const action = "DOCREADER_SCENARIO";
    expect(files.filter((file) => file.action === action)).toEqual([
      { id: action, kind: "report", action, contentType: "application/json", request },
      { id: `${action}.document.portrait.0`, kind: "document.portrait", action, request, inline: pictures.portrait },
      { id: `${action}.document.front.0`, kind: "document.front", action, request, inline: pictures.front },
      { id: `${action}.document.back.1`, kind: "document.back", action, request, inline: pictures.back },
    ]);
  });

  it.each(FAULTS)("that is %s is kept as a file at most, and said to be missing", (why) => {
    const { read } = readWith({ "/api/sessions/": withResult, "/api/files/result": why });
    expect(read.statement).toMatchObject({ outcome: "approved", missing: [{ what: "docreader", why }] });
    expect(read.files.map(({ id }) => id)).toEqual(["DOCREADER_SCENARIO", "DOC_PHOTO"]);
  });

  it("may stand in the session itself, whose data then keeps no bytes", () => {
    const large = new Uint8Array(3000).fill(7);
    const bytes = { fieldType: 201, valueList: [{ value: large.toBase64() }] };
    const result = { ContainerList: { List: [{ Images: { fieldList: [bytes] } }] } };
    const { read, requests } = readWith({
      "/api/sessions/": { ...withResult, properties: { DOCREADER_SCENARIO: { value: result } } },
    });
    expect(requests).toHaveLength(1);
    expect(read.files[1]).toMatchObject({ kind: "document.portrait", inline: large });
    expect(JSON.stringify(read.vendorData).length).toBeLessThan(1000);
    expect(Object.keys(read.statement.extracted ?? {}).join()).not.toContain("ContainerList");
  });

  it("is looked for in two files at most", () => {
    const files = Array.from({ length: 5 }, (_, index) => ({ ...resultFile, id: `f${index}` }));
    const { requests } = readWith({ "/api/sessions/": { ...session, files }, "/api/files/": {} });
    expect(requests).toHaveLength(3);
  });
});

describe("a session of any shape", () => {
  const answers = anyAnswer([session, { ...session, files: [resultFile] }, documentReaderResult]);

  it("is read without a throw, and approved only by its status", () => {
    fc.assert(
      fc.property(answers, answers, (first, second) => {
        const { read } = readWith({ "/api/sessions/": first, "": second });
        const isApproving = [2, 3, "2", "3"].includes(first["status"] as number);
        expect(read.statement.outcome === "approved").toBe(isApproving);
        expect(isFinal(read.statement.outcome) && !read.isConfirmed).toBe(false);
        const ids = read.files.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        composed(read.statement);
      }),
      FUZZ,
    );
  });
});

describe("the credential", () => {
  it("is the key, and nothing without one", () => {
    expect(regulaSession.authorize({ apiKey: "k" }, undefined, SESSION_OPTIONS)).toEqual({ authorization: "Apikey k" });
    expect(regulaSession.authorize({}, undefined, SESSION_OPTIONS)).toBeUndefined();
    expect(regulaSession.token).toBeUndefined();
  });
});

describe("a body for a session whose webhook never came", () => {
  it.each([[["/sessionId"]], [["/session/id", "/id"]], [["/a~1b/0/__proto__"]], [[]]])(
    "is identified at %j",
    (pointers) => {
      const sessionIdAt = pointers.length > 0 ? pointers : SESSION_OPTIONS.sessionIdAt;
      const payload = regulaSession.webhookOf(sessionId, { ...SESSION_OPTIONS, sessionIdAt: pointers });
      const parsed = JSON.parse(JSON.stringify(payload)) as JsonObject;
      expect(regula.identify(parsed, { ...SESSION_OPTIONS, sessionIdAt })).toEqual({
        ok: true,
        identity: { names: ["session"], sessionId },
      });
    },
  );
});

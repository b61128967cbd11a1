import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { incode } from "../../src/vendors/incode/adapter.ts";
import { incodeSession } from "../../src/vendors/incode/session.ts";
import type { SessionOptions } from "../../src/vendors/session.ts";
import { composed, OPTIONS } from "./adapter.suite.ts";
import { ocr, scoreOf } from "./fixtures/incode.session.ts";
import { sessionWebhook, statusWebhook, watchlist } from "./fixtures/incode.ts";
import { anyAnswer, FAULTS, run, SESSION_OPTIONS, unreadOf, type Answers } from "./session-reading.ts";

const FUZZ = { seed: 20_261_119, numRuns: 300 };

const { interviewId } = watchlist;
const finished = statusWebhook("ONBOARDING_FINISHED");

interface Setting {
  isProven?: boolean;
  options?: Partial<SessionOptions>;
}

function readWith(payload: JsonObject, answers: Answers, { isProven = true, options = {} }: Setting = {}) {
  const sessionOptions = { ...SESSION_OPTIONS, ...options };
  const statement = unreadOf(incode.normalize, payload, sessionOptions);
  return run(incodeSession.read({ statement, payload, isProven }, sessionOptions), answers);
}

const scored = (status: string): Answers => ({ "/get/score": scoreOf(status), "/get/ocr-data": ocr });

const readFinished = (answers: Answers, setting?: Setting) => readWith(finished, answers, setting).read;

const readOcr = (fields: JsonObject) => readFinished({ "/get/ocr-data": fields }).statement;

describe("the end of an onboarding", () => {
  it("is told with everything that is read back", () => {
    const { read, requests } = readWith(finished, scored("OK"));
    expect(requests).toEqual(
      ["score", "ocr-data"].map((what) => ({
        method: "GET",
        url: `https://idv.example/omni/get/${what}?id=${interviewId}`,
        withCredential: true,
      })),
    );
    expect(read.isConfirmed).toBe(true);
    expect(composed(read.statement).data).toMatchObject({
      session: { outcome: "approved", vendorEvent: "ONBOARDING_FINISHED", vendorStatus: "OK", externalId: "cust-881" },
      person: {
        fullName: "ANA SAMPLE EXAMPLE",
        givenName: "ANA",
        familyName: "SAMPLE EXAMPLE",
        birthDate: "1966-01-01",
        gender: "F",
        address: {
          formatted: "1 TEST ROAD SAMPLETOWN",
          street: "1 TEST ROAD",
          city: "SAMPLETOWN",
          region: "CDMX",
          postalCode: "01000",
        },
      },
      document: {
        type: "driving_permit",
        number: "S123",
        country: "USA",
        issuedOn: "2019-05-01",
        expiresOn: "2029-04-30",
      },
    });
    expect(composed(read.statement).data.extracted).toEqual({
      clientId: "acme",
      "name.machineReadableFullName": "ANA<SAMPLE",
      "addressFields.colony": "CENTRO",
      issuingState: "FLORIDA",
      issueDate: 2019,
      expirationDate: 2029,
      "ocrDataConfidence.birthDateConfidence": 0.98,
      "faceRecognition.existingUser": false,
    });
    expect(read.statement.missing).toEqual([]);
    expect(read.vendorData).toEqual({ score: scoreOf("OK"), ocr });
  });

  it.each([
    ["OK", "approved", undefined],
    ["FAIL", "declined", undefined],
    ["WARN", "review", undefined],
    ["UNKNOWN", "unknown", undefined],
    ["MANUAL", "review", undefined],
    ["MANUAL_PENDING", "review", undefined],
    ["MANUAL_OK", "approved", "human"],
    ["MANUAL_FAIL", "declined", "human"],
    ["ok", "unknown", undefined],
    ["APPROVED", "unknown", undefined],
    ["constructor", "unknown", undefined],
  ])("with a score of %s is %s", (status, outcome, decidedBy) => {
    const { statement } = readFinished(scored(status));
    expect(statement).toMatchObject({ type: "idv.session.finished", outcome, session: { vendorStatus: status } });
    expect(statement.session.decidedBy).toBe(decidedBy);
  });

  it("may have its score's meaning overridden", () => {
    const { statement } = readFinished(scored("WARN"), { options: { outcomes: { WARN: "declined" } } });
    expect(statement.outcome).toBe("declined");
  });

  it.each(FAULTS)("with a score that is %s has no verdict, and says so", (why) => {
    const { statement, isConfirmed } = readFinished({ "/get/score": why, "/get/ocr-data": ocr });
    expect(statement).toMatchObject({ outcome: "unknown", missing: [{ what: "score", why }] });
    expect(statement.person?.givenName).toBe("ANA");
    expect(isConfirmed).toBe(false);
  });

  it.each<JsonObject>([
    {},
    { overall: null },
    { overall: { value: "100" } },
    { overall: { status: 1 } },
    { status: "OK" },
  ])("with a score of %j has no verdict: numbers decide nothing", (score) => {
    const { statement } = readFinished({ "/get/score": score, "/get/ocr-data": {} });
    expect(statement.outcome === "unknown").toBe(true);
  });

  it("without an overall status says that this is missing", () => {
    const { statement, isConfirmed } = readFinished({ "/get/score": {}, "/get/ocr-data": {} });
    expect(statement.missing).toEqual([{ what: "score.overall.status", why: "not_sent" }]);
    expect(isConfirmed).toBe(false);
  });

  it("is read only as far as the source wishes", () => {
    const only = (...fetch: SessionOptions["fetch"]) => readWith(finished, scored("OK"), { options: { fetch } });
    expect(only("score").requests).toHaveLength(1);
    expect(only("score").read.files).toEqual([]);
    expect(only("ocr").read.statement).toMatchObject({ outcome: "unknown", missing: [] });
    expect(only("images")).toMatchObject({ requests: [], read: { files: { length: 6 } } });
  });
});

describe("a webhook with a verdict of its own", () => {
  const verdicts = [
    [statusWebhook("MANUAL_REVIEW_APPROVED"), "approved", "human"],
    [statusWebhook("MANUAL_REVIEW_REJECTED"), "declined", "human"],
    [sessionWebhook("SESSION_SUCCEEDED"), "approved", undefined],
    [sessionWebhook("SESSION_FAILED"), "declined", undefined],
    [sessionWebhook("SESSION_PENDING_REVIEW"), "review", undefined],
  ] as const;

  it.each(verdicts)("keeps it when it is proven: %j", (payload, outcome, decidedBy) => {
    for (const answers of [scored("FAIL"), scored("OK"), {}]) {
      const { statement } = readWith(payload, answers).read;
      expect(statement.outcome).toBe(outcome);
      expect(statement.session.decidedBy).toBe(decidedBy);
    }
  });

  it.each(verdicts)("has it confirmed only by a score that says the same: %j", (payload, outcome) => {
    const confirming = { approved: "OK", declined: "FAIL", review: "WARN" }[outcome];
    expect(readWith(payload, scored(confirming)).read.isConfirmed).toBe(true);
    expect(readWith(payload, scored("UNKNOWN")).read.isConfirmed).toBe(false);
    expect(readWith(payload, {}).read.isConfirmed).toBe(false);
  });

  it.each(verdicts)("has none when it is not proven: the score decides, and nobody without it: %j", (payload) => {
    const outcomeBy = (answers: Answers) => readWith(payload, answers, { isProven: false }).read.statement.outcome;
    expect([scored("OK"), scored("FAIL"), scored("WARN"), {}].map(outcomeBy)).toEqual([
      "approved",
      "declined",
      "review",
      "unknown",
    ]);
  });

  it("that names a human and is not proven is not believed: the score may name one", () => {
    const decidedBy = (answers: Answers) =>
      readWith(statusWebhook("MANUAL_REVIEW_APPROVED"), answers, { isProven: false }).read.statement.session.decidedBy;
    expect([scored("OK"), scored("FAIL"), scored("MANUAL_FAIL"), {}].map(decidedBy)).toEqual([
      undefined,
      undefined,
      "human",
      undefined,
    ]);
  });

  it("is nothing without an interview to read, unless it is proven", () => {
    const payload = { event_type: "SESSION_SUCCEEDED", externalId: "cust-881" };
    const { read, requests } = readWith(payload, scored("OK"), { isProven: false });
    expect(requests).toEqual([]);
    expect(read).toMatchObject({ statement: { outcome: "unknown" }, files: [] });
    expect(readWith(payload, scored("OK")).read.statement.outcome).toBe("approved");
  });
});

describe("an expired session", () => {
  const expired = statusWebhook("EXPIRED");

  it.each(["gone", "rejected"] as const)("misses nothing that is %s", (why) => {
    const { statement } = readWith(expired, { "/get/score": why, "/get/ocr-data": why }).read;
    expect(statement).toMatchObject({ outcome: "expired", missing: [] });
  });

  it("misses what could not be read for another reason", () => {
    const { statement } = readWith(expired, { "/get/score": "forbidden" }).read;
    expect(statement.missing).toEqual([{ what: "score", why: "forbidden" }]);
  });
});

describe("a session that goes on", () => {
  it.each(["UNKNOWN", "ID_VALIDATION_FINISHED", "FACE_VALIDATION_FINISHED"])("is not read at %s", (status) => {
    const statement = unreadOf(incode.normalize, statusWebhook(status));
    const read = incodeSession.read({ statement, payload: {}, isProven: true }, SESSION_OPTIONS).next();
    expect(read).toEqual({ done: true, value: { statement, isConfirmed: false, files: [], vendorData: {} } });
  });

  it("may be what a word stands for that nobody has heard of: its score decides nothing", () => {
    const { read } = readWith(statusWebhook("SECOND_THOUGHTS"), scored("OK"));
    expect(read).toMatchObject({ statement: { type: "idv.session.progress", outcome: "unknown" }, isConfirmed: false });
    expect(read.statement.checks?.length).toBeGreaterThan(0);
  });

  it("is never ended by reading it", () => {
    for (const isProven of [true, false]) {
      const { requests } = readWith(finished, {}, { isProven });
      expect(requests.map(({ url }) => url).join()).not.toContain("finish-status");
    }
  });
});

describe("a score", () => {
  it("gives every check, of the kind of its section", () => {
    expect(readFinished(scored("OK")).statement.checks).toEqual([
      { kind: "document", name: "tamperCheck", result: "pass", vendorValue: "PASSED" },
      { kind: "document", name: "screenIdLiveness", result: "review", vendorValue: "OK" },
      { kind: "document", name: "documentExpired", result: "pass", vendorValue: "100" },
      {
        kind: "document",
        name: "lastNameMatch",
        result: "fail",
        vendorValue: "lastNameMatch",
        details: { reason: "differs" },
      },
      { kind: "document", name: "idValidation", result: "pass", score: 0.97, vendorValue: "97.0" },
      { kind: "face_match", name: "faceRecognition", result: "pass", vendorValue: "250" },
      { kind: "database", name: "recognitionConfidence", result: "review", vendorValue: "88" },
      { kind: "document", name: "overallConfidence", result: "pass", score: 0.99, vendorValue: "99.0" },
      { kind: "watchlist", name: "sanctions", result: "unknown", vendorValue: 0 },
      { kind: "other", name: "overall", result: "pass", score: 0.982, vendorValue: "98.2" },
    ]);
  });
});

describe("what was read from the document", () => {
  it.each([
    [633_830_400_000, "1990-02-01"],
    ["633830400000", "1990-02-01"],
    [-1, "1969-12-31"],
    [0, "1970-01-01"],
    [-2_208_988_800_000, "1900-01-01"],
    ["1990-02-03", "1990-02-03"],
    [1990, undefined],
    ["1990", undefined],
    ["03/02/1990", undefined],
    [8.64e15, undefined],
    ["99999999999999999999", undefined],
    [1.5, undefined],
  ])("has %j as the date %s", (birthDate, date) => {
    const { person, extracted } = readOcr({ birthDate });
    expect(person?.birthDate).toBe(date);
    expect(Object.hasOwn(extracted ?? {}, "birthDate")).toBe(date === undefined);
  });

  it("has no date that is a bare year", () => {
    const { document, extracted } = readOcr({
      issueDate: 2019,
      expirationDate: 2029,
      issuedAt: "2019",
      expireAt: 2029,
    });
    expect(document).toEqual({});
    expect(extracted).toMatchObject({ issueDate: 2019, expirationDate: 2029, issuedAt: "2019", expireAt: 2029 });
  });

  it.each([
    ["Passport", "passport"],
    ["DriversLicense", "driving_permit"],
    ["DRIVERS_LICENSE", "driving_permit"],
    ["IdentificationCard", "idcard"],
    ["ResidencePermit", "residence_permit"],
    ["LibraryCard", undefined],
  ])("of type %s is a %s", (typeOfId, type) => {
    expect(readOcr({ typeOfId }).document?.type).toBe(type);
  });

  it("may be wrapped", () => {
    const plain = readOcr(ocr);
    expect(readOcr({ ocrData: ocr })).toEqual(plain);
  });

  it("has what the score has no fields for beside it, and keeps no bytes", () => {
    const { read } = readWith(finished, { "/get/ocr-data": { ...ocr, signature: "A".repeat(4000) } });
    expect(JSON.stringify([read.vendorData, read.statement.extracted])).not.toContain("AAAA");
  });
});

describe("pictures", () => {
  it("are asked for one at a time, each of which may not be there", () => {
    const { files } = readFinished(scored("OK"));
    expect(files.map(({ id, kind }) => [id, kind])).toEqual([
      ["selfie", "selfie"],
      ["croppedFace", "document.portrait"],
      ["fullFrameFrontID", "document.front"],
      ["fullFrameBackID", "document.back"],
      ["croppedFrontID", "document.front"],
      ["croppedBackID", "document.back"],
    ]);
    for (const { id, base64At, isOptional, request } of files) {
      expect([base64At, isOptional]).toEqual([id, true]);
      expect(request).toEqual({
        method: "POST",
        url: `https://idv.example/omni/get/images?id=${interviewId}`,
        withCredential: true,
        body: JSON.stringify({ images: [id] }),
      });
    }
  });

  it("are of the interview, whatever its id would do to a URL", () => {
    const { read, requests } = readWith({ ...finished, interviewId: "a&b=/../\ud800?" }, {});
    for (const { url } of [...requests, ...read.files.map(({ request }) => request)]) {
      expect([...new URL(url).searchParams.keys()]).toEqual(["id"]);
    }
  });
});

describe("a watchlist notice that nobody proved", () => {
  const hits = [{ name: "SAMPLE, A" }];
  const readUnproven = (answers: Answers) => readWith(watchlist, answers, { isProven: false });

  it("is of its interview if the vendor answers to that, and nothing else of it remains", () => {
    const { read, requests } = readUnproven({ [`id=${interviewId}`]: { hits } });
    expect(requests).toHaveLength(1);
    expect(read.isConfirmed).toBe(true);
    expect(read.statement).toMatchObject({ type: "idv.watchlist.updated", outcome: "unknown", missing: [] });
    expect([read.statement.session, read.statement.watchlist]).toEqual([{ id: interviewId }, { hits }]);
  });

  it.each([
    [watchlist.ref, { ref: watchlist.ref }],
    [watchlist.search_id, { searchId: watchlist.search_id }],
  ])("does not put the hits of the search %s beside a session that it names", (found, ids) => {
    const { read } = readUnproven({ [`ref=${found}`]: { hits } });
    expect([read.statement.session.id, read.statement.watchlist]).toEqual([undefined, { ...ids, hits }]);
  });

  it("that finds nothing is not confirmed, nor is an answer without hits", () => {
    expect(readUnproven({}).read.isConfirmed).toBe(false);
    for (const isProven of [true, false]) {
      expect(readWith(watchlist, { "": { note: "x" } }, { isProven }).read.isConfirmed).toBe(false);
    }
  });
});

describe("a watchlist notice", () => {
  const hits = [{ name: "SAMPLE, A", url: "https://list.example/1?token=s3cret" }];
  const kept = [{ name: "SAMPLE, A", url: "https://list.example/1" }];
  const urlsOf = (answers: Answers, payload: JsonObject = watchlist) =>
    readWith(payload, answers).requests.map(({ url }) => url.replace("https://idv.example/omni/", ""));

  it.each<JsonObject>([{ hits }, { data: { hits } }, { content: { data: { hits } } }, { data: hits }])(
    "finds its hits in %j",
    (answer) => {
      const { read, requests } = readWith(watchlist, { "updated-watchlist-result": answer });
      expect(requests).toHaveLength(1);
      expect(read).toMatchObject({ isConfirmed: true, files: [] });
      expect(read.statement).toMatchObject({ type: "idv.watchlist.updated", outcome: "unknown", missing: [] });
      expect(read.statement.watchlist).toEqual({ ref: watchlist.ref, searchId: watchlist.search_id, hits: kept });
      expect(JSON.stringify(read.vendorData["watchlist"])).not.toContain("s3cret");
    },
  );

  it("is asked for by its reference, then by its search, then by its interview", () => {
    const all = [
      `updated-watchlist-result?ref=${watchlist.ref}`,
      `updated-watchlist-result?ref=${watchlist.search_id}`,
      `updated-watchlist-result?id=${interviewId}`,
    ];
    expect(urlsOf({})).toEqual(all);
    expect(urlsOf({ [`ref=${watchlist.ref}`]: "rejected", "ref=": { hits } })).toEqual(all.slice(0, 2));
    expect(urlsOf({ "": "forbidden" })).toEqual(all.slice(0, 1));
    expect(urlsOf({}, { search_id: "998877665" })).toEqual(["updated-watchlist-result?ref=998877665"]);
  });

  it.each(FAULTS)("whose result is %s says so", (why) => {
    const { statement, isConfirmed } = readWith(watchlist, { "": why }).read;
    expect(statement.missing).toEqual([{ what: "watchlist", why }]);
    expect(isConfirmed).toBe(false);
  });
});

describe("an answer of any shape", () => {
  const payloads = [finished, sessionWebhook("SESSION_SUCCEEDED"), statusWebhook("EXPIRED"), watchlist];
  const answers = anyAnswer([scoreOf("OK"), ocr, { ocrData: ocr }, { data: { hits: [] } }]);

  it("is read without a throw, and what is not proven is approved only by the score's status", () => {
    fc.assert(
      fc.property(fc.constantFrom<JsonObject>(...payloads), answers, answers, (payload, score, read) => {
        const given = { "/get/score": score, "": read };
        const { statement } = readWith(payload, given, { isProven: false }).read;
        const { overall } = score as { overall?: { status?: unknown } };
        const isApproving = payload !== watchlist && ["OK", "MANUAL_OK"].includes(overall?.status as string);
        expect(statement.outcome === "approved").toBe(isApproving);
        composed(statement);
      }),
      FUZZ,
    );
  });
});

describe("access", () => {
  const options = { ...SESSION_OPTIONS, baseUrl: "https://api.incode.example/0", email: "bot@company.example" };
  const secrets = { apiKey: "k", password: "p" };

  it("is asked for by logging in, without the path segment of other calls", async () => {
    expect(await incodeSession.token?.(SESSION_OPTIONS)?.request(options, secrets, 0)).toEqual({
      url: "https://api.incode.example/executive/log-in",
      headers: { "x-api-key": "k", "api-version": "1.0", "content-type": "application/json" },
      body: '{"email":"bot@company.example","password":"p"}',
    });
  });

  it("is not asked for without all it takes", async () => {
    const ask = incodeSession.token?.(SESSION_OPTIONS)?.request;
    expect(await ask?.({ ...options, email: undefined }, secrets, 0)).toBeUndefined();
    expect(await ask?.(options, { apiKey: "k" }, 0)).toBeUndefined();
    expect(await ask?.(options, { password: "p" }, 0)).toBeUndefined();
  });

  it.each<[JsonObject, unknown]>([
    [{ token: "t" }, { token: "t" }],
    [{ token: "" }, undefined],
    [{ token: null }, undefined],
    [{}, undefined],
  ])("is read from %j", (json, token) => {
    expect(incodeSession.token?.(SESSION_OPTIONS)?.read(json)).toEqual(token);
  });

  it("takes the key and the token", () => {
    expect(incodeSession.authorize({ apiKey: "k" }, "t", SESSION_OPTIONS)).toEqual({
      "x-api-key": "k",
      "api-version": "1.0",
      "X-Incode-Hardware-Id": "t",
    });
    expect(incodeSession.authorize({ apiKey: "k" }, undefined, SESSION_OPTIONS)).toBeUndefined();
    expect(incodeSession.authorize({}, "t", SESSION_OPTIONS)).toBeUndefined();
  });
});

describe("a body for a session whose webhook never came", () => {
  const payload = incodeSession.webhookOf(interviewId, SESSION_OPTIONS);
  const pull = (status: string) => readWith(payload, scored(status), { isProven: false }).read;

  it("says which session it is, and not a word that Incode did not say", () => {
    expect(payload).toEqual({ interviewId });
    expect(incode.identify(payload, OPTIONS)).toEqual({
      ok: true,
      identity: { names: ["*"], sessionId: interviewId },
    });
  });

  it.each([
    ["OK", "finished", "approved", undefined],
    ["FAIL", "finished", "declined", undefined],
    ["WARN", "finished", "review", undefined],
    ["MANUAL_OK", "finished", "approved", "human"],
    ["MANUAL_FAIL", "finished", "declined", "human"],
    ["UNKNOWN", "progress", "unknown", undefined],
    ["TOMORROW", "progress", "unknown", undefined],
  ])("with a score of %s is %s and %s", (status, type, outcome, decidedBy) => {
    const { statement, isConfirmed } = pull(status);
    expect(isConfirmed).toBe(true);
    expect(statement).toMatchObject({ type: `idv.session.${type}`, outcome, missing: [] });
    expect(composed(statement).data.session).toEqual({
      ...composed({ ...statement, session: {} }).data.session,
      id: interviewId,
      vendorStatus: status,
      ...(decidedBy && { decidedBy }),
    });
  });

  it("that the vendor does not answer for is not confirmed", () => {
    const { read } = readWith(payload, {}, { isProven: false });
    expect(read).toMatchObject({
      isConfirmed: false,
      statement: { type: "idv.session.progress", outcome: "unknown", missing: [{ what: "score", why: "gone" }, {}] },
    });
  });
});

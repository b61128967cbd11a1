/** A session that is read back as configuration describes it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { custom } from "../../src/vendors/custom/adapter.ts";
import { customSession } from "../../src/vendors/custom/session.ts";
import type { SessionOptions } from "../../src/vendors/session.ts";
import { composed } from "./adapter.suite.ts";
import { answers, options, webhook } from "./fixtures/custom.session.ts";
import { anyAnswer, FAULTS, run, type Answers } from "./session-reading.ts";

function read(given: Answers, more: Partial<SessionOptions> = {}, payload: JsonObject = webhook, isProven = true) {
  const all = { ...options, ...more };
  const statement = custom.normalize(payload, all);
  const missing = [...(statement.missing ?? []), { what: "session", why: "not_read" }];
  return run(customSession.read({ statement: { ...statement, missing }, payload, isProven }, all), given);
}

const sessionWith = (more: JsonObject): Answers => ({
  ...answers,
  "/v1/sessions/": { ...answers["/v1/sessions/"], ...more },
});

describe("a session", () => {
  it("is asked for read after read, each gap one segment of a path", () => {
    expect(read(answers).requests).toEqual([
      { method: "GET", url: "https://api.acme.example/v1/sessions/ses%2F1?tenant=t%201", withCredential: true },
      { method: "GET", url: "https://api.acme.example/v1/reports/rep-1", withCredential: true },
    ]);
  });

  it("and its webhook make one statement, whose outcome the session confirms", () => {
    const { statement, isConfirmed } = read(answers).read;
    expect(isConfirmed).toBe(true);
    expect(statement).toMatchObject({
      type: "idv.session.finished",
      outcome: "approved",
      session: { id: "ses/1", externalId: "cust-1", flow: "kyc", vendorEvent: "done", vendorStatus: "ok" },
      person: { givenName: "Ana", familyName: "Sample" },
      checks: [{ kind: "face_match", name: "face", result: "pass", vendorValue: "ok" }],
      missing: [],
      extracted: { "session.remark": "none", "session.report_id": "rep-1", "report.made_by": "machine" },
    });
  });

  it("has its files by URL, signed or relative, and by the path that their id fills", () => {
    const { files } = read(answers).read;
    expect(
      files.map(({ id, kind, name, contentType, request, isOptional }) => [
        id,
        kind,
        name,
        contentType,
        request.url,
        isOptional,
      ]),
    ).toEqual([
      ["d1", "document.front", "front.jpg", "image/jpeg", "https://api.acme.example/media/d1?signature=secret", false],
      ["d2", "document.back", undefined, undefined, "https://storage.example/d2?X-Amz-Signature=secret", false],
      ["d3", "other", undefined, undefined, "https://api.acme.example/v1/files/d3", false],
      ["pdf", "report", undefined, undefined, "https://api.acme.example/v1/sessions/ses%2F1/pdf", true],
    ]);
  });

  it("tells nobody what its files' URLs are signed by", () => {
    const { statement, vendorData } = read(answers).read;
    expect(JSON.stringify([statement, vendorData])).not.toContain("secret");
  });

  it.each([
    ["with an unheard-of word is unknown", sessionWith({ decision: "approved" }), "unknown", true],
    ["without a word is unknown, and not confirmed", sessionWith({ decision: null }), "unknown", false],
    ["of somebody else is not believed", sessionWith({ id: "ses-2" }), "unknown", false],
  ])("%s", (_name, given, outcome, isConfirmed) => {
    expect(read(given).read).toMatchObject({ isConfirmed, statement: { outcome } });
  });

  it("of somebody else leaves nothing in the event", () => {
    const { statement, vendorData, files } = read(sessionWith({ id: "ses-2" })).read;
    expect(statement.missing).toEqual([{ what: "session", why: "unreadable" }]);
    expect([statement.person, vendorData["session"], files.map(({ id }) => id)]).toEqual([
      { givenName: "Ana" },
      undefined,
      ["pdf"],
    ]);
  });

  it.each(FAULTS)("that is %s is missing, and so is what only it names", (why) => {
    const { statement, isConfirmed } = read({ ...answers, "/v1/sessions/": why }).read;
    expect([statement.missing, isConfirmed]).toEqual([[{ what: "session", why }], false]);
  });

  it.each([
    ["gone", []],
    ["rejected", []],
    ["unavailable", [{ what: "report", why: "unavailable" }]],
    ["forbidden", [{ what: "report", why: "forbidden" }]],
  ] as const)("whose optional report is %s misses %j", (why, missing) => {
    expect(read({ ...answers, "/v1/reports/": why }).read.statement.missing).toEqual(missing);
  });

  it.each(["..", ".", "\uD800"])("with the id %j is not asked for", (id) => {
    const { read: result, requests } = read(answers, {}, { ...webhook, session: { id } });
    expect([requests, result.statement.missing]).toEqual([
      [],
      [
        { what: "session", why: "refused" },
        { what: "files/pdf", why: "no_url" },
      ],
    ]);
  });
});

describe("a webhook that anyone may have sent", () => {
  const LIE = "LIE_OF_THE_SENDER";
  const payload = { type: LIE, tenant: "evil", session: { id: "ses/1" }, first_name: LIE };
  const reads =
    options.reads?.map((each) => ({ ...each, path: each.path.replace("?tenant={webhook:/tenant}", "") })) ?? [];

  it("leaves nothing of itself but the session's id", () => {
    const { statement, vendorData } = read(answers, { reads }, payload, false).read;
    expect(JSON.stringify([statement, vendorData])).not.toContain(LIE);
    expect(statement).toMatchObject({ type: "idv.session.finished", outcome: "approved", session: { id: "ses/1" } });
  });

  it("ends no session, whatever its source calls each webhook", () => {
    const rules = options.custom && { ...options.custom, type: { at: [], absent: "idv.session.finished" as const } };
    const typeFor = (isProven: boolean) => read({}, { reads, custom: rules }, payload, isProven).read.statement.type;
    expect([typeFor(true), typeFor(false)]).toEqual(["idv.session.finished", "idv.session.progress"]);
  });

  it("fills no gap of a path", () => {
    const { requests, read: result } = read(answers, {}, payload, false);
    expect([requests, result.statement.missing]).toEqual([[], [{ what: "session", why: "not_sent" }]]);
  });
});

describe("whatever is answered", () => {
  it("is read without an error, and sound", () => {
    const real = [answers["/v1/sessions/"], answers["/v1/reports/"]] as JsonObject[];
    const pair = fc.tuple(anyAnswer(real), anyAnswer(real));
    const property = fc.property(pair, ([session, report]) => {
      const { statement, files } = read({ "/v1/sessions/": session, "/v1/reports/": report }).read;
      expect(composed(statement).outcome).not.toBe(undefined);
      expect(new Set(files.map(({ id }) => id)).size).toBe(files.length);
    });
    fc.assert(property, { seed: 20_261_121, numRuns: 200 });
  });

  const MANY = 200_000;
  const list = (item: Json) => Array.from({ length: MANY }, () => item);

  const [rule] = options.fileList ?? [];
  const manyFiles = { fileList: rule ? Array.from({ length: 50 }, () => ({ ...rule, each: undefined })) : [] };

  it.each<[string, () => Answers, Partial<SessionOptions>?]>([
    ["files of one id", () => sessionWith({ documents: list({ id: "f", href: "/f" }) })],
    ["files without an id", () => sessionWith({ documents: list({ href: "/f" }) })],
    ["files that are texts", () => sessionWith({ documents: list("/f") })],
    ["checks", () => ({ ...answers, "/v1/reports/": { checks: list({ kind: "face", result: "ok" }) } })],
    ["files that one answer names", () => sessionWith({ others: list("value") }), manyFiles],
    ["things that are no checks", () => ({ ...answers, "/v1/reports/": { checks: list({ kind: "face" }) } })],
    ["scalars", () => sessionWith({ others: list("value") })],
    ["scalars under a long name", () => sessionWith({ ["n".repeat(1_000_000)]: list("value") })],
  ])(`${MANY} %s are read in time, and the event stays small`, (_name, answered, more = {}) => {
    const given = answered();
    const start = Date.now();
    const { statement, vendorData, files } = read(given, more).read;
    expect(Date.now() - start).toBeLessThan(5000);
    expect(JSON.stringify(composed({ ...statement, vendorData })).length).toBeLessThan(1.25 * 1024 * 1024);
    expect(files.length).toBeLessThanOrEqual(550);
    expect(statement.missing?.length).toBeGreaterThan(0);
  });
});

describe("a body in a webhook's place", () => {
  it("says which session it is, and nothing else", () => {
    const payload = customSession.webhookOf("x", options);
    expect(payload).toEqual({ session: { id: "x" } });
    expect(custom.identify(payload, options)).toEqual({ ok: true, identity: { names: ["*"], sessionId: "x" } });
  });
});

describe("what opens the API", () => {
  const authorized = (auth: SessionOptions["auth"], token?: string) =>
    customSession.authorize({ apiKey: "k" }, token, { ...options, auth });
  const oauth2 = { type: "oauth2", tokenUrl: "https://id.acme.example/token", clientId: "c", method: "basic" } as const;

  it.each([
    [undefined, {}],
    [{ type: "header", name: "X-Key", prefix: "" }, { "x-key": "k" }],
    [{ type: "header", name: "Authorization", prefix: "Token token=" }, { authorization: "Token token=k" }],
    [{ type: "bearer" }, { authorization: "Bearer k" }],
    [{ type: "basic", username: "u" }, { authorization: `Basic ${btoa("u:k")}` }],
    [oauth2, undefined],
  ] as const)("is %j as configured", (auth, headers) => {
    expect(authorized(auth)).toEqual(headers);
    if (auth) expect(customSession.authorize({}, undefined, { ...options, auth })).toBeUndefined();
  });

  it("is a token where it is asked for first, with nothing but what is configured", async () => {
    const source = customSession.token?.({ ...options, auth: { ...oauth2, scope: "read" } });
    expect(authorized(oauth2, "t")).toEqual({ authorization: "Bearer t" });
    expect(await source?.request({ ...options, auth: { ...oauth2, scope: "read" } }, { apiKey: "k" }, 0)).toEqual({
      url: oauth2.tokenUrl,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
        authorization: `Basic ${btoa("c:k")}`,
      },
      body: "grant_type=client_credentials&scope=read",
    });
    expect(customSession.token?.({ ...options, auth: { type: "bearer" } })).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Outcome, OutcomeTable } from "../../src/core/outcome.ts";
import { unico } from "../../src/vendors/unico/adapter.ts";
import { unicoSession } from "../../src/vendors/unico/session.ts";
import type { SessionOptions, SessionRead } from "../../src/vendors/session.ts";
import { composed, OPTIONS } from "./adapter.suite.ts";
import { expiredAfter, invalid, ok } from "./fixtures/unico.ts";
import {
  answer,
  authenticationInfo,
  client,
  licence,
  LINK_QUERY,
  process,
  processId,
  TOKEN,
} from "./fixtures/unico.session.ts";
import { anyAnswer, FAULTS, run, SESSION_OPTIONS, unreadOf, type Answers } from "./session-reading.ts";

const FUZZ = { seed: 20_261_119, numRuns: 300 };
const API: Partial<SessionOptions> = { contract: "api" };

const expired = expiredAfter("EVENT_TYPE_SESSION_ENDED", "Session ended");

function readWith(
  answers: Answers,
  options: Partial<SessionOptions> = {},
  { payload = ok, isProven = true }: { payload?: JsonObject; isProven?: boolean } = {},
) {
  const statement = unreadOf(unico.normalize, payload);
  return run(unicoSession.read({ statement, payload, isProven }, { ...SESSION_OPTIONS, ...options }), answers);
}

const readProcess = (changes: JsonObject, outcomes: OutcomeTable = {}): SessionRead =>
  readWith({ "/client/v1/process/": { process: { ...process, ...changes } } }, { outcomes }).read;

const readClient = (changes: JsonObject, outcomes: OutcomeTable = {}): SessionRead =>
  readWith({ "/processes/v1/": { ...client, ...changes } }, { ...API, outcomes }).read;

const verdictOf = ({ statement, isConfirmed }: SessionRead) => [
  statement.type.replace("idv.session.", ""),
  statement.outcome,
  statement.session.vendorStatus,
  isConfirmed,
];

describe("a process that is read back", () => {
  it("says everything that is known of it", () => {
    const { read, requests } = readWith({ "/client/v1/process/": answer });
    expect(requests).toEqual([
      { method: "GET", url: `https://idv.example/client/v1/process/${processId}`, withCredential: true },
    ]);
    expect(read.isConfirmed).toBe(true);
    expect(composed(read.statement).data).toEqual({
      session: {
        id: processId,
        externalId: "cust-881",
        flow: "id",
        vendorEvent: "PROCESS_STATE_FINISHED",
        vendorStatus: "AUTHENTICATION_RESULT_POSITIVE",
        outcome: "approved",
        final: true,
        basis: "signature",
        startedAt: "2026-02-03T10:15:00.000Z",
        finishedAt: "2026-02-03T10:20:30.500Z",
      },
      person: {
        fullName: "ANA MARIA SAMPLE",
        birthDate: "1990-02-03",
        nationalId: { type: "BR_CPF", value: "00000000191" },
      },
      document: {
        type: "driving_permit",
        number: "01234567890",
        country: "BRA",
        issuedOn: "2021-05-06",
        expiresOn: "2031-05-06",
      },
      checks: [
        { kind: "liveness", name: "livenessResult", result: "pass", vendorValue: "LIVENESS_RESULT_LIVE" },
        {
          kind: "face_match",
          name: "authenticationResult",
          result: "pass",
          vendorValue: "AUTHENTICATION_RESULT_POSITIVE",
        },
        {
          kind: "fraud",
          name: "identityFraudstersResult",
          result: "unknown",
          vendorValue: "TRUST_RESULT_INCONCLUSIVE",
        },
        { kind: "fraud", name: "scoreEngineResult", result: "unknown", score: 0.855, vendorValue: 85.5 },
        { kind: "database", name: "serproResult", result: "unknown", score: 0.92, vendorValue: 92 },
        { kind: "document", name: "cpf_match", result: "pass", vendorValue: true },
      ],
      extracted: {
        expiresAt: "2026-02-03T11:15:00Z",
        purpose: "creditprocess",
        useCase: "onboarding",
        callbackUri: "https://company.example/callback",
        "capacities.0": "PROCESS_CAPACITY_LIVENESS",
        "person.friendlyName": "ANA S",
        "authenticationInfo.authenticationId": "a-1",
        "authenticationInfo.scoreEngineResult.scoreEnabled": "SCORE_ENABLED_TRUE",
        "services.documents.0.doc.code": "CNH",
        "services.documents.0.doc.version": 2,
        "services.documents.0.doc.data.cpfNumero": "00000000191",
        "services.documents.0.doc.data.rgNumero": "123456789",
        "services.documents.0.doc.data.categoria": "AB",
        "services.documents.0.typified": true,
        "services.documents.0.doc_id": "d-1",
        "services.documents.0.validate_doc": true,
        "services.documents.0.reused_doc": false,
      },
    });
  });

  it("keeps neither the process's token nor what signs a link", () => {
    const { read } = readWith({ "/client/v1/process/": answer });
    const kept = JSON.stringify([read.statement, read.vendorData]);
    expect(kept).not.toContain(TOKEN);
    expect(kept).not.toContain(LINK_QUERY);
    expect(read.vendorData["session"]).toMatchObject({ process: { id: processId, person: { friendlyName: "ANA S" } } });
  });

  it("keeps what the webhook alone said", () => {
    const { read } = readWith({ "/client/v1/process/": answer }, {}, { payload: { ...ok, hint: "of the webhook" } });
    expect(read.statement.extracted).toMatchObject({ hint: "of the webhook", useCase: "onboarding" });
  });
});

describe("the verdict of the Web & SDK contract", () => {
  const FINISHED = "PROCESS_STATE_FINISHED";
  const STATES: readonly (readonly [string, string | undefined, string, Outcome, string])[] = [
    ["PROCESS_STATE_CREATED", undefined, "progress", "pending", "PROCESS_STATE_CREATED"],
    ["PROCESS_STATE_CREATED", "PROCESS_RESULT_OK", "progress", "pending", "PROCESS_STATE_CREATED"],
    ["PROCESS_STATE_FAILED", "PROCESS_RESULT_OK", "finished", "error", "PROCESS_STATE_FAILED"],
    ["PROCESS_STATE_TOMORROW", "PROCESS_RESULT_OK", "progress", "unknown", "PROCESS_STATE_TOMORROW"],
    ["FINISHED", "PROCESS_RESULT_OK", "progress", "unknown", "FINISHED"],
    [FINISHED, undefined, "finished", "unknown", FINISHED],
    [FINISHED, "PROCESS_RESULT_UNSPECIFIED", "finished", "unknown", "PROCESS_RESULT_UNSPECIFIED"],
    [FINISHED, "PROCESS_RESULT_TOMORROW", "finished", "unknown", "PROCESS_RESULT_TOMORROW"],
    [FINISHED, "ok", "finished", "unknown", "ok"],
    [FINISHED, "PROCESS_RESULT_EXPIRED", "finished", "expired", "PROCESS_RESULT_EXPIRED"],
    [FINISHED, "PROCESS_RESULT_INVALID_IDENTITY", "finished", "error", "PROCESS_RESULT_INVALID_IDENTITY"],
    [FINISHED, "PROCESS_RESULT_ERROR", "finished", "error", "PROCESS_RESULT_ERROR"],
    [FINISHED, "PROCESS_RESULT_FAILED", "finished", "error", "PROCESS_RESULT_FAILED"],
    [FINISHED, "PROCESS_RESULT_OK", "finished", "approved", "AUTHENTICATION_RESULT_POSITIVE"],
  ];

  it.each(STATES)("%s with %s", (state, result, type, outcome, word) => {
    expect(verdictOf(readProcess({ state, result: result ?? null }))).toEqual([type, outcome, word, true]);
  });

  const LIVE = "LIVENESS_RESULT_LIVE";
  const UNSPECIFIED = "LIVENESS_RESULT_UNSPECIFIED";
  const POSITIVE = "AUTHENTICATION_RESULT_POSITIVE";
  const INCONCLUSIVE = "AUTHENTICATION_RESULT_INCONCLUSIVE";
  const NEGATIVE = "AUTHENTICATION_RESULT_NEGATIVE";
  const IDENTITIES: readonly (readonly [string | null, string | null, Outcome, string])[] = [
    [LIVE, POSITIVE, "approved", POSITIVE],
    [LIVE, INCONCLUSIVE, "review", INCONCLUSIVE],
    [LIVE, NEGATIVE, "declined", NEGATIVE],
    [LIVE, "AUTHENTICATION_RESULT_UNSPECIFIED", "unknown", "AUTHENTICATION_RESULT_UNSPECIFIED"],
    [LIVE, "AUTHENTICATION_RESULT_TOMORROW", "unknown", "AUTHENTICATION_RESULT_TOMORROW"],
    [LIVE, null, "unknown", "PROCESS_RESULT_OK"],
    [UNSPECIFIED, POSITIVE, "unknown", UNSPECIFIED],
    [UNSPECIFIED, INCONCLUSIVE, "review", INCONCLUSIVE],
    [UNSPECIFIED, NEGATIVE, "declined", NEGATIVE],
    ["LIVENESS_RESULT_TOMORROW", POSITIVE, "unknown", "LIVENESS_RESULT_TOMORROW"],
    [null, POSITIVE, "unknown", UNSPECIFIED],
    [null, null, "unknown", "PROCESS_RESULT_OK"],
    ["NO", POSITIVE, "declined", "NO"],
    ["LIVENESS_RESULT_NOT_LIVE", POSITIVE, "declined", "LIVENESS_RESULT_NOT_LIVE"],
    ["LIVENESS_RESULT_NOT_LIVE", INCONCLUSIVE, "declined", "LIVENESS_RESULT_NOT_LIVE"],
    ["LIVENESS_RESULT_NOT_LIVE", null, "declined", "LIVENESS_RESULT_NOT_LIVE"],
  ];

  it.each(IDENTITIES)("of a run that ended well: %s, %s", (livenessResult, authenticationResult, outcome, word) => {
    const info = { ...authenticationInfo, livenessResult, authenticationResult };
    expect(verdictOf(readProcess({ authenticationInfo: info }))).toEqual(["finished", outcome, word, true]);
  });

  it.each(["PROCESS_RESULT_INVALID_IDENTITY", "PROCESS_RESULT_EXPIRED", "PROCESS_STATE_FAILED"])(
    "is the source's own where it speaks of %s",
    (word) => {
      const changes = word.includes("STATE") ? { state: word } : { result: word };
      expect(readProcess(changes, { [word]: "declined" }).statement.outcome).toBe("declined");
    },
  );

  it("is the source's own by the word that decided, and by no other", () => {
    const inconclusive = { authenticationInfo: { ...authenticationInfo, authenticationResult: INCONCLUSIVE } };
    expect(readProcess(inconclusive, { [INCONCLUSIVE]: "declined" }).statement.outcome).toBe("declined");
    expect(readProcess(inconclusive, { PROCESS_RESULT_OK: "approved", [LIVE]: "approved" }).statement.outcome).toBe(
      "review",
    );
  });

  it("needs a state: without one nothing is confirmed, and that is said", () => {
    const { statement, isConfirmed } = readProcess({ state: null });
    expect(isConfirmed).toBe(false);
    expect(statement).toMatchObject({ outcome: "unknown", missing: [{ what: "state", why: "not_sent" }] });
  });
});

describe("the verdict of the API contract", () => {
  const STATUSES: readonly (readonly [Json, string, Outcome, string])[] = [
    [1, "progress", "pending", "1"],
    [2, "finished", "review", "2"],
    [3, "finished", "approved", "yes"],
    ["3", "finished", "approved", "yes"],
    [4, "finished", "abandoned", "4"],
    [5, "finished", "error", "5"],
    [6, "progress", "unknown", "6"],
    ["done", "progress", "unknown", "done"],
  ];

  it.each(STATUSES)("of status %j", (status, type, outcome, word) => {
    expect(verdictOf(readClient({ status }))).toEqual([type, outcome, word, true]);
  });

  const IDENTITIES: readonly (readonly [Json, Json, Json, Outcome, string])[] = [
    ["yes", 1, null, "approved", "yes"],
    ["yes", null, null, "approved", "yes"],
    ["yes", 2, null, "declined", "liveness/2"],
    ["yes", 3, null, "unknown", "liveness/3"],
    ["yes", {}, null, "unknown", "3"],
    ["yes", 1, {}, "unknown", "3"],
    ["no", 1, null, "declined", "no"],
    ["no", 2, null, "declined", "liveness/2"],
    ["inconclusive", 1, null, "review", "inconclusive"],
    ["YES", 1, null, "unknown", "YES"],
    [null, 1, null, "unknown", "3"],
    ["inconclusive", 1, "approved", "approved", "approved"],
    ["inconclusive", 2, "approved", "declined", "liveness/2"],
    ["yes", 1, "denied", "declined", "denied"],
    ["yes", 1, "critical-risk", "review", "critical-risk"],
    ["yes", 1, "high-risk", "review", "high-risk"],
    ["yes", 1, "retry", "error", "retry"],
    ["yes", 1, "inconclusive", "review", "inconclusive"],
    ["yes", 1, "tomorrow", "unknown", "tomorrow"],
  ];

  it.each(IDENTITIES)("done: %j, liveness %j, recommended %j", (identity, liveness, recommended, outcome, word) => {
    const read = readClient({ unicoId: { result: identity }, liveness, idCloud: { result: recommended } });
    expect(verdictOf(read)).toEqual(["finished", outcome, word, true]);
  });

  it.each([
    ["high-risk", "declined"],
    ["critical-risk", "declined"],
  ] as const)("is the source's own where it speaks of %s", (word, outcome) => {
    expect(readClient({ idCloud: { result: word } }, { [word]: outcome }).statement.outcome).toBe(outcome);
  });

  it("is an error where the process is gone because it ended in one", () => {
    const { read, requests } = goneWith({ status: 5 });
    expect(requests).toBe(1);
    expect(verdictOf(read)).toEqual(["finished", "error", "5", true]);
  });

  it.each([undefined, {}, { status: 3, unicoId: { result: "yes" } }, { status: null }])(
    "is none where it is gone, whatever is said besides: %j",
    (json) => {
      const { read } = goneWith(json);
      expect(read.isConfirmed).toBe(false);
      expect(read.statement).toMatchObject({ outcome: "unknown", missing: [{ what: "session", why: "gone" }] });
    },
  );

  it("tells of its checks", () => {
    expect(readClient({ government: { serpro: -1 }, score: -20 }).statement.checks).toEqual([
      { kind: "face_match", name: "unicoId", result: "pass", vendorValue: "yes" },
      { kind: "liveness", name: "liveness", result: "pass", vendorValue: 1 },
      { kind: "fraud", name: "identityFraudsters", result: "unknown", vendorValue: "inconclusive" },
      { kind: "fraud", name: "score", result: "unknown", vendorValue: -20 },
      { kind: "database", name: "serpro", result: "not_performed", vendorValue: -1 },
    ]);
  });

  function goneWith(json: JsonObject | undefined): { read: SessionRead; requests: number } {
    const webhook = { statement: unreadOf(unico.normalize, ok), payload: ok, isProven: true };
    const reading = unicoSession.read(webhook, { ...SESSION_OPTIONS, ...API });
    reading.next();
    const step = reading.next({ ok: false, why: "gone", json });
    if (!step.done) throw new Error("asked again");
    return { read: step.value, requests: 1 };
  }
});

describe("which contract is asked", () => {
  it.each([
    ["websdk", {}, "id", "/client/v1/process/"],
    ["api", {}, "id", "/processes/v1/"],
    ["websdk", { id: "api" }, "id", "/processes/v1/"],
    ["api", { idtoken: "websdk" }, "idtoken", "/client/v1/process/"],
    ["websdk", { other: "api" }, "id", "/client/v1/process/"],
    ["websdk", {}, "constructor", "/client/v1/process/"],
  ] as const)("%s, but for %j, of flow %s", (contract, contracts, flow, path) => {
    const { requests } = readWith({}, { contract, contracts }, { payload: { ...ok, flow } });
    expect(requests.map(({ url }) => url)).toEqual([`https://idv.example${path}${processId}`]);
  });
});

describe("a webhook's own word", () => {
  it.each([
    [expired, "expired"],
    [invalid, "error"],
  ] as const)("yields to the API's, proven or not", (payload, claimed) => {
    for (const isProven of [true, false]) {
      const { read } = readWith({ "/client/v1/process/": answer }, {}, { payload, isProven });
      expect(read.statement.outcome).toBe("approved");
      expect(read.isConfirmed).toBe(true);
      expect(unico.normalize(payload, OPTIONS).outcome).toBe(claimed);
    }
  });

  it("stands where it is proven and the API's words mean nothing to us", () => {
    const unclear = { process: { ...process, result: "PROCESS_RESULT_UNSPECIFIED" } };
    const said = (isProven: boolean) =>
      readWith({ "/client/v1/process/": unclear }, {}, { payload: expired, isProven }).read;
    expect(said(true)).toMatchObject({ isConfirmed: false, statement: { outcome: "expired" } });
    expect(said(false)).toMatchObject({ isConfirmed: true, statement: { outcome: "unknown" } });
  });

  it.each(FAULTS)("is all there is where the process cannot be read: %s", (why) => {
    const { read } = readWith({ "/client/v1/process/": why }, {}, { payload: expired });
    expect(read).toMatchObject({ isConfirmed: false, files: [], vendorData: {} });
    expect(read.statement).toMatchObject({ outcome: "expired", missing: [{ what: "session", why }] });
  });

  it("is all there is where the answer holds no process", () => {
    const { read } = readWith({ "/client/v1/process/": { Error: { code: "1" } } });
    expect(read.statement).toMatchObject({ outcome: "unknown", missing: [{ what: "session", why: "unreadable" }] });
  });

  it.each([".", ".."])("is all there is for the id %j, which would climb out of the path", (id) => {
    const { read, requests } = readWith({}, {}, { payload: { ...ok, processId: id } });
    expect(requests).toEqual([]);
    expect(read.statement.missing).toEqual([{ what: "session", why: "refused" }]);
  });

  it("cannot lead elsewhere than to its process", () => {
    const { requests } = readWith({}, {}, { payload: { ...ok, processId: "a/../../b?x#y" } });
    expect(requests[0]?.url).toBe("https://idv.example/client/v1/process/a%2F..%2F..%2Fb%3Fx%23y");
  });
});

describe("a process whose webhook never came", () => {
  it("is pulled by its id alone, and says its state itself", () => {
    const payload = unicoSession.webhookOf(processId, SESSION_OPTIONS);
    expect(unico.identify(payload, OPTIONS)).toEqual({ ok: true, identity: { names: ["*"], sessionId: processId } });
    const { read } = readWith({ "/client/v1/process/": answer }, {}, { payload, isProven: false });
    expect(read).toMatchObject({ isConfirmed: true, statement: { type: "idv.session.finished", outcome: "approved" } });
    expect(read.statement.missing).toEqual([]);
  });
});

describe("files", () => {
  const filesOf = (changes: JsonObject) => readProcess(changes).files;
  const idsOf = (changes: JsonObject) => filesOf(changes).map(({ id }) => id);

  it("are the selfie, the evidence set and the documents, each asked for as it is kept", () => {
    const url = `https://idv.example/client/v1/process/${processId}`;
    expect(filesOf({})).toEqual([
      {
        id: "selfie",
        kind: "selfie",
        request: { method: "GET", url: `${url}/selfie`, withCredential: true },
        base64At: "fileContents",
      },
      {
        id: "evidenceset",
        kind: "report",
        request: { method: "GET", url: `${url}/evidenceset`, withCredential: true },
        base64At: "fileContents",
      },
      {
        id: "document-d-1",
        kind: "document.front",
        request: { method: "GET", url: licence.signed_url, withCredential: false },
      },
    ]);
  });

  it("of a flow without a selfie have none", () => {
    expect(idsOf({ flow: "idsmart" })).toEqual(["evidenceset", "document-d-1"]);
  });

  it("of a process that goes on are its documents alone", () => {
    expect(idsOf({ state: "PROCESS_STATE_CREATED" })).toEqual(["document-d-1"]);
  });

  it("of a process that did not run to its end need not be there", () => {
    const files = filesOf({ result: "PROCESS_RESULT_EXPIRED" }).filter(({ base64At }) => base64At !== undefined);
    expect(files.map(({ isOptional }) => isOptional)).toEqual([true, true]);
  });

  it("of documents have ids of their own", () => {
    const { doc_id: _, ...nameless } = licence;
    const other = { ...licence, doc: { code: "UNKNOWN" } };
    expect(idsOf({ services: { documents: [licence, other, nameless] } })).toEqual([
      "selfie",
      "evidenceset",
      "document-d-1",
      "document-d-1-2",
      "document-https://vault.unico.example/documents/d-1",
    ]);
    expect(filesOf({ services: { documents: [other] } }).at(-1)?.kind).toBe("other");
  });

  it.each(["/documents/d-1", "file:///etc/passwd", "documents"])(
    "cannot be fetched from %s, and that is said",
    (link) => {
      const { files, statement } = readProcess({ services: { documents: [{ ...licence, signed_url: link }] } });
      expect(files).toHaveLength(2);
      expect(statement.missing).toEqual([{ what: "files/document-d-1", why: "no_url" }]);
    },
  );

  it("are not listed by the API contract", () => {
    expect(readClient({}).files).toEqual([]);
  });
});

describe("documents", () => {
  const read = (code: string, data: JsonObject, changes: JsonObject = {}) =>
    readProcess({ person: null, services: { documents: [{ doc: { code, data } }] }, ...changes }).statement;

  it.each([
    ["CNH", { cnhNumero: "1", rgNumero: "2" }, { type: "driving_permit", number: "1", country: "BRA" }],
    ["CNH", { numero_registro: "1" }, { type: "driving_permit", number: "1", country: "BRA" }],
    ["rg", { rg_numero: "2" }, { type: "idcard", number: "2", country: "BRA" }],
    ["CIN", { numero: "3" }, { type: "idcard", number: "3", country: "BRA" }],
    ["Passport", { passaporteNumero: "P4", pais_emissor: "PT" }, { type: "passport", number: "P4", country: "PRT" }],
    ["Passport", { passaporteNumero: "P4" }, { type: "passport", number: "P4" }],
    ["UNKNOWN", { numero: "5" }, { number: "5" }],
  ])("%s with %j", (code, data, document) => {
    expect(read(code, data).document).toEqual(document);
  });

  it.each([
    ["03/02/1990", "1990-02-03"],
    ["1990-02-03", "1990-02-03"],
    ["1990-02-03T00:00:00Z", "1990-02-03"],
    ["31/02/1990", undefined],
    ["02/13/1990", undefined],
    ["3/2/1990", undefined],
    ["1990", undefined],
  ])("are dated as in Brazil: %s", (written, date) => {
    const { person, extracted } = read("RG", { data_nascimento: written });
    expect(person?.birthDate).toBe(date);
    const path = "services.documents.0.doc.data.data_nascimento";
    expect(extracted?.[path]).toBe(date === undefined ? written : undefined);
  });

  it("name the person by number where the process does not", () => {
    expect(read("RG", { cpf_numero: "00000000191" }).person?.nationalId).toEqual({
      type: "BR_CPF",
      value: "00000000191",
    });
  });

  it("do not overrule the number that the process was started with", () => {
    const person = { duiType: "DUI_TYPE_BR_CPF", duiValue: "1" };
    const statement = read("RG", { cpfNumero: "2" }, { person });
    expect(statement.person?.nationalId?.value).toBe("1");
    expect(statement.extracted?.["services.documents.0.doc.data.cpfNumero"]).toBe("2");
  });

  it("of the older generation are read as well", () => {
    const statement = readProcess({ services: { docs: { documents: [licence] } } }).statement;
    expect(statement.document?.number).toBe("01234567890");
    expect(idOfLast(readProcess({ services: { docs: { documents: [licence] } } }))).toBe("document-d-1");
  });

  it("are not mixed: the first that is known speaks, and nothing of the others is lost", () => {
    const documents = [
      { doc: { code: "UNKNOWN", data: { numero: "0" } } },
      { doc: { code: "RG", data: { rgNumero: "1" } } },
      { doc: { code: "CNH", data: { numeroRegistro: "2", dataExpiracao: "06/05/2031" } } },
    ];
    const { document, extracted } = readProcess({ services: { documents } }).statement;
    expect(document).toEqual({ type: "idcard", number: "1", country: "BRA" });
    expect(extracted).toMatchObject({
      "services.documents.0.doc.data.numero": "0",
      "services.documents.2.doc.data.numeroRegistro": "2",
      "services.documents.2.doc.data.dataExpiracao": "06/05/2031",
    });
  });

  const idOfLast = ({ files }: SessionRead) => files.at(-1)?.id;
});

describe("checks", () => {
  const checkOf = (name: string, info: JsonObject) =>
    readProcess({ authenticationInfo: { ...authenticationInfo, ...info } }).statement.checks?.find(
      (check) => check.name === name,
    );

  it.each([
    [{ score: 0 }, { result: "unknown", score: 0, vendorValue: 0 }],
    [{ score: "55.5" }, { result: "unknown", score: 0.555, vendorValue: "55.5" }],
    [{ score: 101 }, { result: "unknown", vendorValue: 101 }],
    [{ score: -1 }, { result: "not_performed", vendorValue: -1 }],
    [{ score: -2 }, { result: "not_performed", vendorValue: -2 }],
    [{ score: "high" }, { result: "unknown", vendorValue: "high" }],
  ])("of the government's database: %j", (serproResult, check) => {
    expect(checkOf("serproResult", { serproResult })).toEqual({ kind: "database", name: "serproResult", ...check });
  });

  it("that the vendor switched off were not performed", () => {
    expect(checkOf("scoreEngineResult", { scoreEngineResult: { scoreEnabled: "SCORE_ENABLED_FALSE" } })).toEqual({
      kind: "fraud",
      name: "scoreEngineResult",
      result: "not_performed",
      vendorValue: "SCORE_ENABLED_FALSE",
    });
  });

  it.each(["TRUST_RESULT_POSITIVE", "TRUST_RESULT_NEGATIVE"])(
    "of known fraudsters get no invented result: %s",
    (word) => {
      expect(checkOf("identityFraudstersResult", { identityFraudstersResult: word })?.result).toBe("unknown");
    },
  );
});

describe("whatever the vendor answers", () => {
  const saysApproved = (json: JsonObject, contract: "websdk" | "api"): boolean => {
    if (contract === "api") {
      const { status, unicoId, idCloud, liveness } = json as Record<string, Record<string, Json> & Json>;
      const said = idCloud?.["result"] ?? idCloud ?? unicoId?.["result"];
      return String(status) === "3" && ["yes", "approved"].includes(String(said)) && String(liveness ?? 1) === "1";
    }
    const words = JSON.stringify(json);
    return ["STATE_FINISHED", "RESULT_OK", "RESULT_LIVE", "RESULT_POSITIVE"].every((word) => words.includes(word));
  };

  it.each(["websdk", "api"] as const)(
    "by %s, nothing throws, and nothing is approved that is not said to be",
    (contract) => {
      const scattered = anyAnswer([answer, client]);
      const processes = scattered.map((json): JsonObject => ({ process: { ...process, ...json } }));
      const clients = scattered.map((json): JsonObject => ({ ...client, ...json }));
      fc.assert(
        fc.property(fc.oneof(scattered, processes, clients), fc.boolean(), (json, isProven) => {
          const { read } = readWith({ "/process": json }, { contract }, { payload: expired, isProven });
          composed(read.statement);
          if (read.statement.outcome === "approved") expect(saysApproved(json, contract)).toBe(true);
        }),
        FUZZ,
      );
    },
  );
});

describe("the credential", () => {
  it.each([
    [{ apiKey: "key" }, "token", { authorization: "Bearer token", APIKEY: "key" }],
    [{}, "token", { authorization: "Bearer token" }],
    [{ apiKey: "key" }, undefined, undefined],
  ])("of %j and %s", (secrets, token, headers) => {
    expect(unicoSession.authorize(secrets, token, SESSION_OPTIONS)).toEqual(headers);
  });
});

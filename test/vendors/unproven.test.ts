/** A webhook that anyone may have sent: nothing that it says stands in an event that rests on the vendor's API. */
import { describe, expect, it } from "vitest";
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
import { ocr, scoreOf } from "./fixtures/incode.session.ts";
import { session } from "./fixtures/regula.session.ts";
import { answer, client } from "./fixtures/unico.session.ts";
import { run, SESSION_OPTIONS, unreadOf, type Answers } from "./session-reading.ts";

const LIE = "LIE_OF_THE_SENDER";

interface Case {
  name: string;
  adapter: VendorAdapter;
  session: SessionAdapter;
  /** With a lie in every field that means something to us. */
  payload: JsonObject;
  answers: Answers;
  options?: Partial<SessionOptions>;
}

const lies = { decision: LIE, nested: { deep: LIE } };
const ofIncode = { interviewId: "victim", externalId: LIE, flowId: LIE, ...lies };
const ofUnico = { processId: "victim", clientReference: LIE, flow: LIE, lastEvent: LIE, ...lies };
const scored = { "/get/score": scoreOf("OK"), "/get/ocr-data": ocr };

const fromIncode = (name: string, payload: JsonObject, answers: Answers = scored): Case => ({
  name: `Incode, ${name}`,
  adapter: incode,
  session: incodeSession,
  payload: { ...ofIncode, ...payload },
  answers,
});

const CASES: readonly Case[] = [
  fromIncode("without a word", {}),
  fromIncode("the end", { onboardingStatus: "ONBOARDING_FINISHED" }),
  fromIncode("a human's decision", { onboardingStatus: "MANUAL_REVIEW_APPROVED" }),
  fromIncode("a verdict", { event_type: "SESSION_SUCCEEDED" }),
  fromIncode("an unheard-of word", { event_type: LIE, onboardingStatus: LIE }),
  fromIncode("a milestone", { onboardingStatus: "FACE_VALIDATION_FINISHED" }),
  fromIncode("a watchlist", { search_id: LIE }, { "id=victim": { hits: [{ name: "A" }] } }),
  {
    name: "Unico, Web & SDK",
    adapter: unico,
    session: unicoSession,
    payload: { ...ofUnico, state: "PROCESS_STATE_FINISHED", result: "expired" },
    answers: { "/client/v1/process/": { process: { state: "PROCESS_STATE_FINISHED", result: "PROCESS_RESULT_OK" } } },
  },
  {
    name: "Unico, API",
    adapter: unico,
    session: unicoSession,
    payload: { ...ofUnico, state: "PROCESS_STATE_FINISHED", result: "invalid_identity" },
    answers: { "/processes/v1/": client },
    options: { contract: "api" },
  },
  {
    name: "Regula",
    adapter: regula,
    session: regulaSession,
    payload: { sessionId: "victim", event: LIE, workflowId: LIE, ...lies },
    answers: { "/api/sessions/": { status: 2 } },
  },
];

function readUnproven({ adapter, session: sessions, payload, options }: Case, answers: Answers) {
  const statement = unreadOf(adapter.normalize, payload);
  return run(sessions.read({ statement, payload, isProven: false }, { ...SESSION_OPTIONS, ...options }), answers);
}

describe.each(CASES)("$name", (each) => {
  it("leaves nothing of itself but the session's id", () => {
    const { read } = readUnproven(each, each.answers);
    expect(JSON.stringify([read.statement, read.vendorData])).not.toContain(LIE);
    expect(read.statement.session.id).toBe("victim");
  });

  it("says nothing where the vendor does not answer", () => {
    const { read } = readUnproven(each, {});
    const isWatchlist = each.payload["search_id"] !== undefined;
    expect(read.isConfirmed).toBe(false);
    expect(read.statement).toMatchObject({
      type: isWatchlist ? "idv.watchlist.updated" : "idv.session.progress",
      outcome: "unknown",
    });
    const { session: told, extracted } = composed(read.statement).data;
    expect([Object.keys(told).toSorted(), extracted]).toEqual([["basis", "final", "id", "outcome"], undefined]);
  });
});

describe("the vendor's own words", () => {
  it("stand beside the id of the session that was asked for", () => {
    const body = { interviewId: "victim", externalId: "attacker", flowId: "vip", decision: "all good" };
    const given: Case = { name: "", adapter: incode, session: incodeSession, payload: body, answers: scored };
    const { data, type } = composed(readUnproven(given, scored).read.statement);
    expect(type).toBe("idv.session.finished");
    expect(data.session).toEqual({
      id: "victim",
      vendorStatus: "OK",
      outcome: "approved",
      final: true,
      basis: "signature",
    });
    expect(data.extracted).not.toHaveProperty("decision");
  });

  it("are all of a process, whose own references stand", () => {
    const payload = { processId: "victim", clientReference: LIE, flow: LIE, state: "PROCESS_STATE_FINISHED" };
    const given: Case = { name: "", adapter: unico, session: unicoSession, payload, answers: {} };
    const { read } = readUnproven(given, {
      "/client/v1/process/": { process: { ...(answer["process"] as JsonObject), id: "victim" } },
    });
    expect(read.statement.session).toMatchObject({ externalId: "cust-881", flow: "id" });
    expect(read.statement.session.vendorEvent).toBeUndefined();
  });

  it("are all of a Regula session, whose workflow stands", () => {
    const payload = { sessionId: "victim", workflowId: LIE };
    const given: Case = { name: "", adapter: regula, session: regulaSession, payload, answers: {} };
    const { read } = readUnproven(given, { "/api/sessions/": { ...session, id: "victim" } });
    expect(read.statement.session).toMatchObject({ id: "victim", flow: "wf-1" });
  });
});

describe("Unico's contract", () => {
  const contracts = { vip: "api" } as const;
  const payload = { processId: "victim", flow: "vip", state: "PROCESS_STATE_FINISHED", result: "ok" };
  const pathOf = (isProven: boolean) => {
    const statement = unreadOf(unico.normalize, payload);
    const { requests } = run(
      unicoSession.read({ statement, payload, isProven }, { ...SESSION_OPTIONS, contracts }),
      {},
    );
    return requests.map(({ url }) => new URL(url).pathname);
  };

  it("is chosen by the flow of a proven webhook alone", () => {
    expect([pathOf(true), pathOf(false)]).toEqual([["/processes/v1/victim"], ["/client/v1/process/victim"]]);
  });
});

describe("what is proven", () => {
  it.each(CASES)("keeps its own words beside the vendor's: $name", (each) => {
    const statement = unreadOf(each.adapter.normalize, each.payload);
    const options = { ...SESSION_OPTIONS, ...each.options };
    const { read } = run(
      each.session.read({ statement, payload: each.payload, isProven: true }, options),
      each.answers,
    );
    expect(read.statement.extracted).toMatchObject({ decision: LIE, "nested.deep": LIE });
  });
});

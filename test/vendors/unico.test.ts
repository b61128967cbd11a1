import { describe, expect, it } from "vitest";
import { unico } from "../../src/vendors/unico/adapter.ts";
import { OPTIONS, testAdapter } from "./adapter.suite.ts";
import {
  created,
  expiredAfter,
  fixtures,
  invalid,
  LAST_EVENTS,
  ok,
  withoutResult,
  withReference,
} from "./fixtures/unico.ts";

const processId = ok.processId;

testAdapter({ adapter: unico, fixtures, conversions: {}, override: { payload: invalid, word: "invalid_identity" } });

describe("a finished process", () => {
  it("that ended ok has no verdict before it has been read back", () => {
    expect(unico.normalize(ok, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "unknown",
      session: { id: processId, flow: "id", vendorEvent: "PROCESS_STATE_FINISHED", vendorStatus: "ok" },
      extracted: {},
      missing: [],
    });
  });

  it("with an invalid identity is an error of the biometric run, not a declined person", () => {
    expect(unico.normalize(invalid, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "error",
      session: { id: processId, flow: "id", vendorEvent: "PROCESS_STATE_FINISHED", vendorStatus: "invalid_identity" },
      extracted: {},
      missing: [],
    });
  });

  it("that expired says what was seen last", () => {
    const payload = expiredAfter("EVENT_TYPE_SESSION_ENDED", "As the vendor words it today");
    expect(unico.normalize(payload, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "expired",
      session: {
        id: processId,
        flow: "idtoken",
        vendorEvent: "PROCESS_STATE_FINISHED",
        vendorStatus: "expired",
        lastEvent: { code: "EVENT_TYPE_SESSION_ENDED", description: "As the vendor words it today" },
      },
      extracted: {},
      missing: [],
    });
  });

  it("without a result is finished and unknown", () => {
    expect(unico.normalize(withoutResult, OPTIONS)).toMatchObject({ type: "idv.session.finished", outcome: "unknown" });
  });

  it("with a result nobody has seen is unknown, never approved", () => {
    const statement = unico.normalize({ ...ok, result: "approved" }, OPTIONS);
    expect(statement).toMatchObject({
      type: "idv.session.finished",
      outcome: "unknown",
      session: { vendorStatus: "approved" },
    });
  });

  it("tells whose it is where the client's reference came along", () => {
    expect(unico.normalize(withReference, OPTIONS).session.externalId).toBe("cust-881");
  });
});

describe("the last event", () => {
  it.each(LAST_EVENTS)("%s is described where the vendor did not", (code, description) => {
    const { lastEventDescription: _, ...payload } = expiredAfter(code, description);
    expect(unico.normalize(payload, OPTIONS).session.lastEvent).toEqual({ code, description });
  });

  it("that nobody has seen keeps its code and gets no invented description", () => {
    const { lastEventDescription: _, ...payload } = expiredAfter("EVENT_TYPE_TOMORROW", "");
    expect(unico.normalize(payload, OPTIONS).session.lastEvent).toEqual({ code: "EVENT_TYPE_TOMORROW" });
  });

  it("may be named by configuration although nobody has seen it", () => {
    const identified = unico.identify(expiredAfter("EVENT_TYPE_TOMORROW", ""), OPTIONS);
    expect(identified).toMatchObject({
      ok: true,
      identity: { names: expect.arrayContaining(["PROCESS_STATE_FINISHED/expired/EVENT_TYPE_TOMORROW"]) },
    });
  });
});

describe("a process that goes on", () => {
  it.each(["PROCESS_STATE_CREATED", "PROCESS_STATE_FAILED", "PROCESS_STATE_TOMORROW"])(
    "%s is a pending milestone",
    (state) => {
      expect(unico.normalize({ ...created, state }, OPTIONS)).toMatchObject({
        type: "idv.session.progress",
        outcome: "pending",
      });
    },
  );
});

describe("a webhook without a state", () => {
  it("is processed by its result, and says what it lacks", () => {
    const statement = unico.normalize({ processId, result: "expired" }, OPTIONS);
    expect(statement).toMatchObject({
      type: "idv.session.finished",
      outcome: "expired",
      missing: [{ what: "state", why: "not_sent" }],
    });
    expect(unico.identify({ processId, result: "expired" }, OPTIONS)).toMatchObject({
      identity: { names: ["expired"] },
    });
  });

  it("and without a result is progress of which nothing is known, under the name of the rest", () => {
    expect(unico.normalize({ processId }, OPTIONS)).toMatchObject({ type: "idv.session.progress", outcome: "unknown" });
    expect(unico.identify({ processId }, OPTIONS)).toMatchObject({ ok: true, identity: { names: ["*"] } });
  });
});

import { describe, expect, it } from "vitest";
import { incode } from "../../src/vendors/incode/adapter.ts";
import { OPTIONS, testAdapter } from "./adapter.suite.ts";
import {
  fixtures,
  sessionWebhook,
  statusWebhook,
  succeededInWords,
  watchlist,
  watchlistWithoutInterview,
} from "./fixtures/incode.ts";

const interviewId = watchlist.interviewId;

testAdapter({
  adapter: incode,
  fixtures,
  conversions: { "Session Succeeded": "SESSION_SUCCEEDED" },
  override: { payload: statusWebhook("ONBOARDING_FINISHED"), word: "ONBOARDING_FINISHED" },
});

describe("an onboarding status", () => {
  it.each([
    ["UNKNOWN", "idv.session.progress", "pending"],
    ["ID_VALIDATION_FINISHED", "idv.session.progress", "pending"],
    ["ID_VALIDATION_FINISHED_SECOND_ID", "idv.session.progress", "pending"],
    ["GOVERNMENT_VALIDATION_FINISHED", "idv.session.progress", "pending"],
    ["POST_PROCESSING_FINISHED", "idv.session.progress", "pending"],
    ["FACE_VALIDATION_FINISHED", "idv.session.progress", "pending"],
    ["ONBOARDING_FINISHED", "idv.session.finished", "unknown"],
    ["EXPIRED", "idv.session.finished", "expired"],
  ])("%s is %s and %s", (status, type, outcome) => {
    expect(incode.normalize(statusWebhook(status), OPTIONS)).toEqual({
      type,
      outcome,
      session: { id: interviewId, externalId: "cust-881", flow: "64f0aa", vendorEvent: status, vendorStatus: status },
      missing: [],
      extracted: { clientId: "acme" },
    });
  });

  it.each([
    ["MANUAL_REVIEW_APPROVED", "approved"],
    ["MANUAL_REVIEW_REJECTED", "declined"],
  ])("%s is an update to %s by a human", (status, outcome) => {
    expect(incode.normalize(statusWebhook(status), OPTIONS)).toMatchObject({
      type: "idv.session.updated",
      outcome,
      session: { decidedBy: "human" },
    });
  });

  it.each(["MANUAL_REVIEW_TOMORROW", "onboarding_finished", "APPROVED", "constructor", "__proto__"])(
    "%s, which nobody has seen, is progress and unknown, never approved",
    (status) => {
      expect(incode.normalize(statusWebhook(status), OPTIONS)).toMatchObject({
        type: "idv.session.progress",
        outcome: "unknown",
        session: { vendorStatus: status },
      });
    },
  );
});

describe("a session webhook", () => {
  it.each([
    ["SESSION_STARTED", "idv.session.progress", "pending"],
    ["SESSION_PROGRESS", "idv.session.progress", "pending"],
    ["SESSION_PENDING_REVIEW", "idv.session.finished", "review"],
    ["SESSION_SUCCEEDED", "idv.session.finished", "approved"],
    ["SESSION_FAILED", "idv.session.finished", "declined"],
  ])("%s is %s and %s, whatever the onboarding status beside it", (event, type, outcome) => {
    expect(incode.normalize(sessionWebhook(event), OPTIONS)).toEqual({
      type,
      outcome,
      session: { id: interviewId, externalId: "cust-881", vendorEvent: event, vendorStatus: event },
      missing: [],
      extracted: { onboardingStatus: "ONBOARDING_FINISHED" },
    });
  });

  it.each(["Session Succeeded", "session-succeeded", "SESSION_SUCCEEDED"])("spelled %s is the same", (eventType) => {
    expect(incode.normalize({ ...succeededInWords, eventType }, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "approved",
      session: {
        id: interviewId,
        externalId: "cust-881",
        vendorEvent: "SESSION_SUCCEEDED",
        vendorStatus: "SESSION_SUCCEEDED",
      },
      missing: [],
      extracted: { identityId: "idn-5", loginHint: "ana" },
    });
  });

  it("of an event nobody has seen says what its onboarding status says", () => {
    expect(incode.normalize(sessionWebhook("IDENTITY_ENROLLED"), OPTIONS)).toMatchObject({
      type: "idv.session.finished",
      outcome: "unknown",
      session: { vendorEvent: "IDENTITY_ENROLLED", vendorStatus: "ONBOARDING_FINISHED" },
    });
  });

  it("of an event nobody has seen, without a status, is progress and unknown, never approved", () => {
    expect(incode.normalize({ event_type: "SESSION_SUCCEEDED_MAYBE", interviewId }, OPTIONS)).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
    });
  });

  it("may have its event type's meaning overridden, even that of one nobody has seen", () => {
    const outcomes = { SESSION_SUCCEEDED: "review", IDENTITY_ENROLLED: "approved" } as const;
    expect(incode.normalize(sessionWebhook("SESSION_SUCCEEDED"), { ...OPTIONS, outcomes }).outcome).toBe("review");
    expect(incode.normalize(sessionWebhook("Identity Enrolled"), { ...OPTIONS, outcomes }).outcome).toBe("approved");
  });
});

describe("a watchlist notice", () => {
  it("carries both references of the search", () => {
    expect(incode.normalize(watchlist, OPTIONS)).toEqual({
      type: "idv.watchlist.updated",
      outcome: "unknown",
      session: { id: interviewId, vendorEvent: "WATCHLIST_UPDATED" },
      watchlist: { ref: "1700000000-Ab3dEf", searchId: "998877665" },
      missing: [],
      extracted: {},
    });
  });

  it("without an interview is told apart by its reference, which never becomes the session", () => {
    expect(incode.identify({ search_id: "998877665" }, OPTIONS)).toMatchObject({
      identity: { sessionId: "998877665" },
    });
    expect(incode.normalize(watchlistWithoutInterview, OPTIONS)).toEqual({
      type: "idv.watchlist.updated",
      outcome: "unknown",
      session: { vendorEvent: "WATCHLIST_UPDATED" },
      watchlist: { ref: "1700000000-Ab3dEf", searchId: "998877665" },
      missing: [{ what: "interviewId", why: "not_sent" }],
      extracted: {},
    });
  });
});

describe("a webhook that lacks a mandatory field", () => {
  it("is processed with the others and says what it lacks", () => {
    expect(incode.identify({ interviewId }, OPTIONS)).toEqual({
      ok: true,
      identity: { names: ["*"], sessionId: interviewId },
    });
    expect(incode.normalize({ interviewId }, OPTIONS)).toEqual({
      type: "idv.session.progress",
      outcome: "unknown",
      session: { id: interviewId },
      missing: [{ what: "onboardingStatus", why: "not_sent" }],
      extracted: {},
    });
  });

  it("may lack the interview where the customer's id came along", () => {
    const payload = { externalId: "cust-881", onboardingStatus: "EXPIRED" };
    expect(incode.identify(payload, OPTIONS)).toMatchObject({ ok: true, identity: { sessionId: "cust-881" } });
    expect(incode.normalize(payload, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "expired",
      session: { externalId: "cust-881", vendorEvent: "EXPIRED", vendorStatus: "EXPIRED" },
      missing: [{ what: "interviewId", why: "not_sent" }],
      extracted: {},
    });
  });

  it("is unreadable without any id", () => {
    expect(incode.identify({ onboardingStatus: "EXPIRED" }, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
  });
});

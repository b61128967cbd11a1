import { describe, expect, it } from "vitest";
import { seon } from "../../src/vendors/seon/adapter.ts";
import { OPTIONS, testAdapter } from "./adapter.suite.ts";
import {
  abandoned,
  asDocumented,
  atTopLevel,
  fixtures,
  onTheWire,
  statusUpdated,
  transaction,
} from "./fixtures/seon.ts";

const id = onTheWire.details.sessionId;

testAdapter({
  adapter: seon,
  fixtures,
  conversions: {
    US: "USA",
    BR: "BRA",
    DRIVERS_LICENSE: "driving_permit",
    PASSPORT: "passport",
    "1990-02-03T00:00:00.000Z": "1990-02-03",
    "2020-05-06T00:00:00.000Z": "2020-05-06",
    "2026-02-03T10:15:00Z": "2026-02-03T10:15:00.000Z",
    "2026-02-03T10:20:28Z": "2026-02-03T10:20:28.000Z",
    "2026-02-03T11:16:00+01:00": "2026-02-03T10:16:00.000Z",
  },
  override: { payload: abandoned, word: "ABANDONED" },
});

describe("a finished session", () => {
  it("on the wire becomes one whole statement", () => {
    expect(seon.normalize(onTheWire, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "review",
      time: "2026-02-03T10:20:30.000Z",
      session: {
        id,
        externalId: "cust-881",
        referenceId: "9c1d-ref",
        vendorEvent: "idv:session_finished",
        vendorStatus: "REVIEW",
        startedAt: "2026-02-03T10:15:00.000Z",
        finishedAt: "2026-02-03T10:20:29.000Z",
      },
      person: {
        fullName: "Ana Maria Sample",
        birthDate: "1990-02-03",
        gender: "F",
        email: "ana@example.test",
        phone: "+15550100",
        address: { formatted: "1 Sample Street, Miami" },
      },
      document: {
        type: "driving_permit",
        number: "D123-456",
        country: "USA",
        region: "US-FL",
        issuedOn: "2020-05-06",
        expiresOn: "2030-05-06",
      },
      checks: [
        { kind: "document", name: "document", result: "review", vendorValue: "REVIEW" },
        { kind: "document", name: "data_integrity", result: "fail", vendorValue: "FAIL" },
        { kind: "document", name: "photo_forgery", result: "pass", vendorValue: "PASS" },
        { kind: "age", name: "age_verification", result: "pass", vendorValue: "PASS" },
        { kind: "fraud", name: "suspicious_data", result: "pass", vendorValue: "PASS" },
        { kind: "document", name: "match", result: "not_performed", vendorValue: "NOT_PERFORMED" },
        { kind: "other", name: "selfie", result: "pass", vendorValue: "APPROVED" },
        { kind: "face_match", name: "face_matching", result: "pass", vendorValue: "PASS" },
        { kind: "liveness", name: "liveness", result: "pass", vendorValue: "PASS" },
        { kind: "liveness", name: "liveness", result: "pass", vendorValue: "APPROVED" },
        { kind: "liveness", name: "blink", result: "not_performed", vendorValue: "NOT_PERFORMED" },
        { kind: "duplicate", name: "duplicate", result: "pass", vendorValue: false },
      ],
      timeline: [
        { step: "session", startedAt: "2026-02-03T10:15:00.500Z", finishedAt: "2026-02-03T10:20:28.500Z" },
        { step: "document", startedAt: "2026-02-03T10:16:00.000Z", finishedAt: "2026-02-03T10:17:00.000Z" },
        { step: "liveness", startedAt: "2026-02-03T10:18:00.000Z" },
      ],
      missing: [],
      extracted: {
        templateId: "77aa-template",
        platform: "WEB",
        name: "Ana on the account",
        "dataExtractionResult.age": 35,
      },
    });
  });

  it("as documented becomes one whole statement", () => {
    expect(seon.normalize(asDocumented, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "approved",
      time: "2026-02-03T10:20:30.000Z",
      session: {
        id,
        externalId: "cust-881",
        referenceId: "9c1d-ref",
        vendorEvent: "idv:session_finished",
        vendorStatus: "APPROVED",
        startedAt: "2026-02-03T10:15:00.000Z",
        finishedAt: "2026-02-03T10:20:28.000Z",
      },
      person: {
        fullName: "Ana Sample",
        givenName: "Ana",
        familyName: "Sample",
        birthDate: "1990-02-03",
        nationality: "BRA",
        email: "ana@example.test",
        phone: "+15550100",
        address: { formatted: "1 Proven Street" },
      },
      document: {
        type: "passport",
        number: "12345678",
        country: "BRA",
        issuedOn: "2020-05-06",
        expiresOn: "2030-05-06",
      },
      checks: [
        { kind: "document", name: "document", result: "pass", vendorValue: "APPROVED" },
        { kind: "document", name: "data_integrity", result: "pass", vendorValue: "PASS" },
        { kind: "document", name: "photo_forgery", result: "pass", vendorValue: "PASS" },
        { kind: "liveness", name: "liveness", result: "pass", vendorValue: "PASS" },
        { kind: "face_match", name: "face_matching", result: "pass", vendorValue: "PASS" },
        { kind: "proof_of_address", name: "proof_of_address", result: "review", vendorValue: "REVIEW" },
        { kind: "proof_of_address", name: "name_match", result: "fail", vendorValue: "FAIL" },
        {
          kind: "duplicate",
          name: "duplicate",
          result: "fail",
          vendorValue: true,
          details: { flag: true, matches: [{ session_id: "earlier-1", score: 0.97 }] },
        },
      ],
      timeline: [
        { step: "session", startedAt: "2026-02-03T10:15:00.000Z", finishedAt: "2026-02-03T10:20:28.000Z" },
        { step: "document", startedAt: "2026-02-03T10:16:00.000Z" },
      ],
      missing: [],
      extracted: { "proof_of_address_result.issuer": "Power & Light" },
    });
  });

  it("may stand at the top level, with a plain word for each block", () => {
    expect(seon.normalize(atTopLevel, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "declined",
      session: { id, vendorEvent: "idv:session_finished", vendorStatus: "DECLINED" },
      person: { fullName: "Ana Sample" },
      document: {},
      checks: [
        { kind: "document", name: "document", result: "fail", vendorValue: "FAIL" },
        { kind: "liveness", name: "liveness", result: "not_performed", vendorValue: "NOT_PERFORMED" },
        { kind: "face_match", name: "face_matching", result: "fail", vendorValue: "FAIL" },
        { kind: "proof_of_address", name: "proof_of_address", result: "review", vendorValue: "REVIEW" },
        { kind: "duplicate", name: "duplicate", result: "fail", vendorValue: true },
      ],
      timeline: [],
      missing: [],
      extracted: {},
    });
  });

  it("with a status nobody has seen is unknown, never approved", () => {
    for (const status of ["approved", "APPROVED_MAYBE", "constructor", "__proto__"]) {
      const payload = { ...abandoned, details: { ...abandoned.details, status } };
      expect(seon.normalize(payload, OPTIONS)).toMatchObject({ outcome: "unknown", session: { vendorStatus: status } });
    }
  });
});

describe("another event", () => {
  it("of a changed status is an update by a human", () => {
    expect(seon.normalize(statusUpdated, OPTIONS)).toMatchObject({
      type: "idv.session.updated",
      outcome: "approved",
      session: { id, decidedBy: "human" },
    });
  });

  it("of the family that nobody has seen is progress with the outcome of its status", () => {
    const payload = { ...statusUpdated, event: "idv:session_paused" };
    expect(seon.normalize(payload, OPTIONS)).toMatchObject({ type: "idv.session.progress", outcome: "approved" });
    expect(seon.normalize(payload, OPTIONS).session.decidedBy).toBeUndefined();
  });

  it("of another product never says anything about a person, even where its words are the same", () => {
    const statement = seon.normalize(transaction, { ...OPTIONS, outcomes: { APPROVED: "approved" } });
    expect(statement).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
      extracted: { transactionId: "tx-1", amount: 12.5 },
    });
    expect(statement.session.id).toBeUndefined();
    expect(statement.missing).toBeUndefined();
  });

  it("of another product without any id is unreadable", () => {
    const payload = { event: "lists:updated", details: { entries: 3 } };
    expect(seon.identify(payload, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
  });
});

describe("a webhook that lacks a mandatory field", () => {
  it("is told apart by another id, which never becomes the session", () => {
    const payload = { event: "idv:session_finished", details: { referenceId: "9c1d-ref" } };
    expect(seon.identify(payload, OPTIONS)).toEqual({
      ok: true,
      identity: { names: ["idv:session_finished"], sessionId: "9c1d-ref" },
    });
    expect(seon.normalize(payload, OPTIONS)).toMatchObject({
      outcome: "unknown",
      missing: [
        { what: "sessionId", why: "not_sent" },
        { what: "status", why: "not_sent" },
      ],
    });
    expect(seon.normalize(payload, OPTIONS).session.id).toBeUndefined();
  });

  it("has no verdict where it does not say what happened", () => {
    const payload = { details: { sessionId: id, status: "APPROVED" } };
    expect(seon.identify(payload, OPTIONS)).toEqual({ ok: true, identity: { names: ["*"], sessionId: id } });
    expect(seon.normalize(payload, OPTIONS)).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
      missing: [{ what: "event", why: "not_sent" }],
    });
  });
});

describe("the URL-validation ping", () => {
  const ping = { event: "ping", message: "Webhook URL validation check." };

  it("is exactly these two members", () => {
    expect(seon.isPing?.(ping)).toBe(true);
    expect(seon.isPing?.({ ...ping, details: {} })).toBe(false);
    expect(seon.isPing?.({ ...ping, message: "Webhook URL validation check" })).toBe(false);
    expect(seon.isPing?.({ event: "ping" })).toBe(false);
    expect(seon.isPing?.(onTheWire)).toBe(false);
  });
});

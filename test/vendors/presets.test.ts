/** What a preset makes of its vendor's webhooks, where the source says nothing itself. */
import { describe, expect, it } from "vitest";
import { completeRules } from "../../src/config/complete-custom.ts";
import { withPreset } from "../../src/config/preset.ts";
import { PRESET_NAMES, type PresetName } from "../../src/config/presets/presets.ts";
import type { SourceDocument } from "../../src/config/source-schema.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { VendorAdapter } from "../../src/vendors/adapter.ts";
import { custom } from "../../src/vendors/custom/adapter.ts";
import { OPTIONS, testAdapter } from "./adapter.suite.ts";
import { CASES } from "./fixtures/presets.ts";

function adapterOf(preset: PresetName, map: Partial<SourceDocument["map"]> = {}): VendorAdapter {
  const rules = completeRules(
    withPreset<Pick<SourceDocument, "webhook" | "map"> & { preset: PresetName }>({ preset, map }),
  );
  return {
    ...custom,
    identify: (payload, options) => custom.identify(payload, { ...options, custom: rules }),
    normalize: (payload, options) => custom.normalize(payload, { ...options, custom: rules }),
  };
}

describe.each(PRESET_NAMES)("%s", (name) => {
  const { fixtures, conversions = {}, says, outcomes, words } = CASES[name];
  const adapter = adapterOf(name);
  const first = fixtures[0]?.payload as JsonObject;
  testAdapter({ adapter, fixtures, conversions, numRuns: 25 });

  it("says what is certain of it", () => {
    const { type, outcome, session } = adapter.normalize(first, OPTIONS);
    expect({ type, outcome, ...(session.externalId && { externalId: session.externalId }) }).toEqual(says);
  });

  it.each(Object.entries(words))("reads %s as %s", (word, outcome) => {
    expect(adapter.normalize(outcomes(word), OPTIONS)).toMatchObject({ outcome });
  });

  it.each(["", "APPROVED!", "constructor", "true", "ok"])("reads %j as no approval", (word) => {
    expect(adapter.normalize(outcomes(word), OPTIONS).outcome).not.toBe("approved");
  });
});

describe("what is not the last word", () => {
  it("is no approval of iDenfy's, whose reviewers follow", () => {
    const payload = { scanRef: "a", final: false, status: { overall: "APPROVED" } };
    expect(adapterOf("idenfy").normalize(payload, OPTIONS)).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
    });
  });

  it("is no approval of Sumsub's, whose applicant was put on hold or starts anew", () => {
    for (const reviewStatus of ["onHold", "init", "unheard-of"]) {
      const payload = {
        type: "applicantOnHold",
        applicantId: "a",
        reviewStatus,
        reviewResult: { reviewAnswer: "GREEN" },
      };
      expect(adapterOf("sumsub").normalize(payload, OPTIONS)).toMatchObject({ outcome: "pending" });
    }
  });
});

describe("what is about something else than a session", () => {
  const green = { applicantId: "a", reviewStatus: "completed", reviewResult: { reviewAnswer: "GREEN" } };
  const persona = (name: string, type: string, status: string) => ({
    data: { id: "evt_1", attributes: { name, payload: { data: { type, id: "other_1", attributes: { status } } } } },
  });
  const stripe = (type: string, object: string) => ({
    type,
    data: { object: { id: "ba_1", object, status: "verified" } },
  });
  const onfido = (resource: string, status: string) => ({
    payload: { resource_type: resource, action: "workflow_run.completed", object: { id: "a", status } },
  });
  it.each<[PresetName, JsonObject]>([
    ["sumsub", { ...green, type: "applicantKytTxnApproved", kytTxnId: "t" }],
    ["sumsub", { ...green, type: "applicantKytOnHold", kytTxnId: "t" }],
    ["sumsub", { ...green, type: "unheardOf" }],
    ["sumsub", green],
    ["persona", persona("transaction.status-updated", "transaction", "approved")],
    ["persona", persona("case.status-updated", "case", "approved")],
    ["persona", persona("inquiry.completed", "transaction", "declined")],
    ["stripe-identity", stripe("customer.source.updated", "bank_account")],
    ["stripe-identity", stripe("identity.verification_session.canceled", "identity.verification_report")],
    ["onfido", onfido("workflow_task", "approved")],
    ["didit", { webhook_type: "transaction.status.updated", session_id: "a", status: "Approved" }],
    ["didit", { webhook_type: "user.status.updated", session_id: "a", status: "Declined" }],
  ])("is progress without an outcome: %s, %j", (name, payload) => {
    const { type, outcome, session } = adapterOf(name).normalize(payload, OPTIONS);
    expect([type, outcome, session.vendorStatus]).toEqual(["idv.session.progress", "unknown", undefined]);
  });
});

describe("a source's own map", () => {
  it("wins over its preset's field by field", () => {
    const map = { "session.externalId": "/technicalData/ip" };
    const statement = adapterOf("veriff", map).normalize(CASES.veriff.fixtures[0]?.payload as JsonObject, OPTIONS);
    expect(statement).toMatchObject({ outcome: "approved", session: { externalId: "192.0.2.1" } });
  });
});

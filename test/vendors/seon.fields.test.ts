import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { seon } from "../../src/vendors/seon/adapter.ts";
import { OPTIONS } from "./adapter.suite.ts";
import { inconvertible } from "./fixtures/seon.ts";

describe("a check", () => {
  const checksOf = (details: JsonObject) => seon.normalize({ event: "idv:x", details }, OPTIONS).checks;

  it("that the vendor invents tomorrow is a check too, by how it is named", () => {
    expect(checksOf({ documentCheckResult: { hologramCheckResult: "FAIL" }, voiceVerificationResult: "PASS" })).toEqual(
      [
        { kind: "document", name: "hologram", result: "fail", vendorValue: "FAIL" },
        { kind: "other", name: "voice", result: "pass", vendorValue: "PASS" },
      ],
    );
  });

  it("with a word nobody has seen is unknown, and keeps the word", () => {
    expect(checksOf({ liveness_result: "PASSED_MAYBE" })).toEqual([
      { kind: "liveness", name: "liveness", result: "unknown", vendorValue: "PASSED_MAYBE" },
    ]);
  });

  it("may be an object of its own", () => {
    expect(checksOf({ documentCheckResult: { matchCheckResult: { result: "PASS", similarity: 0.9 } } })).toEqual([
      { kind: "document", name: "match", result: "pass", vendorValue: "PASS" },
    ]);
  });

  it("for duplicates keeps a bare list under the vendor's name, and does not judge it", () => {
    expect(checksOf({ duplicate_detection: ["earlier-1"] })).toEqual([
      { kind: "duplicate", name: "duplicate", result: "unknown", details: { duplicate_detection: ["earlier-1"] } },
    ]);
  });

  it("of an address is about the address and nothing else", () => {
    const block = { overallResult: "APPROVED", ageVerificationCheckResult: "PASS" };
    const kinds = checksOf({ proofOfAddressResult: block })?.map((check) => check.kind);
    expect(kinds).toEqual(["proof_of_address", "proof_of_address"]);
  });
});

describe("what cannot be converted", () => {
  it("stays under the vendor's own name", () => {
    const statement = seon.normalize(inconvertible, OPTIONS);
    expect(statement.extracted).toEqual({
      date: "yesterday",
      startedAt: "ten o'clock",
      "timeline.session.startedAt": "ten",
      "timeline.livenessVerification": "skipped",
      "dataExtractionResult.birthDate": "03/02/1990",
      "dataExtractionResult.country": "Atlantis",
      "dataExtractionResult.state": "Florida",
      "dataExtractionResult.documentType": "SEAMANS_BOOK",
      "dataExtractionResult.documentIssueDate": "2020-02-31",
    });
    expect(statement).toMatchObject({ person: {}, document: {}, session: { finishedAt: "2026-02-03T10:20:28.000Z" } });
  });

  it("keeps both of two fields of one name, one of them under details", () => {
    const payload = { event: "idv:x", platform: "top", details: { platform: "below" } };
    expect(seon.normalize(payload, OPTIONS).extracted).toEqual({ platform: "top", "details.platform": "below" });
  });

  it("leaves the document's address alone where a proof of address has another", () => {
    const details = { dataExtractionResult: { address: "first" }, proofOfAddressResult: { address: "second" } };
    const statement = seon.normalize({ event: "idv:x", details }, OPTIONS);
    expect(statement.person?.address).toEqual({ formatted: "first" });
    expect(statement.extracted).toEqual({ "proofOfAddressResult.address": "second" });
  });
});

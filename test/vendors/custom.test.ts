/** A vendor that configuration alone describes. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { VendorAdapter } from "../../src/vendors/adapter.ts";
import { custom } from "../../src/vendors/custom/adapter.ts";
import { OPTIONS, testAdapter } from "./adapter.suite.ts";
import { finished, fixtures, rules } from "./fixtures/custom.ts";
import { replaceAt } from "./payloads.ts";

const described: VendorAdapter = {
  ...custom,
  identify: (payload, options) => custom.identify(payload, { ...options, custom: rules }),
  normalize: (payload, options) => custom.normalize(payload, { ...options, custom: rules }),
};

testAdapter({
  adapter: described,
  fixtures,
  conversions: {
    "1770114030": "2026-02-03T10:20:30.000Z",
    "1770113000000": "2026-02-03T10:03:20.000Z",
    "03.02.1990": "1990-02-03",
    w: "F",
    br: "BRA",
    Brasil: "BRA",
    P: "passport",
    false: "machine",
    "98": "0.98",
  },
  override: { payload: finished, word: "ok" },
});

const changed = (path: string, value: string | number | boolean) =>
  described.normalize(replaceAt(finished, path.split("."), value) as JsonObject, OPTIONS);

describe("a session's end", () => {
  it("is one whole statement", () => {
    expect(described.normalize(finished, OPTIONS)).toEqual({
      type: "idv.session.finished",
      outcome: "approved",
      time: "2026-02-03T10:20:30.000Z",
      session: {
        id: "ses-4711",
        externalId: "cust-881",
        flow: "kyc",
        decidedBy: "machine",
        startedAt: "2026-02-03T10:03:20.000Z",
        vendorEvent: "session.completed",
        vendorStatus: "ok",
      },
      person: {
        fullName: "Ana Sample",
        birthDate: "1990-02-03",
        gender: "F",
        nationality: "BRA",
        address: { city: "Recife" },
        nationalId: { type: "BR_CPF", value: "529.982.247-25" },
      },
      document: { type: "passport", number: "XY123456", country: "BRA", expiresOn: "2031-05-06" },
      watchlist: {},
      checks: [
        { kind: "liveness", name: "alive", result: "pass", score: 0.98, vendorValue: "y" },
        { kind: "face_match", name: "face", result: "pass", vendorValue: "ok" },
        { kind: "other", name: "smell", result: "unknown", vendorValue: "odd" },
      ],
      missing: [],
      extracted: { id: "whk_1", "data.checks.1.remark": "nobody knows" },
    });
  });

  it.each(["fine", "OK", "approved", "constructor", true])("with the unheard-of word %s is not approved", (word) => {
    expect(changed("data.status", word)).toMatchObject({ outcome: "unknown", session: { vendorStatus: String(word) } });
  });
});

describe("what cannot be brought into an event's form", () => {
  it.each([
    ["data.person.dob", "31.02.1990"],
    ["data.person.dob", "1990-02-03"],
    ["data.person.nationality", "Brazilian"],
    ["data.document.country", "Atlantis"],
    ["data.document.expires", "06/05/2031"],
    ["data.person.sex", "x"],
    ["data.alive_percent", 101],
    ["data.alive_percent", "many"],
    ["created", "yesterday"],
    ["created", 1_770_114_030_000],
    ["data.by_agent", "perhaps"],
  ])("stays under the vendor's own name: %s %s", (path, value) => {
    expect(changed(path, value).extracted).toMatchObject({ [path]: value });
  });

  it("is no national id without a number", () => {
    expect(changed("data.person.cpf", "").person).not.toHaveProperty("nationalId");
  });
});

describe("without a map", () => {
  const options = {
    ...OPTIONS,
    custom: rules && { event: [], session: rules.session, delivery: [], fields: [], checks: [] },
  };

  it("a webhook is progress of an unknown outcome, and every scalar is there", () => {
    const statement = custom.normalize(finished, options);
    expect(statement).toMatchObject({ type: "idv.session.progress", outcome: "unknown", session: { id: "ses-4711" } });
    expect(statement.extracted).toMatchObject({ "data.status": "ok", "data.person.name": "Ana Sample" });
  });

  it("and without rules, since the source is gone, it is nobody's", () => {
    expect(custom.identify(finished, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
  });
});

describe("a session's id", () => {
  it.each([true, "", null, {}, []])("is none where %j stands", (id) => {
    const payload = { session_id: id };
    expect(described.identify(payload, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
    expect(described.normalize(payload, OPTIONS).session.id).toBeUndefined();
  });
});

describe("a webhook that was made to break its reader", () => {
  it("with as many checks as it can hold has those that an event can", () => {
    const checks = Array.from({ length: 100_000 }, (_, index) => ({ type: `t${index}`, result: "ok" }));
    const start = Date.now();
    const statement = described.normalize({ ...finished, data: { ...finished.data, checks } }, OPTIONS);
    expect(Date.now() - start).toBeLessThan(2000);
    expect(statement.checks).toHaveLength(500);
    expect(statement.missing).toEqual([{ what: "checks", why: "too_large" }]);
  });
});

import { describe, expect, it } from "vitest";
import { regula } from "../../src/vendors/regula/adapter.ts";
import { OPTIONS, testAdapter } from "./adapter.suite.ts";
import { bare, fixtures, named, nested, withStatus } from "./fixtures/regula.ts";

testAdapter({ adapter: regula, fixtures, conversions: {} });

describe("a webhook of Regula", () => {
  it("is a hint: nothing is known before the session has been read back", () => {
    expect(regula.normalize(bare, OPTIONS)).toEqual({
      type: "idv.session.progress",
      outcome: "unknown",
      session: { id: bare.sessionId },
      extracted: {},
    });
  });

  it("keeps its event and its workflow", () => {
    expect(regula.normalize(named, OPTIONS)).toEqual({
      type: "idv.session.progress",
      outcome: "unknown",
      session: { id: named.sessionId, flow: "onboarding-br", vendorEvent: "session.finished" },
      extracted: {},
    });
  });

  it("keeps a status that it carries, and never takes it for an outcome", () => {
    expect(regula.normalize(nested, OPTIONS)).toMatchObject({
      outcome: "unknown",
      extracted: { "session.status": 2, "session.locale": "pt" },
    });
    expect(regula.normalize(withStatus, OPTIONS)).toMatchObject({
      outcome: "unknown",
      extracted: { status: 2, attempts: 3, verified: true },
    });
    expect(regula.normalize(withStatus, { ...OPTIONS, outcomes: { "2": "approved" } }).outcome).toBe("unknown");
  });
});

describe("the session id", () => {
  const at = (sessionIdAt: readonly string[]) => ({ ...OPTIONS, sessionIdAt });

  it("is looked for in the configured order", () => {
    const payload = { id: "second", sessionId: "first" };
    expect(regula.identify(payload, OPTIONS)).toMatchObject({ identity: { sessionId: "first" } });
    expect(regula.identify(payload, at(["/id", "/sessionId"]))).toMatchObject({ identity: { sessionId: "second" } });
  });

  it("may stand in a list or below a name with a slash or a tilde", () => {
    const payload = { items: [{ "a/b~c": "x" }] };
    expect(regula.identify(payload, at(["/items/0/a~1b~0c"]))).toMatchObject({ identity: { sessionId: "x" } });
    expect(regula.normalize(payload, at(["/items/0/a~1b~0c"])).extracted).toEqual({});
  });

  it("is neither empty nor an object, a flag or something inherited", () => {
    for (const id of ["", null, true, {}, ["x"]]) {
      expect(regula.identify({ sessionId: id }, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
    }
    expect(regula.identify({}, at(["/constructor/name", "", "id"]))).toEqual({ ok: false, reason: "no_session_id" });
  });
});

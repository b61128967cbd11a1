import { describe, expect, it } from "vitest";
import { isFinal, OUTCOMES, readOutcome } from "../../src/core/outcome.ts";
import { composeEvent } from "../../src/core/compose.ts";
import type { Statement } from "../../src/core/event.ts";
import { mapLimited } from "../../src/core/limit.ts";
import { eventOf, provenance, statementOf } from "./events.ts";

describe("an event", () => {
  it("is what the vendor said and what the gateway knows", () => {
    expect(eventOf({ person: { fullName: "Ana" } })).toEqual({
      specversion: "1.0",
      id: "evt_1",
      source: "/in/seon-live",
      type: "idv.session.finished",
      subject: "session-1",
      time: "2026-11-17T07:59:00.000Z",
      datacontenttype: "application/json",
      dataschema: "https://gateway.example/schemas/event.v1.json",
      vendor: "seon",
      outcome: "approved",
      environment: "live",
      sequence: "01J00000000000000000000000",
      data: {
        session: { id: "session-1", vendorStatus: "APPROVED", outcome: "approved", final: true, basis: "signature" },
        person: { fullName: "Ana" },
      },
    });
  });

  it("takes its type from how it stands to its session", () => {
    const event = composeEvent(statementOf(), provenance, { type: "idv.session.updated", superseded: true });
    expect(event).toMatchObject({ type: "idv.session.updated", data: { session: { superseded: true } } });
  });

  it("has the time of its receipt where the vendor gave none", () => {
    expect(eventOf({ time: undefined }).time).toBe(provenance.receivedAt);
  });

  it("without a session id has no subject", () => {
    expect(eventOf({ session: {} })).not.toHaveProperty("subject");
  });

  it("holds nothing that is absent: no null, no empty text, object or list", () => {
    const event = eventOf({
      session: { id: "session-1", externalId: "", flow: undefined },
      person: { fullName: "", address: { city: "" } },
      document: {},
      checks: [{ kind: "other", name: "one", result: "pass", details: { none: null, list: [null, ""], kept: 0 } }],
      timeline: [],
      extracted: { empty: "", zero: 0, no: false },
      missing: [],
    });
    expect(event.data).toEqual({
      session: { id: "session-1", outcome: "approved", final: true, basis: "signature" },
      checks: [{ kind: "other", name: "one", result: "pass", details: { kept: 0 } }],
      extracted: { zero: 0, no: false },
    });
  });

  it("leaves the vendor's own data untouched, absent or not", () => {
    const vendorData = { webhook: { empty: "", none: null, list: [null], __proto: {} } };
    expect(eventOf({ vendorData }).data.vendorData).toEqual(vendorData);
  });

  it("takes a vendor's __proto__ for a plain member", () => {
    const extracted = JSON.parse('{"__proto__":"data"}') as Statement["extracted"];
    const event = eventOf({ extracted });
    expect(JSON.stringify(event.data.extracted)).toBe('{"__proto__":"data"}');
  });

  it("of the same input has the same bytes", () => {
    const statement = { person: { fullName: "Ana" }, checks: [], extracted: { b: 1, a: 2 } };
    expect(JSON.stringify(eventOf(structuredClone(statement)))).toBe(JSON.stringify(eventOf(statement)));
  });
});

describe("an outcome", () => {
  it("is final where the vendor has nothing more to decide", () => {
    const final = OUTCOMES.filter(isFinal);
    expect(final).toEqual(["approved", "declined", "abandoned", "expired", "error"]);
  });

  it("is read by the source's own table first, then the vendor's; all else is unknown", () => {
    const [overrides, defaults] = [{ DONE: "review" }, { DONE: "approved", FAILED: "declined" }] as const;
    expect(
      ["DONE", "FAILED", "done", "", "constructor", "toString"].map((word) => readOutcome(word, overrides, defaults)),
    ).toEqual(["review", "declined", "unknown", "unknown", "unknown", "unknown"]);
  });
});

describe("limited work", () => {
  it("keeps the order of its items and never does more at a time", async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimited([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it("of nothing is nothing", async () => {
    expect(await mapLimited([], 5, () => Promise.resolve(1))).toEqual([]);
  });
});

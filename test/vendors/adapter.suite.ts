/** What every vendor's adapter promises, whatever the vendor sends. A new vendor calls it with its fixtures. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeEvent } from "../../src/core/compose.ts";
import { type CanonicalEvent, EVENT_TYPES, type Json, type Statement } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { OUTCOMES } from "../../src/core/outcome.ts";
import type { AdapterOptions, VendorAdapter } from "../../src/vendors/adapter.ts";
import { leavesOf, looseJson, numberLeaves, pathsOf, replaceAt, vocabularyOf } from "./payloads.ts";

/** A webhook as its vendor documents it, and what must be known to answer it. */
export interface Fixture {
  name: string;
  payload: JsonObject;
  names: readonly string[];
  sessionId: string;
  time?: string;
  deliveryId?: string;
}

export interface VendorUnderTest {
  adapter: VendorAdapter;
  fixtures: readonly Fixture[];
  /** Values that an event holds in canonical words: as sent, and as they are there. */
  conversions: Readonly<Record<string, string>>;
  /** A webhook whose outcome is read from `word`; absent for a vendor whose webhook has none. */
  override?: { payload: JsonObject; word: string };
  /** How often chance is asked for a webhook. */
  numRuns?: number;
}

export const OPTIONS: AdapterOptions = {
  outcomes: {},
  sessionIdAt: ["/sessionId", "/session/id", "/data/sessionId", "/id"],
};

/** Upper-case, so that it survives where a spelling is normalized. */
const MARKER = "MARKER_7F3A";

/** Fixed, so that a red run can be repeated. */
const SEED = 20_261_117;

export function composed(statement: Statement): CanonicalEvent {
  const provenance = {
    id: "evt_1",
    source: "source",
    vendor: "vendor",
    environment: "live",
    sequence: "01J00000000000000000000000",
    receivedAt: "2026-11-17T08:00:00.000Z",
    basis: "signature",
    publicUrl: "https://gateway.example",
  } as const;
  return composeEvent(statement, provenance, { type: statement.type, superseded: false });
}

export function testAdapter({ adapter, fixtures, conversions, override, numRuns = 200 }: VendorUnderTest): void {
  const fuzz = { seed: SEED, numRuns };

  describe.each(fixtures)("$name", (fixture) => {
    it("is identified by its names, its session and its time", () => {
      const { names, sessionId, time, deliveryId } = fixture;
      const identity = { names, sessionId, ...(time && { time }), ...(deliveryId && { deliveryId }) };
      expect(adapter.identify(fixture.payload, OPTIONS)).toEqual({ ok: true, identity });
    });

    it("becomes an event in which absent is absent", () => {
      expectSound(adapter.normalize(fixture.payload, OPTIONS));
    });

    it("loses no value that was sent", () => {
      const kept = leavesOf(composed(adapter.normalize(fixture.payload, OPTIONS)) as unknown as Json);
      const sent = [...leavesOf(fixture.payload)].map((value) => conversions[value] ?? value);
      expect(sent.filter((value) => !kept.has(value))).toEqual([]);
    });

    it("loses no value that nobody has seen, wherever it stands", () => {
      const lost = pathsOf(fixture.payload).filter((path) => {
        const payload = replaceAt(fixture.payload, path, MARKER) as JsonObject;
        return !leavesOf(composed(adapter.normalize(payload, OPTIONS)) as unknown as Json).has(MARKER);
      });
      expect(lost).toEqual([]);
    });

    it("reads the same the second time, and leaves the payload as it was", () => {
      const before = structuredClone(fixture.payload);
      expect(adapter.normalize(fixture.payload, OPTIONS)).toEqual(adapter.normalize(fixture.payload, OPTIONS));
      expect(fixture.payload).toEqual(before);
    });
  });

  describe("whatever is sent", () => {
    const payloads = fixtures.map((fixture) => fixture.payload);

    it("never throws for an arbitrary JSON object", () => {
      fc.assert(fc.property(looseJson(vocabularyOf(payloads)), expectHandled), fuzz);
    });

    it("never throws for a documented webhook with one value replaced by anything", () => {
      const mutated = fc
        .constantFrom(...payloads)
        .chain((payload) =>
          fc.tuple(fc.constant(payload), fc.constantFrom(...pathsOf(payload, "with_objects")), fc.jsonValue()),
        )
        .map(([payload, path, value]) => replaceAt(payload, path, value as Json) as JsonObject);
      fc.assert(fc.property(mutated, expectHandled), fuzz);
    });

    it("loses no value, in whatever fields values stand", () => {
      const { keys } = vocabularyOf(payloads);
      const places = keys.filter((key) => key !== "__proto__" && key !== "");
      const marked = looseJson({ keys: places, words: [MARKER] }, "only_words").map(numberLeaves);
      const lost = (payload: JsonObject) => {
        const kept = leavesOf(composed(adapter.normalize(payload, OPTIONS)) as unknown as Json);
        return [...leavesOf(payload)].filter((value) => !kept.has(value));
      };
      fc.assert(
        fc.property(marked, (payload) => void expect(lost(payload)).toEqual([])),
        fuzz,
      );
    });

    it("takes names that every object has from its prototype as plain words", () => {
      for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
        for (const payload of payloads) {
          for (const path of pathsOf(payload)) expectHandled(replaceAt(payload, path, word) as JsonObject);
        }
      }
    });

    it("never throws for as many fields as a webhook can hold", () => {
      const fields = Array.from({ length: 150_000 }, (_, index): [string, Json] => [`${index}Id`, index]);
      expectHandled({ event: "many", ...Object.fromEntries(fields) });
    });

    it("finds no session where there is no id", () => {
      expect(adapter.identify({}, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
      expect(adapter.identify({ hello: "world" }, OPTIONS)).toEqual({ ok: false, reason: "no_session_id" });
    });
  });

  if (override !== undefined) {
    it("lets the source's own outcomes win over the vendor's", () => {
      const outcomes = { [override.word]: "abandoned" } as const;
      expect(adapter.normalize(override.payload, { ...OPTIONS, outcomes }).outcome).toBe("abandoned");
    });
  }

  function expectHandled(payload: JsonObject): void {
    const identified = adapter.identify(payload, OPTIONS);
    if (identified.ok) {
      expect(identified.identity.sessionId).not.toBe("");
      expect(identified.identity.names.every((name) => typeof name === "string" && name !== "")).toBe(true);
    }
    expectSound(adapter.normalize(payload, OPTIONS));
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^[+-]?\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function expectSound(statement: Statement): void {
  const event = composed(statement);
  expect(emptiesOf(event as unknown as Json)).toEqual([]);
  expect(EVENT_TYPES).toContain(event.type);
  expect(OUTCOMES).toContain(event.outcome);
  expect(event.time).toMatch(INSTANT);
  const { person, document, session, timeline = [] } = event.data;
  for (const date of [person?.birthDate, document?.issuedOn, document?.expiresOn]) if (date) expect(date).toMatch(DATE);
  for (const country of [person?.nationality, document?.country]) if (country) expect(country).toMatch(/^[A-Z]{3}$/);
  for (const { startedAt, finishedAt } of [session, ...timeline]) {
    for (const instant of [startedAt, finishedAt]) if (instant) expect(instant).toMatch(INSTANT);
  }
}

/** The paths at which an event holds null, or an empty text, list or object. */
function emptiesOf(value: Json, path = ""): string[] {
  if (value === null || value === "") return [path];
  if (typeof value !== "object") return [];
  const members = Object.entries(value);
  return members.length === 0 ? [path] : members.flatMap(([key, member]) => emptiesOf(member, `${path}/${key}`));
}

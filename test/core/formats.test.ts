/** Every format, member by member; how libraries read them is told in the end-to-end tests. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CanonicalEvent } from "../../src/core/event.ts";
import { shape, type Shaped } from "../../src/core/formats.ts";
import { eventOf } from "./events.ts";

const event: CanonicalEvent = eventOf({
  session: { id: "Zoë „1“ 100%", vendorStatus: "APPROVED" },
  person: { fullName: "Ana Sample", birthDate: "1990-02-03", nationalId: { type: "BR_CPF", value: "123" } },
  checks: [
    { kind: "liveness", name: "liveness", result: "pass", score: 0.98 },
    { kind: "document", name: "expiry", result: "fail" },
  ],
  vendorData: { webhook: { event: "x" } },
});
const EVERYTHING = { redact: [] };

const textOf = ({ body }: Shaped): string => new TextDecoder().decode(body);
const { vendorData: _vendorData, ...data } = event.data;

describe("a structured CloudEvent", () => {
  it("is the event, without the vendor's own payload", () => {
    const shaped = shape(event, "cloudevents", EVERYTHING);
    expect(shaped.headers).toEqual({ "content-type": "application/cloudevents+json; charset=utf-8" });
    expect(JSON.parse(textOf(shaped))).toEqual({ ...event, data });
  });
});

describe("a binary CloudEvent", () => {
  it("has its attributes in headers, and its data as the body", () => {
    const shaped = shape(event, "cloudevents-binary", EVERYTHING);
    const { datacontenttype, data: _data, ...attributes } = event;
    const { "content-type": contentType, ...headers } = shaped.headers;
    expect(contentType).toBe(datacontenttype);
    const decoded = Object.entries(headers).map(([name, value]) => [
      name.replace(/^ce-/, ""),
      decodeURIComponent(value),
    ]);
    expect(Object.fromEntries(decoded)).toEqual(attributes);
    expect(JSON.parse(textOf(shaped))).toEqual(data);
  });

  it("has header values that hold any text, and decode to it", () => {
    expect(shape(event, "cloudevents-binary", EVERYTHING).headers["ce-subject"]).toBe(
      "Zo%C3%AB%20%E2%80%9E1%E2%80%9C%20100%25",
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        const { headers } = shape(eventOf({ session: { id: `x${id}` } }), "cloudevents-binary", EVERYTHING);
        expect(headers["ce-subject"]).toMatch(/^[!#-$&-~%]+$/);
        expect(decodeURIComponent(headers["ce-subject"] ?? "")).toBe(`x${id}`.toWellFormed());
      }),
      { seed: 20_261_117 },
    );
  });
});

describe("a Standard Webhooks body", () => {
  it("is exactly type, timestamp and data", () => {
    const shaped = shape(event, "standard", EVERYTHING);
    expect(shaped.headers).toEqual({ "content-type": "application/json" });
    expect(JSON.parse(textOf(shaped))).toEqual({ type: event.type, timestamp: event.time, data });
  });
});

describe("every format", () => {
  it.each(["cloudevents", "cloudevents-binary", "standard"] as const)(
    "%s holds what is included, and of that nothing that is redacted",
    (format) => {
      const shaped = shape(event, format, {
        include: ["person", "checks"],
        redact: ["/data/person/birthDate", "/data/checks/*/score", "/data/checks/1/name", "/subject", "/time"],
      });
      const whole = JSON.stringify(shaped.headers) + textOf(shaped);
      for (const absent of ["1990", "0.98", "expiry", "birthDate", "score", "ce-subject", "07:59"])
        expect(whole).not.toContain(absent);
      const parsed = JSON.parse(textOf(shaped)) as { data?: object };
      expect(format === "cloudevents-binary" ? parsed : parsed.data).toEqual({
        session: event.data.session,
        person: { fullName: "Ana Sample", nationalId: { type: "BR_CPF", value: "123" } },
        checks: [
          { kind: "liveness", name: "liveness", result: "pass" },
          { kind: "document", result: "fail" },
        ],
      });
    },
  );
});

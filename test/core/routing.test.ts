import { describe, expect, it } from "vitest";
import { project, type Includable } from "../../src/core/projection.ts";
import { subscribersOf, type Route } from "../../src/core/routing.ts";
import type { CanonicalEvent, Statement } from "../../src/core/event.ts";
import { eventOf } from "./events.ts";

describe("routing", () => {
  const routes: Route[] = [
    { name: "all", enabled: true },
    { name: "off", enabled: false },
    { name: "approved", enabled: true, filter: { outcome: "approved" } },
    { name: "declined", enabled: true, filter: { outcome: "declined" } },
    { name: "tests", enabled: true, filter: { environment: "test" } },
    { name: "both", enabled: true, filter: { environment: { $in: ["live", "test"] } } },
    { name: "not-live", enabled: true, filter: { $not: { environment: "live" } } },
    { name: "seon", enabled: true, filter: { source: "seon-live" } },
  ];
  const names = (event: CanonicalEvent) => subscribersOf(event, "seon-live", routes).map(({ name }) => name);

  it("a live event goes to every enabled subscriber whose filter passes", () => {
    expect(names(eventOf())).toEqual(["all", "approved", "both", "seon"]);
  });

  it("a test event goes only to subscribers whose filter names the environment", () => {
    expect(names(eventOf({}, { environment: "test" }))).toEqual(["tests", "both", "not-live"]);
  });
});

describe("projection", () => {
  const statement: Partial<Statement> = {
    person: { fullName: "Ana Sample", email: "ana@example.com" },
    document: { number: "X1", country: "USA" },
    checks: [
      { kind: "liveness", name: "first", result: "pass", score: 0.9 },
      { kind: "document", name: "second", result: "fail", score: 0.1 },
      { kind: "other", name: "third", result: "review" },
    ],
    extracted: { "a/b": "slash", "m~n": "tilde", "*": "star", plain: "plain" },
    missing: [{ what: "session", why: "not_configured" }],
    vendorData: { webhook: { status: "APPROVED" } },
  };
  const event = eventOf(statement);
  type Projected = { data: Record<string, unknown>; [member: string]: unknown };
  const projected = (redact: string[], include?: Includable[]) => project(event, { redact, include }) as Projected;
  const namesOfChecks = (redact: string[]) =>
    ((projected(redact).data["checks"] ?? []) as { name?: string }[]).map(({ name }) => name);

  it("without include is everything but the vendor's own data", () => {
    const { vendorData: _vendorData, ...rest } = event.data;
    expect(projected([])).toEqual({ ...event, data: rest });
  });

  it("include is what was asked for, and always session and missing", () => {
    expect(Object.keys(projected([], ["person", "vendorData"]).data).sort()).toEqual([
      "missing",
      "person",
      "session",
      "vendorData",
    ]);
    expect(Object.keys(projected([], []).data).sort()).toEqual(["missing", "session"]);
  });

  it("redacted is absent, and everything else stays", () => {
    const { data } = projected(["/data/document/number", "/data/person/email"]);
    expect(data["document"]).toEqual({ country: "USA" });
    expect(data["person"]).toEqual({ fullName: "Ana Sample" });
    expect(JSON.stringify(projected(["/data/person"]))).not.toContain("Ana");
  });

  it("* is every element of a list", () => {
    const { data } = projected(["/data/checks/*/score"]);
    expect(JSON.stringify(data)).not.toContain("score");
    expect(namesOfChecks(["/data/checks/*/score"])).toEqual(["first", "second", "third"]);
  });

  it("* among the members of an object is only a member of that name", () => {
    expect(projected(["/data/extracted/*"]).data["extracted"]).toEqual({
      "a/b": "slash",
      "m~n": "tilde",
      plain: "plain",
    });
  });

  it("~1 and ~0 stand for / and ~", () => {
    expect(projected(["/data/extracted/a~1b", "/data/extracted/m~0n"]).data["extracted"]).toEqual({
      "*": "star",
      plain: "plain",
    });
  });

  it("an element is redacted by its index", () => {
    expect(namesOfChecks(["/data/checks/1"])).toEqual(["first", "third"]);
  });

  it("several elements are redacted by the indexes they have in the event", () => {
    expect(namesOfChecks(["/data/checks/0", "/data/checks/1"])).toEqual(["third"]);
  });

  it("a pointer to nothing changes nothing", () => {
    for (const pointer of [
      "/nothing",
      "/data/person/nothing/at/all",
      "/data/checks/9",
      "/data/checks/x",
      "/data/session/id/x",
    ])
      expect(projected([pointer])).toEqual(projected([]));
  });

  it("leaves the event as it was", () => {
    const before = structuredClone(event);
    projected(["/data/person", "/data/checks/*/score"], ["person", "checks"]);
    expect(event).toEqual(before);
  });
});

/** Sources of custom vendors: what is accepted, and what is told of what is not. */
import { describe, expect, it } from "vitest";
import { secretUses } from "../../src/config/uses.ts";
import { document as source } from "../vendors/fixtures/custom.ts";
import { sourceDocument } from "../vendors/fixtures/custom.session.ts";
import { changed, faultsOf, pathsOf, read, REMOVED } from "./documents.ts";

const DOCUMENT = { sources: { acme: source, reading: sourceDocument } };

const pathsWith = (changes: Readonly<Record<string, unknown>>) =>
  pathsOf(
    changed(Object.fromEntries(Object.entries(changes).map(([path, value]) => [`/sources${path}`, value])), DOCUMENT),
  );

describe("a custom source", () => {
  it("is accepted", () => {
    expect(faultsOf(DOCUMENT)).toEqual([]);
  });

  it("may leave out all but where the session's id stands", () => {
    const minimal = { vendor: "custom", verify: [{ scheme: "none" }], events: {}, webhook: { session: "/id" } };
    const reading = read({ sources: { acme: minimal } });
    expect(reading.ok && reading.config.sources.get("acme")).toMatchObject({
      windowSeconds: 86_400,
      adapterOptions: { custom: { event: [], session: ["/id"], fields: [], checks: [] } },
    });
  });

  it("without time or delivery's id is asked about again after a minute, since only its session tells what is new", () => {
    const windowOf = (webhook: object) => {
      const reading = read({ sources: { reading: { ...sourceDocument, webhook } } });
      return reading.ok && reading.config.sources.get("reading")?.windowSeconds;
    };
    expect(windowOf({ session: "/id" })).toBe(60);
    expect(windowOf({ session: "/id", time: "/at" })).toBe(86_400);
    expect(windowOf({ session: "/id", delivery: "/delivery" })).toBe(86_400);
  });

  it("uses the secrets that it names, and takes no vendor's word for one", () => {
    const words = { secret: "approved" };
    const document = {
      sources: { acme: { ...sourceDocument, outcomes: words, map: { outcome: { at: "/a", values: words } } } },
    };
    expect([...secretUses(document).keys()]).toEqual(["acme"]);
  });

  it("keeps a credential apart from what else opens its API", () => {
    const reading = read(DOCUMENT);
    expect(reading.ok && reading.config.sources.get("reading")?.session).toMatchObject({
      apiKey: { secret: "acme" },
      options: { auth: { type: "header", name: "Authorization", prefix: "Token token=" } },
      origins: ["https://api.acme.example"],
    });
  });
});

describe("a challenge that a webhook's name gives away", () => {
  const challenge = { method: "POST", when: { at: "/type", equals: "session.completed" }, echo: "/id" };
  const faultsWith = (event: unknown, events: object, at = "/type") => {
    const webhook = { session: "/session", event };
    const verify = [{ scheme: "none" }];
    const when = { at, equals: "session.completed" };
    return pathsOf({
      sources: { acme: { vendor: "custom", verify, events, webhook, challenge: { ...challenge, when } } },
    });
  };
  it("is a fault", () => {
    const named = ["/sources/acme/challenge/when/equals"];
    expect(faultsWith("/type", { "session.completed": "deliver" })).toEqual(named);
    expect(faultsWith(["/kind", "/type"], { "done/session.completed": "record", "*": "deliver" })).toEqual(named);
    expect(faultsWith("/type", { "*": "deliver" })).toEqual([]);
    expect(faultsWith("/kind", { "session.completed": "deliver" })).toEqual([]);
    expect(faultsWith("/type", { "session.opened": "deliver" })).toEqual([]);
  });
});

describe("a fault", () => {
  it.each([
    ["/acme/webhook", REMOVED, "/acme/webhook"],
    ["/acme/webhook/session", REMOVED, "/acme/webhook/session"],
    ["/acme/webhook/session", "session.id", "/acme/webhook/session"],
    ["/acme/webhook/session", [], "/acme/webhook/session"],
    ["/acme/webhook/time", { at: "/t", format: "DD.MM" }, "/acme/webhook/time/format"],
    ["/acme/webhook/time", { at: "/t", format: "(a+)+$" }, "/acme/webhook/time/format"],
    ["/acme/map/outcome", { at: "/a", values: { ok: "fine" } }, "/acme/map/outcome/values/ok"],
    ["/acme/map/outcome", { at: "/a", default: "approved" }, "/acme/map/outcome/default"],
    ["/acme/map/outcome", { at: "/a", absent: "approved" }, "/acme/map/outcome/absent"],
    ["/acme/map/outcome", { constant: "approved" }, "/acme/map/outcome/constant"],
    ["/acme/map/outcome", { at: "/a", code: "return 1" }, "/acme/map/outcome/code"],
    ["/acme/map/person.shoeSize", "/a", "/acme/map/person.shoeSize"],
    ["/acme/map/person.email", { at: "/a", read: "session" }, "/acme/map/person.email/read"],
    ["/acme/map/checks/0/read", "report", "/acme/map/checks/0/read"],
    ["/acme/map/checks/0/kind", "sniff", "/acme/map/checks/0/kind"],
    ["/acme/map/checks/0/default", "pass", "/acme/map/checks/0/default"],
    ["/acme/map/checks/0/score", { at: "/a", outOf: 0 }, "/acme/map/checks/0/score/outOf"],
    ["/acme/vendor", "seon", "/acme/webhook"],
    ["/reading/session/reads/0/name", "webhook", "/reading/session/reads/0/name"],
    ["/reading/session/reads/1/name", "session", "/reading/session/reads/1/name"],
    ["/reading/session/reads/0/path", "https://evil.example/{session}", "/reading/session/reads/0/path"],
    ["/reading/session/reads/0/path", "//evil.example/{session}", "/reading/session/reads/0/path"],
    ["/reading/session/reads/0/path", "/{constructor}", "/reading/session/reads/0/path"],
    ["/reading/session/reads/0/path", "/{id}", "/reading/session/reads/0/path"],
    ["/reading/session/reads/0/path", "/{report:/id}", "/reading/session/reads/0/path"],
    ["/reading/session/reads/0/path", "/{session:/id}", "/reading/session/reads/0/path"],
    ["/reading/session/reads/0/path", "/{session", "/reading/session/reads/0/path"],
    ["/reading/session/fileList/0/path", "/{url}", "/reading/session/fileList/0/path"],
    ["/reading/session/fileList/0/read", "nothing", "/reading/session/fileList/0/read"],
    ["/reading/session/fileList/0/read", REMOVED, "/reading/session/fileList/0/read"],
    ["/reading/session/fileList/1/path", REMOVED, "/reading/session/fileList/1/url"],
    ["/reading/session/auth", { type: "bearer", token: "in the open" }, "/reading/session/auth/token"],
    [
      "/reading/session/auth",
      { type: "oauth2", tokenUrl: "http://169.254.169.254/", clientId: "c", clientSecret: { secret: "s" } },
      "/reading/session/auth/tokenUrl",
    ],
    ["/reading/session/apiKey", { secret: "s" }, "/reading/session/apiKey"],
    ["/reading/session", { baseUrl: "https://api.acme.example" }, "/reading/session/reads"],
    ["/reading/session/baseUrl", "https://10.0.0.1", "/reading/session/baseUrl"],
    ["/reading/challenge", { method: "PUT" }, "/reading/challenge/method"],
    ["/acme/webhook/about", { at: "/type", oneOf: [] }, "/acme/webhook/about/oneOf"],
    ["/acme/webhook/about", { at: "type", oneOf: ["a"] }, "/acme/webhook/about/at"],
    ["/reading/challenge", { method: "GET", query: "c", verify: 1 }, "/reading/challenge/verify"],
  ])("at %s with %j is told where it is", (path, value, told) => {
    expect(pathsWith({ [path]: value })).toContain(`/sources${told}`);
  });

  it("repeats nothing of what was written", () => {
    const told = JSON.stringify(
      faultsOf(changed({ "/sources/reading/session/reads/0/path": "/{SECRET_WORD}" }, DOCUMENT)),
    );
    expect(told).not.toContain("SECRET_WORD");
  });
});

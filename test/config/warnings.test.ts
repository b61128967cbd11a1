/** What a document may say, and its author hardly means. */
import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/config/faults.ts";
import { changed, EXAMPLE, read, REMOVED } from "./documents.ts";

const AT = "/subscribers/decisioning";
const bearer = (id: string, secret: string) => [{ scheme: "bearer", clients: [{ id, secret: { secret } }] }];

function warningsOf(changes: Record<string, unknown>): readonly Fault[] {
  const reading = read(changed(changes));
  if (!reading.ok) throw new Error(`refused: ${JSON.stringify(reading.faults)}`);
  return reading.warnings;
}

/** A change to the example, where it is warned of, and what it suggests. */
const WARNED: [string, Record<string, unknown>, ...[path: string, suggestion?: string][]][] = [
  [
    "a filter on a field that no event has",
    { [`${AT}/filter/outcom`]: "approved" },
    [`${AT}/filter/outcom`, "outcome"],
  ],
  [
    "a field deeper down",
    { [`${AT}/filter/data.person.nationalty`]: "USA" },
    [`${AT}/filter/data.person.nationalty`, "data.person.nationality"],
  ],
  ["a field below a text", { [`${AT}/filter/outcome.word`]: "approved" }, [`${AT}/filter/outcome.word`]],
  [
    "an index into a list, which is looked through without one",
    { [`${AT}/filter/data.checks.0.kind`]: "liveness" },
    [`${AT}/filter/data.checks.0.kind`, "data.checks.kind"],
  ],
  [
    "a field that is only joined or turned round",
    { [`${AT}/filter/$or`]: [{ $not: { vendr: "seon" } }, { type: "idv.session.finished" }] },
    [`${AT}/filter/$or/0/$not/vendr`, "vendor"],
  ],
  [
    "a value that its field never has",
    { [`${AT}/filter/type`]: "idv.session.finishd" },
    [`${AT}/filter/type`, "idv.session.finished"],
  ],
  ["a value among others", { [`${AT}/filter/outcome/$in/1`]: "denied" }, [`${AT}/filter/outcome/$in/1`]],
  [
    "a value that is excluded, and so never is",
    { [`${AT}/filter/outcome`]: { $ne: "aproved" } },
    [`${AT}/filter/outcome/$ne`, "approved"],
  ],
  [
    "a value deeper down",
    { [`${AT}/filter/data.checks.result`]: "passed" },
    [`${AT}/filter/data.checks.result`, "pass"],
  ],
  ["a source that is not there", { [`${AT}/filter/source`]: "incode-lve" }, [`${AT}/filter/source`, "incode-live"]],
  [
    "sources that are not there",
    { [`${AT}/filter/source`]: { $in: ["seon-live", "acme"] } },
    [`${AT}/filter/source/$in/1`],
  ],
  ["a filter that no source can satisfy", { [`${AT}/filter/source`]: { $startsWith: "acme" } }, [`${AT}/filter`]],
  ["conditions that exclude one another", { [`${AT}/filter`]: { source: "regula", vendor: "seon" } }, [`${AT}/filter`]],
  [
    "a source and an environment that it has not",
    { [`${AT}/filter`]: { $and: [{ source: "regula" }, { $not: { environment: "live" } }] } },
    [`${AT}/filter`],
  ],
  [
    "a subscriber of test sources only that does not ask for tests",
    { "/sources": { regula: { ...EXAMPLE.sources.regula, environment: "test" } } },
    [`${AT}/filter`],
  ],
  [
    "one without a filter",
    { "/sources": { regula: { ...EXAMPLE.sources.regula, environment: "test" } }, [`${AT}/filter`]: REMOVED },
    [AT],
  ],
  [
    "something to redact that no event has",
    { [`${AT}/redact`]: ["/data/persn/fullName", "/data/person/fullName"] },
    [`${AT}/redact/0`],
  ],
  [
    "something to redact in a list without saying of which element",
    { [`${AT}/redact`]: ["/data/checks/name", "/data/checks/*/name", "/data/checks/0"] },
    [`${AT}/redact/0`],
  ],
  [
    "two sources' clients with one id and secret",
    { "/sources/unico/verify": bearer("incode", "incode-client") },
    ["/sources/unico/verify/0/clients/0/id"],
  ],
  [
    "two sources' clients with one id",
    { "/sources/unico/verify": bearer("incode", "other") },
    ["/sources/unico/verify/0/clients/0/id"],
  ],
  [
    "a source whose events are all ignored",
    { "/sources/regula/events": { "*": { action: "ignore" }, session: "ignore" } },
    ["/sources/regula/events"],
  ],
  [
    "a name shadowed by a broader one",
    { "/sources/unico/events": { "a/b/c": "deliver", a: "deliver", "a/x": "ignore" } },
    ["/sources/unico/events/a~1b~1c", "a"],
  ],
  [
    "a name that is meant as a pattern",
    { "/sources/unico/events": { "PROCESS_STATE_FINISHED/*": "deliver" } },
    ["/sources/unico/events/PROCESS_STATE_FINISHED~1*"],
  ],
  [
    "a vendor's word misspelt",
    { "/sources/incode-live/events/ONBOARDING_FINISHD": "deliver" },
    ["/sources/incode-live/events/ONBOARDING_FINISHD", "ONBOARDING_FINISHED"],
  ],
  [
    "a vendor's word in another spelling",
    { "/sources/incode-live/events/Session Succeeded": "deliver" },
    ["/sources/incode-live/events/Session Succeeded", "SESSION_SUCCEEDED"],
  ],
  [
    "a part of a name misspelt",
    { "/sources/seon-live/events/idv:session_finished~1ABANDONNED": "ignore" },
    ["/sources/seon-live/events/idv:session_finished~1ABANDONNED", "idv:session_finished/ABANDONED"],
  ],
  [
    "two spellings of one name",
    { "/sources/regula/events": { "kyc.done": "deliver", KYC_DONE: "ignore" } },
    ["/sources/regula/events/KYC_DONE", "kyc.done"],
  ],
];

describe("a document is warned of", () => {
  it.each(WARNED)("%s", (_what, changes, ...expected) => {
    const warnings = warningsOf(changes);
    expect(warnings.map(({ path, suggestion }) => [path, suggestion])).toEqual(
      expected.map(([path, suggestion]) => [path, suggestion]),
    );
    for (const { message } of warnings) expect(message).toMatch(/^[a-z].{10,}/);
  });
});

/** What looks alike and is meant. */
const MEANT: [string, Record<string, unknown>][] = [
  ["a source that is excluded before it is there", { [`${AT}/filter/source`]: { $nin: ["acme"] } }],
  [
    "fields under names that are the vendor's",
    {
      [`${AT}/filter`]: {
        "data.extracted.device.os": "x",
        "data.vendorData.a.b": 1,
        "data.checks.details.c": 2,
        "data.watchlist.hits.d": 3,
      },
    },
  ],
  [
    "a field of every depth",
    {
      [`${AT}/filter`]: {
        subject: "x",
        revision: { $exists: true },
        "data.session.lastEvent.code": "x",
        "data.person.address.country": "USA",
        "data.files.kind": "selfie",
        "data.missing.why": "gone",
      },
    },
  ],
  [
    "notices, which no source sends",
    {
      [`${AT}/filter`]: {
        type: { $startsWith: "gateway." },
        source: "gateway",
        "data.consecutiveFailures": { $gt: 3 },
      },
    },
  ],
  [
    "notices and another source's events",
    { [`${AT}/filter`]: { $or: [{ type: "gateway.delivery.dead" }, { source: "regula" }] } },
  ],
  [
    "tests that are asked for",
    { [`${AT}/filter/environment`]: { $exists: true }, "/sources/regula/environment": "test" },
  ],
  [
    "what is redacted under names that are the vendor's",
    { [`${AT}/redact`]: ["/data/extracted/a.b", "/data/vendorData/x/0/y", "/data/checks/*/details/z", "/subject"] },
  ],
  [
    "a client whose secret is rotated",
    { "/sources/incode-live/verify/0/clients/1": { id: "incode", secret: { secret: "next" } } },
  ],
  [
    "a broader name that says something else",
    { "/sources/unico/events": { "a/b": "deliver", a: "ignore", "*": "ignore" } },
  ],
  ["a name that says the same as all the rest", { "/sources/regula/events": { a: "deliver", "*": "deliver" } }],
  ["a name that nobody has heard of", { "/sources/seon-live/events/idv:session_teleported": "ignore" }],
  ["names in another alphabet", { "/sources/regula/events": { 承認: "deliver", 拒否: "ignore" } }],
  ["no sources at all, and nothing is sent yet", { "/sources": {}, [`${AT}/filter`]: REMOVED }],
];

describe("a document is not warned of", () => {
  it.each(MEANT)("%s", (_what, changes) => {
    expect(warningsOf(changes)).toEqual([]);
  });

  it("is the documentation's example", () => {
    expect(warningsOf({})).toEqual([]);
  });
});

it("warnings of a large document are found in little time", () => {
  const sources = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`source-${index}`, EXAMPLE.sources.regula]),
  );
  const subscriber = { ...EXAMPLE.subscribers.decisioning, filter: { source: { $startsWith: "acme" } } };
  const subscribers = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [`subscriber-${index}`, subscriber]),
  );
  const reading = read({ sources, subscribers });
  expect(reading.ok && reading.warnings.length).toBe(1000);
});

/** What a fault says besides where it is: the names that would have done, and the one that was nearly written. */
import { describe, expect, it } from "vitest";
import { changed, EXAMPLE, faultsOf } from "./documents.ts";

const AT = "/subscribers/decisioning";

/** A change to the example, what it suggests, and a name that would do as well. */
const MISSPELT: [string, Record<string, unknown>, string, string][] = [
  ["a key at the top", { "/souces": {} }, "sources", "subscribers"],
  ["a key of a source", { "/sources/regula/enviroment": "test" }, "environment", "retention"],
  ["a key of a scheme", { "/sources/seon-live/verify/0/secret": [] }, "secrets", "encoding"],
  [
    "a key of a scheme among those that must all pass",
    {
      "/sources/regula/verify/0": {
        all: [{ scheme: "basic", username: "u", passwords: [{ secret: "s" }], user: "u" }],
      },
    },
    "username",
    "passwords",
  ],
  ["a key of a session", { "/sources/regula/session/apikey": {} }, "apiKey", "login"],
  [
    "a key of an event's handling",
    { "/sources/regula/events/*": { action: "record", fetches: true } },
    "fetch",
    "action",
  ],
  [
    "a key of a secret",
    { "/sources/regula/session/apiKey": { secert: "regula-api-key", secret: "s" } },
    "secret",
    "secret",
  ],
  [
    "a key of a rule for retries",
    { [`${AT}/retry`]: { attempts: 2, firstSeconds: 1, factor: 1, factors: 1 } },
    "factor",
    "attempts",
  ],
  ["a key of an auth", { [`${AT}/auth/clientId2`]: "x" }, "clientId", "tokenUrl"],
  ["a key that is only begun", { [`${AT}/rate`]: 5 }, "ratePerSecond", "retry"],
  ["a vendor", { "/sources/regula/vendor": "Regulla" }, "regula", "seon"],
  ["a scheme", { "/sources/regula/verify/0/scheme": "heder" }, "header", "hmac"],
  ["an action", { "/sources/regula/events/*": "delivr" }, "deliver", "ignore"],
  ["an outcome", { "/sources/regula/outcomes": { DONE: "aproved" } }, "approved", "declined"],
  ["a format", { [`${AT}/format`]: "cloudevent" }, "cloudevents", "raw"],
  ["a member to include", { [`${AT}/include/0`]: "persons" }, "person", "vendorData"],
  ["a way to authenticate", { [`${AT}/auth`]: { type: "oauth" } }, "oauth2", "basic"],
  ["an operator", { [`${AT}/filter/outcome`]: { $im: ["approved"] } }, "$in", "$startsWith"],
  ["a word that joins filters", { [`${AT}/filter/$ro`]: [] }, "$or", "$not"],
];

describe("a misspelt name", () => {
  it.each(MISSPELT)(
    "is answered with the nearest, and with all that would do: %s",
    (_what, changes, suggestion, other) => {
      const [fault, ...others] = faultsOf(changed(changes));
      expect(others).toEqual([]);
      expect(fault).toMatchObject({ suggestion, expected: expect.arrayContaining([suggestion, other]) });
    },
  );

  it("is answered without a guess where it is like none", () => {
    expect(faultsOf(changed({ "/sources/regula/environment": "MARKER" }))).toEqual([
      {
        path: "/sources/regula/environment",
        message: "expected one of live, test",
        expected: ["live", "test"],
      },
    ]);
  });
});

describe("a name that every object has", () => {
  it.each([
    "/sources/unico/session/contracts",
    "/sources/regula/outcomes",
    "/subscribers/decisioning/headers",
    "/subscribers/decisioning/filter",
  ])("is refused where names are free, and not passed over: %s", (place) => {
    for (const name of ["__proto__", "constructor", "prototype"]) {
      const around = JSON.parse(`{${JSON.stringify(name)}:"websdk"}`) as unknown;
      expect(faultsOf(changed({ [place]: around }))).toEqual([
        { path: `${place}/${name}`, message: "this name cannot be used" },
      ]);
    }
  });
});

describe("unknown keys", () => {
  it("are all told, wherever they stand and however many stand side by side", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`unheard-${index}`, 1]));
    const changes = { "/sources/regula": { ...EXAMPLE.sources.regula, ...many, environment: "MARKER" }, "/unheard": 1 };
    expect(faultsOf(changed(changes)).map(({ message }) => message)).toEqual([
      ...Array.from({ length: 101 }, () => "unknown key"),
      "expected one of live, test",
    ]);
  });

  it("are told to a thousand, so that there can be an answer", () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`unheard-${index}`, 1]));
    expect(faultsOf(many)).toHaveLength(1000);
  });
});

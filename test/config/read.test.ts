import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { handlingOf, isReadBack, type Settings } from "../../src/config/config.ts";
import { parsePointer, toPointer } from "../../src/core/pointer.ts";
import { changed, EXAMPLE, faultsOf, OWN_ORIGIN, pathsOf, read, REMOVED } from "./documents.ts";

const MARKER = "MARKER_7F3A";

function configOf(document: unknown, allow?: string): Settings {
  const reading = read(document, allow);
  if (!reading.ok) throw new Error(`refused: ${JSON.stringify(reading.faults)}`);
  return reading.config;
}

const subscriberOf = (changes: Record<string, unknown>) => configOf(changed(changes)).subscribers.get("decisioning");
const sourceOf = (name: string, changes: Record<string, unknown> = {}) => configOf(changed(changes)).sources.get(name);

describe("a valid document", () => {
  it("is the documentation's example", () => {
    const config = configOf(EXAMPLE);
    expect([...config.sources.keys()]).toEqual(["seon-live", "incode-live", "regula", "unico"]);
    expect([...config.subscribers.keys()]).toEqual(["decisioning"]);
  });

  it("may be empty, and name its schema", () => {
    expect(read({})).toMatchObject({ ok: true, warnings: [] });
    expect(read({ $schema: "https://gateway.example/schemas/config.json", sources: {}, subscribers: {} }).ok).toBe(
      true,
    );
  });

  it("leaves out what has a default", () => {
    const minimal = {
      sources: { a: { vendor: "seon", verify: [{ scheme: "none" }], events: {} } },
      subscribers: { b: { url: "https://example.com/", signing: [{ secret: "s" }] } },
    };
    const config = configOf(minimal);
    expect(config.sources.get("a")).toMatchObject({
      name: "a",
      enabled: true,
      environment: "live",
      maxBytes: 1024 * 1024,
      windowSeconds: 86_400,
      session: undefined,
    });
    expect(config.subscribers.get("b")).toMatchObject({
      name: "b",
      enabled: true,
      redact: [],
      auth: { type: "none" },
      schedule: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
      accept: "2xx",
      timeoutSeconds: 15,
      filter: undefined,
      include: undefined,
    });
  });

  it("remembers a repeat as long as its vendor may send one", () => {
    const windows = ["seon-live", "incode-live", "regula", "unico"].map((name) => sourceOf(name)?.windowSeconds);
    expect(windows).toEqual([86_400, 3600, 60, 86_400]);
    expect(sourceOf("regula", { "/sources/regula/dedupe": { windowSeconds: 900 } })?.windowSeconds).toBe(900);
  });

  it("takes a vendor's own signature header where none is named", () => {
    expect(sourceOf("seon-live")?.verify).toMatchObject([
      { scheme: "hmac", secrets: [{ secret: "seon-license-key" }], header: "Digest", prefix: "SHA-256=" },
    ]);
    const own = { "/sources/seon-live/verify/0/header": "X-Mine" };
    expect(sourceOf("seon-live", own)?.verify).toMatchObject([{ header: "X-Mine", prefix: "" }]);
  });

  it("writes retries as a list or as a rule", () => {
    const scheduleOf = (retry: unknown) => subscriberOf({ "/subscribers/decisioning/retry": retry })?.schedule;
    expect(scheduleOf([0, 1, 86_400])).toEqual([0, 1, 86_400]);
    expect(scheduleOf([])).toEqual([]);
    expect(scheduleOf({ attempts: 5, firstSeconds: 30, factor: 2.5 })).toEqual([30, 75, 188, 469]);
    expect(scheduleOf({ attempts: 4, firstSeconds: 40_000, factor: 10 })).toEqual([40_000, 86_400, 86_400]);
    expect(scheduleOf({ attempts: 1, firstSeconds: 30, factor: 2 })).toEqual([]);
  });

  it("keeps for ever what nothing is said of, and the rest for days", () => {
    expect(sourceOf("regula")?.retention).toEqual({});
    const retention = { receipts: 90, files: 30 };
    expect(sourceOf("regula", { "/sources/regula/retention": retention })?.retention).toEqual(retention);
  });

  it.each([
    ["files that outlive the events that name them", { events: 30, files: 31 }, ["events"]],
    ["files that are kept for ever, and events that are not", { events: 30 }, ["events"]],
    ["receipts that go before a repeat of theirs is news", { receipts: 1 }, ["receipts"]],
    ["nothing where each outlives the other as it should", { receipts: 2, events: 30, files: 30 }, []],
    ["nothing where only files go", { files: 1 }, []],
  ])("warns of %s", (_what, retention, keys) => {
    const changes = { "/sources/regula/retention": retention, "/sources/regula/dedupe": { windowSeconds: 172_800 } };
    const reading = read(changed(changes));
    const paths = reading.ok ? reading.warnings.map(({ path }) => path) : undefined;
    expect(paths?.filter((path) => path.includes("retention"))).toEqual(
      keys.map((key) => `/sources/regula/retention/${key}`),
    );
  });

  it("warns of a weak scheme beside a strong one, and not of one that is needed besides", () => {
    const warningsOf = (verify: unknown) => {
      const reading = read(changed({ "/sources/seon-live/verify": verify }));
      return reading.ok
        ? reading.warnings.map(({ path }) => path).filter((path) => path.includes("verify"))
        : undefined;
    };
    const hmac = { scheme: "hmac", secrets: [{ secret: "s" }] };
    const ip = { scheme: "ip", ranges: ["192.0.2.0/24"] };
    expect(warningsOf([hmac, ip, { scheme: "none" }])).toEqual([
      "/sources/seon-live/verify/1",
      "/sources/seon-live/verify/2",
    ]);
    expect(warningsOf([{ all: [hmac, ip] }])).toEqual([]);
    expect(warningsOf([{ all: [hmac, ip] }, ip])).toEqual(["/sources/seon-live/verify/1"]);
    expect(warningsOf([ip])).toEqual([]);
  });
});

describe("what a source says about an event", () => {
  const events = { "a/b": "deliver", a: "ignore", "*": "deliver", "c/d": { action: "record", fetch: true } };
  const source = sourceOf("unico", { "/sources/unico/events": events });
  const handled = (...names: string[]) => source && handlingOf(source, names);

  it("is said by the most specific name", () => {
    expect(handled("a/b/c", "a/b", "a")).toEqual({ name: "a/b", action: "deliver", fetches: false });
    expect(handled("a/x", "a")).toEqual({ name: "a", action: "ignore", fetches: false });
    expect(handled("c/d", "c")).toEqual({ name: "c/d", action: "record", fetches: true });
    expect(handled("x")).toEqual({ name: "*", action: "deliver", fetches: false });
  });

  it("is record where nothing is said, and never what every object inherits", () => {
    const silent = sourceOf("unico", { "/sources/unico/events": {} });
    for (const name of ["x", "constructor", "toString"])
      expect(silent && handlingOf(silent, [name])).toEqual({ name: "*", action: "record", fetches: false });
  });
});

describe("how sessions are read back", () => {
  it("is by default for an hour, every file, and then delivered without", () => {
    expect(sourceOf("regula", {})?.session).toMatchObject({
      options: { baseUrl: "https://idv.example.com" },
      origins: ["https://idv.example.com"],
      files: ["*"],
      patienceSeconds: 3600,
      onGiveUp: "deliver",
      maxFileBytes: 256 * 1024 * 1024,
    });
  });

  it("sends the credential to hosts that are named, and to no others", () => {
    const session = sourceOf("regula", {
      "/sources/regula/session/baseUrl": "https://idv.example.com/base/",
      "/sources/regula/session/hosts": ["files.example.com", "https://other.example.com:8443/"],
    })?.session;
    expect(session?.options.baseUrl).toBe("https://idv.example.com/base");
    expect(session?.origins).toEqual([
      "https://idv.example.com",
      "https://files.example.com",
      "https://other.example.com:8443",
    ]);
  });

  it.each([
    ["regula", "apiKey"],
    ["incode-live", "apiKey"],
    ["incode-live", "login"],
    ["unico", "tokenUrl"],
    ["unico", "privateKey"],
  ])("%s cannot do without %s", (name, key) => {
    const path = `/sources/${name}/session/${key}`;
    expect(pathsOf(changed({ [path]: REMOVED }))).toContain(path);
  });

  it("of Unico's API contract needs an API key, and no base URL has a query", () => {
    const contract = { "/sources/unico/session/contract": "api" };
    expect(pathsOf(changed(contract))).toEqual(["/sources/unico/session/apiKey"]);
    const withQuery = { "/sources/regula/session/baseUrl": "https://idv.example.com/?key=K" };
    expect(pathsOf(changed(withQuery))).toEqual(["/sources/regula/session/baseUrl"]);
  });

  it("is asked of a webhook that is delivered, or recorded with what belongs to it", () => {
    const source = sourceOf("regula", {});
    const readBack = (action: "deliver" | "record" | "ignore", fetches: boolean) =>
      source && isReadBack(source, { action, fetches });
    expect([readBack("deliver", false), readBack("record", true)]).toEqual([true, true]);
    expect([readBack("record", false), readBack("ignore", true)]).toEqual([false, false]);
    const seon = sourceOf("seon-live", {});
    expect(seon && isReadBack(seon, { action: "deliver", fetches: true })).toBe(false);
  });
});

/** A change to the example, and where it is at fault. */
const FAULTS: [string, Record<string, unknown>, string[]][] = [
  ["no object", { "": MARKER }, [""]],
  ["null", { "": null }, [""]],
  ["a list", { "": [] }, [""]],
  ["an unknown key at the top", { "/unheard": MARKER }, ["/unheard"]],
  ["an unknown key of a source", { "/sources/regula/unheard": MARKER }, ["/sources/regula/unheard"]],
  ["an unknown key of a scheme", { "/sources/regula/verify/0/unheard": 1 }, ["/sources/regula/verify/0/unheard"]],
  ["an unknown key of a subscriber", { "/subscribers/decisioning/unheard": 1 }, ["/subscribers/decisioning/unheard"]],
  ["a key that is escaped", { "/sources/regula/a~1b~0c": 1 }, ["/sources/regula/a~1b~0c"]],
  ["a missing key", { "/sources/regula/vendor": REMOVED }, ["/sources/regula/vendor"]],
  ["no events", { "/sources/regula/events": REMOVED }, ["/sources/regula/events"]],
  ["an unknown vendor", { "/sources/regula/vendor": MARKER }, ["/sources/regula/vendor"]],
  ["a vendor of a later version", { "/sources/regula/vendor": "later" }, ["/sources/regula/vendor"]],
  ["an unknown environment", { "/sources/regula/environment": MARKER }, ["/sources/regula/environment"]],
  ["sources that are a list", { "/sources": [] }, ["/sources"]],
  ["subscribers that are a list", { "/subscribers": [] }, ["/subscribers"]],
  ["events that are a list", { "/sources/regula/events": [] }, ["/sources/regula/events"]],
  ["an upper-case name of a source", { "/sources/Regula": EXAMPLE.sources.regula }, ["/sources/Regula"]],
  ["a name that starts with -", { "/subscribers/-x": EXAMPLE.subscribers.decisioning }, ["/subscribers/-x"]],
  [
    "a name of 64 characters",
    { [`/sources/${"a".repeat(64)}`]: EXAMPLE.sources.regula },
    [`/sources/${"a".repeat(64)}`],
  ],
  ["an unknown scheme", { "/sources/regula/verify/0/scheme": MARKER }, ["/sources/regula/verify/0/scheme"]],
  ["no scheme", { "/sources/regula/verify": [] }, ["/sources/regula/verify"]],
  ["all of no schemes", { "/sources/regula/verify/0": { all: [] } }, ["/sources/regula/verify/0/all"]],
  [
    "a fault within all",
    { "/sources/regula/verify/0": { all: [{ scheme: "none" }, { scheme: "ip", ranges: [] }] } },
    ["/sources/regula/verify/0/all/1/ranges"],
  ],
  ["a scheme that is a list", { "/sources/regula/verify/0": ["hmac"] }, ["/sources/regula/verify/0"]],
  ["a scheme that is null", { "/sources/regula/verify/0": null }, ["/sources/regula/verify/0"]],
  [
    "hmac without a header for a vendor that has none",
    { "/sources/regula/verify/0": { scheme: "hmac", secrets: [{ secret: "s" }] } },
    ["/sources/regula/verify/0/header"],
  ],
  ["no secrets", { "/sources/seon-live/verify/0/secrets": [] }, ["/sources/seon-live/verify/0/secrets"]],
  [
    "an IP range that is none",
    { "/sources/regula/verify/0": { scheme: "ip", ranges: ["192.0.2.0/24", MARKER] } },
    ["/sources/regula/verify/0/ranges/1"],
  ],
  ["a header that is none", { "/sources/regula/verify/0/name": `X ${MARKER}` }, ["/sources/regula/verify/0/name"]],
  [
    "a client with a colon",
    { "/sources/incode-live/verify/0/clients/0/id": `${MARKER}:` },
    ["/sources/incode-live/verify/0/clients/0/id"],
  ],
  ["an unknown action", { "/sources/regula/events/*": MARKER }, ["/sources/regula/events/*"]],
  [
    "an unknown action in an object",
    { "/sources/regula/events/*": { action: MARKER } },
    ["/sources/regula/events/*/action"],
  ],
  ["an action of null", { "/sources/regula/events/*": null }, ["/sources/regula/events/*"]],
  [
    "an event name with slashes",
    { "/sources/unico/events/PROCESS_STATE_FINISHED~1ok": 5 },
    ["/sources/unico/events/PROCESS_STATE_FINISHED~1ok"],
  ],
  ["an unknown outcome", { "/sources/regula/outcomes": { DONE: MARKER } }, ["/sources/regula/outcomes/DONE"]],
  ["a retention of no day", { "/sources/regula/retention": { files: 0 } }, ["/sources/regula/retention/files"]],
  [
    "a retention of a day and a half",
    { "/sources/regula/retention": { events: 1.5 } },
    ["/sources/regula/retention/events"],
  ],
  [
    "a retention of what there is not",
    { "/sources/regula/retention": { logs: 3 } },
    ["/sources/regula/retention/logs"],
  ],
  [
    "a silence too short to be one",
    { "/sources/regula/silentAfterSeconds": 599 },
    ["/sources/regula/silentAfterSeconds"],
  ],
  ["a window too short", { "/sources/regula/dedupe": { windowSeconds: 59 } }, ["/sources/regula/dedupe/windowSeconds"]],
  [
    "a window that is no whole number",
    { "/sources/regula/dedupe": { windowSeconds: 60.5 } },
    ["/sources/regula/dedupe/windowSeconds"],
  ],
  ["too many bytes", { "/sources/regula/maxBytes": 26 * 1024 * 1024 }, ["/sources/regula/maxBytes"]],
  [
    "a session of a vendor that has none",
    { "/sources/seon-live/session": { baseUrl: "https://api.example.com" } },
    ["/sources/seon-live/session"],
  ],
  [
    "a session id that is looked for nowhere",
    { "/sources/regula/session/sessionIdAt": [MARKER] },
    ["/sources/regula/session/sessionIdAt/0"],
  ],
  ["no signing", { "/subscribers/decisioning/signing": REMOVED }, ["/subscribers/decisioning/signing"]],
  ["an include that is none", { "/subscribers/decisioning/include/1": MARKER }, ["/subscribers/decisioning/include/1"]],
  [
    "a redact that is no pointer",
    { "/subscribers/decisioning/redact/0": MARKER },
    ["/subscribers/decisioning/redact/0"],
  ],
  ["a redact of everything", { "/subscribers/decisioning/redact/0": "" }, ["/subscribers/decisioning/redact/0"]],
  ["a filter that is none", { "/subscribers/decisioning/filter": MARKER }, ["/subscribers/decisioning/filter"]],
  [
    "a filter's operator",
    { "/subscribers/decisioning/filter": { "a/b": { $regex: MARKER } } },
    ["/subscribers/decisioning/filter/a~1b/$regex"],
  ],
  [
    "a filter within $or",
    { "/subscribers/decisioning/filter": { $or: [{ type: null }] } },
    ["/subscribers/decisioning/filter/$or/0/type"],
  ],
  [
    "a retry that is longer than a day",
    { "/subscribers/decisioning/retry": [5, 86_401] },
    ["/subscribers/decisioning/retry/1"],
  ],
  ["a retry that is negative", { "/subscribers/decisioning/retry": [-1] }, ["/subscribers/decisioning/retry/0"]],
  ["a retry that is no list", { "/subscribers/decisioning/retry": MARKER }, ["/subscribers/decisioning/retry"]],
  [
    "a retry rule without a factor",
    { "/subscribers/decisioning/retry": { attempts: 2, firstSeconds: 1 } },
    ["/subscribers/decisioning/retry/factor"],
  ],
  [
    "a timeout of nothing",
    { "/subscribers/decisioning/timeoutSeconds": 0 },
    ["/subscribers/decisioning/timeoutSeconds"],
  ],
  [
    "a number as text",
    { "/subscribers/decisioning/timeoutSeconds": "15" },
    ["/subscribers/decisioning/timeoutSeconds"],
  ],
];

/** Where a URL stands. */
const URLS = ["/subscribers/decisioning/url", "/sources/regula/session/baseUrl", "/sources/unico/session/tokenUrl"];

describe("a fault", () => {
  it.each(FAULTS)("is named by its path, and repeats no value: %s", (_name, changes, paths) => {
    const faults = faultsOf(changed(changes));
    expect(faults.map(({ path }) => path)).toEqual(paths);
    for (const { message } of faults) expect(message).not.toContain("MARKER");
    for (const { message } of faults) expect(message).toMatch(/^[a-zS].{6,}/);
  });

  it("is named even if there are four others", () => {
    const changes = {
      "/sources/regula/vendor": MARKER,
      "/sources/unico/verify/0/passwords": [],
      "/subscribers/decisioning/redact/0": "number",
      "/subscribers/decisioning/filter/type": { $regex: "x" },
      "/subscribers/decisioning/timeoutSeconds": 600,
    };
    expect(pathsOf(changed(changes)).sort()).toEqual(
      [
        ...Object.keys(changes).filter((path) => !path.endsWith("type")),
        "/subscribers/decisioning/filter/type/$regex",
      ].sort(),
    );
  });

  it("is named whether it is one of shape or one of a URL", () => {
    const changes = { "/sources/regula/maxBytes": 0, "/subscribers/decisioning/url": "https://10.0.0.1/" };
    expect(pathsOf(changed(changes)).sort()).toEqual(Object.keys(changes).sort());
  });

  it("is named for each of two unknown keys side by side", () => {
    const changes = { "/sources/regula/one": 1, "/sources/regula/two": 2 };
    expect(pathsOf(changed(changes)).sort()).toEqual(Object.keys(changes));
  });

  it.each(["constructor", "prototype"])("is a source named %s, unless it is used", (name) => {
    const reading = read(changed({ [`/sources/${name}`]: EXAMPLE.sources.regula }));
    expect(reading.ok ? [...reading.config.sources.keys()] : [name]).toContain(name);
  });

  it("is a source of the gateway's own name", () => {
    expect(faultsOf(changed({ "/sources/gateway": EXAMPLE.sources.regula }))).toEqual([
      { path: "/sources/gateway", message: "the gateway's own notices have this name" },
    ]);
    expect(read(changed({ "/subscribers/gateway": EXAMPLE.subscribers.decisioning })).ok).toBe(true);
  });

  it.each(["constructor", "__proto__"])("is an event named %s, unless it is heeded", (name) => {
    const reading = read(changed({ [`/sources/regula/events/${name}`]: "ignore" }));
    const events = reading.ok ? reading.config.sources.get("regula")?.events : { [name]: "ignore" };
    expect(events && Object.hasOwn(events, name)).toBe(true);
  });

  it.each(["constructor", "toString", "__proto__"])("is an unknown key that every object inherits: %s", (name) => {
    expect(pathsOf(changed({ [`/sources/regula/${name}`]: MARKER }))).toEqual([`/sources/regula/${name}`]);
  });
});

describe("a field that holds a credential", () => {
  const places: [string, unknown][] = [
    ["/sources/seon-live/verify/0/secrets/0", MARKER],
    ["/sources/regula/verify/0/values/0", MARKER],
    ["/sources/unico/verify/0/passwords/0", MARKER],
    ["/sources/incode-live/verify/0/clients/0/secret", MARKER],
    ["/sources/incode-live/session/apiKey", MARKER],
    ["/sources/incode-live/session/login/password", MARKER],
    ["/sources/unico/session/privateKey", MARKER],
    ["/subscribers/decisioning/signing/0", MARKER],
    ["/subscribers/decisioning/auth/clientSecret", MARKER],
  ];

  it.each(places)("%s accepts nothing but the name of a secret", (path, value) => {
    for (const written of [value, { secret: `${MARKER} with spaces` }, { secret: 5 }, { value: MARKER }, null, []]) {
      const faults = faultsOf(changed({ [path]: written }));
      expect(faults.length).toBeGreaterThan(0);
      for (const fault of faults) expect(fault.path.startsWith(path)).toBe(true);
      expect(JSON.stringify(faults)).not.toContain("MARKER");
    }
  });
});

describe("a URL", () => {
  const REFUSED = [
    "http://example.com/",
    "ftp://example.com/",
    "https://10.0.0.1/",
    "https://[::ffff:7f00:1]/",
    "https://169.254.169.254/",
    "https://user:MARKER@example.com/",
    "https://localhost/",
    `${OWN_ORIGIN}/in/regula`,
    "example.com",
    "",
    "https://",
  ];

  it.each(URLS)("at %s must be one that the gateway may reach", (path) => {
    for (const url of REFUSED) {
      const faults = faultsOf(changed({ [path]: url }));
      expect(faults.map((fault) => fault.path)).toEqual([path]);
      expect(faults[0]?.message).not.toContain("MARKER");
    }
  });

  it.each(URLS)("at %s may be a private one that is allowed", (path) => {
    expect(pathsOf(changed({ [path]: "http://localhost:9000/hooks" }), "localhost:9000")).toEqual([]);
  });
});

describe("whatever is written", () => {
  const FUZZ = { seed: 20_261_117, numRuns: 1000 };

  /** Every place of the example, as segments. */
  function placesOf(value: unknown, path: string[] = []): string[][] {
    const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return [path, ...members.flatMap(([key, member]) => placesOf(member, [...path, key]))];
  }

  const exists = (document: unknown, segments: readonly string[]): boolean => {
    let at: unknown = document;
    for (const segment of segments) {
      if (typeof at !== "object" || at === null || !Object.hasOwn(at, segment)) return false;
      at = (at as Record<string, unknown>)[segment];
    }
    return true;
  };

  it("is accepted, or refused by paths that are in it or beside what is missing; it never throws", () => {
    const places = fc.constantFrom(...placesOf(EXAMPLE).filter((path) => path.length > 0));
    const strange = fc.constantFrom<unknown>(
      REMOVED,
      null,
      "",
      0,
      -1,
      1.5,
      true,
      [],
      {},
      [null],
      [[]],
      { all: null },
      { secret: null },
      "x",
      "https://example.com",
      "__proto__",
      { $and: [] },
      { $not: null },
      Number.MAX_SAFE_INTEGER,
      ["/data/x"],
    );
    const value = fc.oneof(strange, fc.jsonValue());
    const mutations = fc.array(fc.tuple(places, value), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(mutations, (chosen) => {
        let document: unknown = structuredClone(EXAMPLE);
        for (const [path, replacement] of chosen)
          if (exists(document, path)) document = changed({ [toPointer(path)]: replacement }, document);
        for (const path of pathsOf(document)) {
          const segments = parsePointer(path) ?? [];
          expect([path, exists(document, segments) || exists(document, segments.slice(0, -1))]).toEqual([path, true]);
        }
      }),
      FUZZ,
    );
  });

  it("never throws for any JSON at all", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => void read(document)),
      FUZZ,
    );
  });

  it("never throws for a filter as deep as a document can hold", () => {
    const filter = JSON.parse(`${'{"$not":'.repeat(100_000)}{"a":1}${"}".repeat(100_000)}`) as unknown;
    expect(read(changed({ "/subscribers/decisioning/filter": REMOVED })).ok).toBe(true);
    const document = { subscribers: { deep: { ...EXAMPLE.subscribers.decisioning, filter } } };
    expect(read(document).ok).toBe(false);
  });
});

/** How a subscriber is signed for, opened and written to, and what is refused of it, by its path. */
import { describe, expect, it } from "vitest";
import { secretUses } from "../../src/config/uses.ts";
import { changed, faultsOf, pathsOf, read, REMOVED } from "./documents.ts";

const MARKER = "MARKER_7F3A";
const AT = "/subscribers/decisioning";

/** Without what does not go with the vendor's own bytes. */
const RAW = { [`${AT}/format`]: "raw", [`${AT}/include`]: REMOVED, [`${AT}/redact`]: REMOVED };

function subscriberOf(changes: Record<string, unknown>) {
  const reading = read(changed(changes));
  if (!reading.ok) throw new Error(`refused: ${JSON.stringify(reading.faults)}`);
  return reading.config.subscribers.get("decisioning");
}

const oauth2 = (members: object) => ({
  type: "oauth2",
  tokenUrl: "https://identity.example.com/token",
  clientId: "gateway",
  ...members,
});

describe("a subscriber", () => {
  it("is signed for with keys, and for receivers without a library with a plain HMAC", () => {
    const plain = { scheme: "hmac", header: "X-Signature", secret: { secret: "plain" } };
    const whole = { ...plain, header: "X-Hub", prefix: "sha1=", encoding: "base64", algorithm: "sha1" };
    expect(subscriberOf({ [`${AT}/signing`]: [{ secret: "key" }, plain, whole] })?.signing).toEqual([
      { scheme: "standard", secret: { secret: "key" } },
      { ...plain, prefix: "", encoding: "hex", algorithm: "sha256" },
      whole,
    ]);
  });

  it("proves itself to a token endpoint with a secret, or with a private key", () => {
    const credentialOf = (auth: object) => subscriberOf({ [`${AT}/auth`]: auth })?.auth;
    const clientSecret = { secret: "s" };
    expect(credentialOf(oauth2({ clientSecret }))).toMatchObject({ method: "basic", credential: clientSecret });
    expect(credentialOf(oauth2({ clientSecret, method: "post" }))).toMatchObject({ credential: clientSecret });
    const privateKey = { secret: "k" };
    expect(credentialOf(oauth2({ privateKey, method: "private_key_jwt" }))).toMatchObject({ credential: privateKey });
  });

  it("may want the vendor's own bytes, with headers that every source then keeps", () => {
    const reading = read(changed({ ...RAW, [`${AT}/forwardHeaders`]: ["Digest", "X-Vendor"] }));
    const config = reading.ok ? reading.config : undefined;
    expect(config?.subscribers.get("decisioning")?.forwardHeaders).toEqual(["digest", "x-vendor"]);
    expect([...(config?.sources.values() ?? [])].map(({ keptHeaders }) => keptHeaders)).toEqual(
      Array.from({ length: 4 }, () => ["digest", "x-vendor"]),
    );
  });

  it("uses the secrets of its signing and its auth, and none that only looks like one", () => {
    const uses = secretUses(
      changed({
        [`${AT}/signing`]: [{ secret: "a" }, { scheme: "hmac", header: "X-S", secret: { secret: "b" } }],
        [`${AT}/auth`]: oauth2({ privateKey: { secret: "c" }, method: "private_key_jwt" }),
        [`${AT}/headers`]: { secret: "d" },
      }),
    );
    const used = [...uses].filter(([, users]) => users.includes("subscribers/decisioning")).map(([name]) => name);
    expect(used.sort()).toEqual(["a", "b", "c"]);
  });
});

/** What a subscriber's own headers may not be called. */
const OWN_HEADERS = [
  "Authorization",
  "cookie",
  "X-Api-Key",
  "Proxy-Authorization",
  "webhook-id",
  "ce-type",
  "CF-Ray",
  "Host",
  "Content-Type",
  "content-length",
  "Content-Encoding",
  "Transfer-Encoding",
  "Connection",
  "TE",
  "Upgrade",
  "User-Agent",
  "traceparent",
  "X-Forwarded-For",
  "Sec-Fetch-Mode",
  "a b",
  "é",
  "",
];

/** A change to the example, and where it is at fault. */
const FAULTS: [string, Record<string, unknown>, string[]][] = [
  ["an unknown format", { [`${AT}/format`]: MARKER }, [`${AT}/format`]],
  ["a signing that is a name", { [`${AT}/signing/0`]: MARKER }, [`${AT}/signing/0`]],
  [
    "an unknown scheme of signing",
    { [`${AT}/signing/0`]: { scheme: MARKER, header: "X-S", secret: { secret: "s" } } },
    [`${AT}/signing/0/scheme`],
  ],
  [
    "a plain HMAC with its secret written out",
    { [`${AT}/signing/0`]: { scheme: "hmac", header: "X-S", secret: MARKER } },
    [`${AT}/signing/0/secret`],
  ],
  [
    "a plain HMAC in the place of a credential",
    { [`${AT}/signing/0`]: { scheme: "hmac", header: "Authorization", secret: { secret: "s" } } },
    [`${AT}/signing/0/header`],
  ],
  [
    "a prefix that would end the header",
    { [`${AT}/signing/0`]: { scheme: "hmac", header: "X-S", prefix: `${MARKER}\r\n`, secret: { secret: "s" } } },
    [`${AT}/signing/0/prefix`],
  ],
  [
    "two signatures in one header",
    { [`${AT}/signing`]: ["X-S", "x-s"].map((header) => ({ scheme: "hmac", header, secret: { secret: "s" } })) },
    [`${AT}/signing/1/header`],
  ],
  [
    "oauth2 without its members",
    { [`${AT}/auth`]: { type: "oauth2", clientSecret: { secret: "s" } } },
    [`${AT}/auth/tokenUrl`, `${AT}/auth/clientId`],
  ],
  ["oauth2 without a secret", { [`${AT}/auth`]: oauth2({}) }, [`${AT}/auth/clientSecret`]],
  ["oauth2 by post without a secret", { [`${AT}/auth`]: oauth2({ method: "post" }) }, [`${AT}/auth/clientSecret`]],
  [
    "an assertion without a key",
    { [`${AT}/auth`]: oauth2({ method: "private_key_jwt", clientSecret: { secret: "s" } }) },
    [`${AT}/auth/privateKey`, `${AT}/auth/clientSecret`],
  ],
  [
    "an unknown method",
    { [`${AT}/auth`]: oauth2({ method: MARKER, clientSecret: { secret: "s" } }) },
    [`${AT}/auth/method`],
  ],
  ["a client's secret written out", { [`${AT}/auth`]: oauth2({ clientSecret: MARKER }) }, [`${AT}/auth/clientSecret`]],
  [
    "a credential in one of the gateway's own headers",
    { [`${AT}/auth`]: { type: "header", name: "webhook-id", value: { secret: "s" } } },
    [`${AT}/auth/name`],
  ],
  ["a part of the vendor's own bytes", { [`${AT}/format`]: "raw" }, [`${AT}/include`, `${AT}/redact`]],
  ["the vendor's headers beside another body", { [`${AT}/forwardHeaders`]: ["Digest"] }, [`${AT}/forwardHeaders`]],
  [
    "a source's credential passed on",
    { ...RAW, [`${AT}/forwardHeaders`]: ["Digest", "x-gateway-secret"] },
    [`${AT}/forwardHeaders/1`],
  ],
  ...["Authorization", "Cookie", "Set-Cookie", "X-API-Key", "Webhook-Signature", "CF-Connecting-IP"].map(
    (name): [string, Record<string, unknown>, string[]] => [
      `the vendor's ${name} passed on`,
      { ...RAW, [`${AT}/forwardHeaders`]: [name] },
      [`${AT}/forwardHeaders/0`],
    ],
  ),
  ...OWN_HEADERS.map((name): [string, Record<string, unknown>, string[]] => [
    `a header ${JSON.stringify(name)} of the subscriber's own`,
    { [`${AT}/headers`]: { [name]: "value" } },
    [`${AT}/headers/${name}`],
  ]),
  ...["", " x", "x ", "a\nb", "a\r\nX-Injected: 1", "é", "\u0000", "x".repeat(513)].map(
    (value): [string, Record<string, unknown>, string[]] => [
      `a header's value ${JSON.stringify(value.slice(0, 20))}`,
      { [`${AT}/headers`]: { "X-Tenant": value } },
      [`${AT}/headers/X-Tenant`],
    ],
  ),
  ["headers that are a list", { [`${AT}/headers`]: [] }, [`${AT}/headers`]],
  [
    "too many headers",
    { [`${AT}/headers`]: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`X-${index}`, "v"])) },
    [`${AT}/headers`],
  ],
  [
    "one header with two uses",
    { [`${AT}/auth`]: { type: "header", name: "X-Key", value: { secret: "s" } }, [`${AT}/headers`]: { "x-key": "v" } },
    [`${AT}/headers/x-key`],
  ],
  ...["/data", "/id", "/type", "/source", "/specversion"].map(
    (pointer): [string, Record<string, unknown>, string[]] => [
      `redacting ${pointer}`,
      { [`${AT}/redact/0`]: pointer },
      [`${AT}/redact/0`],
    ],
  ),
  ...["http://identity.example.com/", "https://10.0.0.1/", "https://u:p@identity.example.com/", MARKER].map(
    (tokenUrl): [string, Record<string, unknown>, string[]] => [
      `a token URL ${tokenUrl}`,
      { [`${AT}/auth`]: oauth2({ tokenUrl, clientSecret: { secret: "s" } }) },
      [`${AT}/auth/tokenUrl`],
    ],
  ),
];

describe("a fault of a subscriber", () => {
  it.each(FAULTS)("is named by its path, and repeats no value: %s", (_name, changes, paths) => {
    const faults = faultsOf(changed(changes));
    expect(faults.map(({ path }) => path)).toEqual(paths);
    for (const { message } of faults) {
      expect(message).not.toContain("MARKER");
      expect(message).toMatch(/^[a-z].{6,}/);
    }
  });

  it("is none in headers that nobody else sets", () => {
    expect(pathsOf(changed({ [`${AT}/headers`]: { "X-Tenant": "a tenant: 1", "x-env": "!" } }))).toEqual([]);
    expect(
      pathsOf(changed({ [`${AT}/auth`]: { type: "header", name: "Authorization", value: { secret: "s" } } })),
    ).toEqual([]);
  });

  it("is found whatever shape the rest has", () => {
    for (const subscriber of [null, 5, [], { auth: 5, headers: [], signing: {}, forwardHeaders: "x" }])
      expect(pathsOf({ subscribers: { a: subscriber } }).length).toBeGreaterThan(0);
  });
});

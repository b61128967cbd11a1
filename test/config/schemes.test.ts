/** What is refused of a source's `verify`, by the place that its author can mend. */
import { describe, expect, it } from "vitest";
import { readAllowance } from "../../src/core/destination.ts";
import { readConfig } from "../../src/config/read.ts";

const KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const HMAC = { scheme: "hmac", secrets: [{ secret: "key" }], header: "X-Signature" };
const ED25519 = { scheme: "ed25519", publicKeys: [KEY], header: "X-Signature" };
const JWT = { scheme: "jwt", jwksUrl: "https://issuer.example/keys", audience: "gateway" };
const TIMED = { signed: "{timestamp}.{body}", timestamp: { header: "X-Time" } };

function faultsOf(scheme: object, source: object = {}): [string, string][] {
  const document = { sources: { acme: { vendor: "regula", events: {}, verify: [scheme], ...source } } };
  const reading = readConfig(document, readAllowance(undefined), ["https://gateway.example"]);
  const faults = reading.ok ? [] : reading.faults;
  return faults.map(({ path, message }) => [path.replace("/sources/acme/verify/0", ""), message]);
}
const pathsOf = (scheme: object, source: object = {}) => faultsOf(scheme, source).map(([path]) => path);

describe("a scheme is taken", () => {
  it.each<[string, object]>([
    ["with its header alone", HMAC],
    [
      "with everything that it can say",
      {
        ...HMAC,
        ...TIMED,
        algorithm: "sha512",
        encoding: "base64",
        prefix: "v1=",
        key: "whsec",
        timestamp: { header: "X-Time", unit: "iso" },
        toleranceSeconds: 60,
      },
    ],
    ["with a list", { ...HMAC, list: { signature: "v1", timestamp: "t" }, signed: "{timestamp}.{body}" }],
    [
      "with a list whose time is in milliseconds",
      {
        ...HMAC,
        list: { signature: "v1", timestamp: "t" },
        timestamp: { unit: "milliseconds" },
        signed: "{timestamp}.{body}",
      },
    ],
    [
      "with the header of its time named among what is signed",
      { ...HMAC, signed: "{header:x-time}.{body}", timestamp: { header: "X-Time" }, toleranceSeconds: 60 },
    ],
    ["with every word", { ...HMAC, ...TIMED, signed: "{method} {url} {path} {header:X-Id} {timestamp}\n{body}" }],
    ["with a public key", { ...ED25519, ...TIMED }],
    ["with an issuer", { ...JWT, issuer: "https://issuer.example", algorithms: ["ES256", "EdDSA"], maxAgeSeconds: 60 }],
    ["with a body's hash", { ...JWT, audience: undefined, bodyHash: { claim: "sha256", encoding: "base64" } }],
    ["inside of all", { all: [HMAC, { scheme: "ip", ranges: ["192.0.2.0/24"] }] }],
  ])("%s", (_what, scheme) => {
    expect(faultsOf(JSON.parse(JSON.stringify(scheme)) as object)).toEqual([]);
  });
});

describe("a scheme is refused", () => {
  it.each<[string, object, string[]]>([
    ["without a header", { ...HMAC, header: undefined }, ["/header"]],
    ["without a header, by a public key", { ...ED25519, header: undefined }, ["/header"]],
    ["that signs what nobody knows", { ...HMAC, signed: "{body}{nonce}" }, ["/signed"]],
    ["that signs a header without a name", { ...HMAC, signed: "{header:}{body}" }, ["/signed"]],
    ["whose template is left open", { ...HMAC, signed: "{timestamp.{body}" }, ["/signed"]],
    ["that does not sign the body", { ...HMAC, signed: "{header:X-Id}" }, ["/signed"]],
    ["that signs nothing", { ...HMAC, signed: "" }, ["/signed"]],
    ["whose time nobody signs", { ...HMAC, timestamp: { header: "X-Time" } }, ["/timestamp"]],
    ["whose list's time nobody signs", { ...HMAC, list: { signature: "v1", timestamp: "t" } }, ["/list/timestamp"]],
    ["that has a window and no time", { ...HMAC, toleranceSeconds: 60 }, ["/toleranceSeconds"]],
    [
      "that has a window and an unsigned time",
      { ...HMAC, timestamp: { header: "X-Time" }, signed: "{header:X-Other}{body}", toleranceSeconds: 60 },
      ["/timestamp"],
    ],
    ["that signs a time from nowhere", { ...HMAC, signed: "{timestamp}{body}" }, ["/timestamp"]],
    ["with another algorithm", { ...HMAC, algorithm: "md5" }, ["/algorithm"]],
    ["with a window of nothing, or of a month", { ...HMAC, ...TIMED, toleranceSeconds: 0 }, ["/toleranceSeconds"]],
    ["with a key that is none", { ...ED25519, publicKeys: [KEY, "00".repeat(32)] }, ["/publicKeys/1"]],
    ["without keys", { ...ED25519, publicKeys: [] }, ["/publicKeys"]],
    ["by a token that anybody may hold", { ...JWT, audience: undefined }, ["/audience"]],
    ["by a token whose key would be shared", { ...JWT, algorithms: ["HS256"] }, ["/algorithms/0"]],
    ["by a token that nobody need sign", { ...JWT, algorithms: ["none"] }, ["/algorithms/0"]],
    ["whose keys come by plain http", { ...JWT, jwksUrl: "http://issuer.example/keys" }, ["/jwksUrl"]],
    ["whose keys are at a private address", { ...JWT, jwksUrl: "https://10.0.0.1/keys" }, ["/jwksUrl"]],
    ["whose keys are a cloud's secrets", { ...JWT, jwksUrl: "https://169.254.169.254/keys" }, ["/jwksUrl"]],
    ["whose keys are our own", { ...JWT, jwksUrl: "https://gateway.example/keys" }, ["/jwksUrl"]],
    ["without the name of the secret's header", { scheme: "header", values: [{ secret: "key" }] }, ["/name"]],
    ["without addresses", { scheme: "ip" }, ["/ranges"]],
    ["inside of all", { all: [{ ...HMAC, toleranceSeconds: 60 }] }, ["/all/0/toleranceSeconds"]],
  ])("%s", (_what, scheme, paths) => {
    expect(pathsOf(JSON.parse(JSON.stringify(scheme)) as object)).toEqual(paths);
  });

  it("without a word of what it said", () => {
    const marker = "MARKER_7F3A";
    for (const scheme of [
      { ...HMAC, signed: `{${marker}}` },
      { ...ED25519, publicKeys: [marker] },
      { ...JWT, jwksUrl: `https://${marker}:${marker}@issuer.example/` },
    ])
      expect(JSON.stringify(faultsOf(scheme))).not.toContain(marker);
  });

  it("in favour of the vendor's own header, where the vendor has one", () => {
    expect(pathsOf({ ...HMAC, header: undefined }, { vendor: "seon" })).toEqual([]);
    expect(pathsOf({ ...ED25519, header: undefined }, { vendor: "seon" })).toEqual(["/header"]);
  });

  it("for a preset that there is not", () => {
    expect(pathsOf(HMAC, { preset: "unheard-of" })).toEqual(["/sources/acme/preset"]);
  });
});

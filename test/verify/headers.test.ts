import { describe, expect, it } from "vitest";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import { headersOf } from "../../src/verify/headers.ts";
import { complete } from "./webhooks.ts";

const REFS = [{ secret: "key" }];
const JWT = { scheme: "jwt", jwksUrl: "https://issuer.example/keys", header: "X-Token" } as const;
const of = (scheme: SchemeDocument) => headersOf(complete(scheme));

describe("beside the bytes are kept", () => {
  it("every header that a signature of them needs", () => {
    const signed = "{timestamp}{header:X-Endpoint}{body}";
    const timestamp = { header: "X-Timestamp" };
    expect(of({ scheme: "hmac", secrets: REFS, header: "X-Signature", signed, timestamp })).toEqual({
      signature: ["X-Signature", "X-Timestamp", "X-Endpoint"],
    });
    expect(of({ ...JWT, bodyHash: { claim: "sha256" } })).toEqual({ signature: ["X-Token"] });
  });

  it("none that opens the door to whoever repeats it", () => {
    expect(of({ scheme: "header", name: "X-Secret", values: REFS })).toEqual({ credential: "X-Secret" });
    expect(of({ ...JWT, audience: "gateway" })).toEqual({ credential: "X-Token" });
    const signed = "{header:X-Id}";
    expect(of({ scheme: "hmac", secrets: REFS, header: "X-Signature", signed })).toEqual({ credential: "X-Signature" });
    for (const scheme of [{ scheme: "none" }, { scheme: "basic", username: "user", passwords: REFS }] as const)
      expect(of(scheme)).toEqual({});
  });
});

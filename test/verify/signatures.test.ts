/** How a vendor may lay out a signature, whichever key makes it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import type { Unproven } from "../../src/verify/scheme.ts";
import { verify } from "../../src/verify/verify.ts";
import { BODY, complete, depsOf, hmac, NOW, webhookOf } from "./webhooks.ts";

type Hmac = Extract<SchemeDocument, { scheme: "hmac" }>;

const SECRET = "a shared secret";
const AT = NOW / 1000;
const refused = (reason: string) => ({ ok: false, reason });
const PASSED = { ok: true, basis: "signature", scheme: "hmac" };

const verdictOf = (
  layout: Partial<Hmac>,
  headers: Record<string, string>,
  { secret = SECRET, now = NOW, ...changes }: Partial<Unproven> & { secret?: string; now?: number } = {},
) => {
  const scheme = complete({ scheme: "hmac", secrets: [{ secret: "key" }], header: "X-Signature", ...layout });
  return verify([scheme], webhookOf(headers, changes), depsOf({ key: secret }, { now }));
};

describe("an algorithm", () => {
  it.each([
    ["sha1", "SHA-1"],
    ["sha256", "SHA-256"],
    ["sha512", "SHA-512"],
  ] as const)("%s is read in both encodings, and no other hash is taken for it", async (algorithm, hash) => {
    const signature = await hmac(SECRET, BODY, hash);
    for (const text of [signature.toHex(), signature.toBase64()])
      expect(await verdictOf({ algorithm }, { "x-signature": text })).toEqual(PASSED);
    for (const other of ["SHA-1", "SHA-256", "SHA-512"].filter((each) => each !== hash)) {
      const wrong = (await hmac(SECRET, BODY, other)).toHex();
      expect(await verdictOf({ algorithm }, { "x-signature": wrong })).toEqual(refused("credential_malformed"));
    }
    expect((await verdictOf({ algorithm }, { "x-signature": signature.subarray(0, -1).toHex() })).ok).toBe(false);
  });
});

describe("a key", () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);

  it.each<[Hmac["key"], string, Uint8Array | string]>([
    ["text", "dGV4dA==", "dGV4dA=="],
    ["base64", bytes.toBase64(), bytes],
    ["base64", ` ${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}\n`, bytes],
    ["hex", bytes.toHex(), bytes],
    ["hex", bytes.toHex().toUpperCase(), bytes],
    ["whsec", `whsec_${bytes.toBase64()}`, bytes],
    ["whsec", bytes.toBase64(), bytes],
  ])("that is %s is made of %j", async (key, secret, made) => {
    const headers = { "x-signature": (await hmac(made)).toHex() };
    expect(await verdictOf({ key: key ?? "text" }, headers, { secret })).toEqual(PASSED);
  });

  it.each<[NonNullable<Hmac["key"]>, string]>([
    ["base64", "not base64!"],
    ["base64", "===="],
    ["base64", "AAAA"],
    ["hex", "0"],
    ["hex", "zz"],
    ["hex", "0000"],
    ["whsec", "whsec_"],
    ["text", "\0\0"],
  ])("that is %s cannot be made of %j, and is no empty one either", async (key, secret) => {
    const headers = { "x-signature": (await hmac("")).toHex() };
    expect(await verdictOf({ key }, headers, { secret })).toEqual(refused("secret_malformed"));
  });
});

describe("a list", () => {
  const layout: Partial<Hmac> = { list: { signature: "v1", timestamp: "t" }, signed: "{timestamp}.{body}" };
  const at = async (seconds: number, secret = SECRET) =>
    `t=${seconds},v1=${(await hmac(secret, `${seconds}.${BODY}`)).toHex()}`;
  const shown = async (header: string | Promise<string>) => verdictOf(layout, { "x-signature": await header });

  it("is read in any order, with members that nobody knows", async () => {
    const [time, signature] = (await at(AT)).split(",");
    for (const list of [
      `${time},${signature}`,
      `${signature},${time}`,
      `v0=x,${time},${signature},n=1,`,
      `${time}, ${signature}`,
    ])
      expect(await shown(list)).toEqual(PASSED);
  });

  it("may hold several signatures, and stand beside another, while a key is rotated: any will do", async () => {
    const [, signature] = (await at(AT)).split(",");
    const other = await at(AT, "the old secret");
    expect(await shown(`${other},${signature}`)).toEqual(PASSED);
    expect(await shown(`${other} ${await at(AT)}`)).toEqual(PASSED);
    expect(await shown(`${await at(AT)} ${other}`)).toEqual(PASSED);
    expect(await shown(`${other} ${other}`)).toEqual(refused("credential_wrong"));
  });

  it("belongs together: a time is not lent to another's signature", async () => {
    const [, old] = (await at(AT - 1000)).split(",");
    expect(await shown(`t=${AT},${old}`)).toEqual(refused("credential_wrong"));
    expect(await shown(`t=${AT} ${await at(AT - 1000)}`)).toEqual(refused("too_old"));
    expect(await shown(`t=${AT},t=${AT - 1000},${old}`)).toEqual(refused("credential_wrong"));
  });

  it("without a time, a signature, or either is none", async () => {
    const [time = "", signature = ""] = (await at(AT)).split(",");
    expect(await shown(signature)).toEqual(refused("credential_missing"));
    for (const list of [time, "", ",", "=", "t,v1", `${time};${signature}`, `${time},V1=${signature.slice(3)}`])
      expect(await shown(list)).toEqual(refused("credential_malformed"));
  });

  it("of more signatures than any vendor sends is not worked through", async () => {
    const header = Array.from({ length: 6 }, () => at(AT, "another")).concat(at(AT));
    expect(await shown((await Promise.all(header)).join(" "))).toEqual(refused("credential_malformed"));
  });

  it("never throws, whatever stands there", async () => {
    const text = fc.string({ unit: fc.constantFrom("t", "v", "1", "=", ",", " ", "a", "0", "\t", "ü", "😀") });
    await fc.assert(
      fc.asyncProperty(text, async (header) => {
        const headers = { get: () => header } as unknown as Headers;
        expect((await verdictOf(layout, {}, { headers })).ok).toBe(false);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe("words with a prefix", () => {
  const shown = async (header: string) => verdictOf({ prefix: "sha256=" }, { "x-signature": header });

  it("may stand beside others that are no signatures: any that is one will do", async () => {
    const good = `sha256=${(await hmac(SECRET)).toHex()}`;
    for (const other of ["sha256=00", "sha256=zz", "sha256=", `sha256=${"0".repeat(64)}`, "sha1=00"]) {
      expect(await shown(`${other} ${good}`)).toEqual(PASSED);
      expect(await shown(`${good} ${other}`)).toEqual(PASSED);
      expect((await shown(`${other} ${other}`)).ok).toBe(false);
    }
  });
});

describe("a time", () => {
  const timed = (unit: "seconds" | "milliseconds" | "iso"): Partial<Hmac> => ({
    signed: "{timestamp}:{body}",
    timestamp: { header: "X-Time", unit },
    toleranceSeconds: 60,
  });
  const signed = async (time: string) => ({
    "x-time": time,
    "x-signature": (await hmac(SECRET, `${time}:${BODY}`)).toHex(),
  });

  it.each([
    ["seconds", `${AT}`],
    ["seconds", `${AT}.25`],
    ["milliseconds", `${NOW}`],
    ["iso", new Date(NOW).toISOString()],
    ["iso", "2026-11-17T05:00:00-03:00"],
  ] as const)("is read as %s: %s", async (unit, time) => {
    expect(await verdictOf(timed(unit), await signed(time))).toEqual(PASSED);
    expect(await verdictOf(timed(unit), await signed(time), { now: NOW + 62_000 })).toEqual(refused("too_old"));
    expect(await verdictOf(timed(unit), await signed(time), { now: NOW - 62_000 })).toEqual(refused("too_new"));
  });

  it.each([
    ["seconds", "yesterday"],
    ["seconds", "-1"],
    ["seconds", "1e9"],
    ["iso", `${AT}`],
    ["iso", "2026-02-31T00:00:00Z"],
  ] as const)("that is no %s is refused, though it is signed: %s", async (unit, time) => {
    expect(await verdictOf(timed(unit), await signed(time))).toEqual(refused("credential_malformed"));
  });

  it("that stands in a header is not lent by a list, where another could be written", async () => {
    const layout: Partial<Hmac> = {
      list: { signature: "v1", timestamp: "t" },
      timestamp: { header: "X-Time" },
      signed: "{header:X-Time}.{body}",
    };
    const shown = async (time: number, claimed: number) =>
      verdictOf(layout, {
        "x-time": `${time}`,
        "x-signature": `t=${claimed},v1=${(await hmac(SECRET, `${time}.${BODY}`)).toHex()}`,
      });
    expect(await shown(AT, AT - 1000)).toEqual(PASSED);
    expect(await shown(AT - 1000, AT)).toEqual(refused("too_old"));
  });

  it("in another unit than the vendor's is far off", async () => {
    expect(await verdictOf(timed("seconds"), await signed(`${NOW}`))).toEqual(refused("too_new"));
    expect(await verdictOf(timed("milliseconds"), await signed(`${AT}`))).toEqual(refused("too_old"));
  });

  it("is judged only of who has proven himself", async () => {
    const headers = { ...(await signed("0")), "x-signature": "0".repeat(64) };
    expect(await verdictOf(timed("seconds"), headers)).toEqual(refused("credential_wrong"));
  });

  it("has five minutes where nothing else is said", async () => {
    const { toleranceSeconds: _seconds, ...layout } = timed("seconds");
    expect(await verdictOf(layout, await signed(`${AT}`), { now: NOW + 300_000 })).toEqual(PASSED);
    expect(await verdictOf(layout, await signed(`${AT}`), { now: NOW + 301_000 })).toEqual(refused("too_old"));
  });
});

describe("what is signed", () => {
  it("is made of the request's own parts, byte for byte", async () => {
    const body = Uint8Array.from([0xff, 0x00, 0x80]);
    const signed = "{method} {path} {url} {header:X-Id}\n{body}|{body}";
    const text = "POST /in/source https://gateway.example/in/source?from=vendor 7\n";
    const message = Uint8Array.of(...new TextEncoder().encode(text), ...body, 0x7c, ...body);
    const headers = { "x-id": "7", "x-signature": (await hmac(SECRET, message)).toHex() };
    expect(await verdictOf({ signed }, headers, { body })).toEqual(PASSED);
    expect(await verdictOf({ signed }, { ...headers, "x-id": "8" }, { body })).toEqual(refused("credential_wrong"));
    expect(await verdictOf({ signed }, headers, { body, method: "PUT" })).toEqual(refused("credential_wrong"));
    const { "x-signature": alone } = headers;
    expect(await verdictOf({ signed }, { "x-signature": alone }, { body })).toEqual(refused("credential_missing"));
  });

  it("without the body says who came, and not what was sent", async () => {
    const headers = { "x-id": "7", "x-signature": (await hmac(SECRET, "7")).toHex() };
    expect(await verdictOf({ signed: "{header:X-Id}" }, headers)).toEqual({ ...PASSED, basis: "credential" });
  });

  it("may be what Standard Webhooks says", async () => {
    const key = Uint8Array.from({ length: 24 }, (_, index) => index + 1);
    const layout: Partial<Hmac> = {
      header: "webhook-signature",
      prefix: "v1,",
      key: "whsec",
      signed: "{header:webhook-id}.{timestamp}.{body}",
      timestamp: { header: "webhook-timestamp" },
    };
    const signature = (await hmac(key, `msg_1.${AT}.${BODY}`)).toBase64();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": `${AT}`,
      "webhook-signature": `v1a,${"A".repeat(88)} v1,${(await hmac("old")).toBase64()} v1,${signature}`,
    };
    expect(await verdictOf(layout, headers, { secret: `whsec_${key.toBase64()}` })).toEqual(PASSED);
  });
});

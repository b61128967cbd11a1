/** What a preset promises of its vendor's webhooks, where the source gives no more than the secrets. */
import { describe, expect, it } from "vitest";
import { completeScheme } from "../../src/config/complete-scheme.ts";
import { withPreset } from "../../src/config/preset.ts";
import { PRESET_NAMES, presets, type PresetName } from "../../src/config/presets/presets.ts";
import type { SchemeDocument } from "../../src/config/scheme-schema.ts";
import type { Unproven } from "../../src/verify/scheme.ts";
import { verify } from "../../src/verify/verify.ts";
import { DEEPIDV, JUMIO, SIGNED } from "./preset-fixtures.ts";
import { depsOf, NOW, webhookOf } from "./webhooks.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function schemesOf(preset: PresetName, scheme: SchemeDocument) {
  return withPreset({ preset, verify: [scheme] }).verify.map((each) => completeScheme(each, undefined));
}

const WRONG = { ok: false, reason: "credential_wrong" };
const MALFORMED = { ok: false, reason: "credential_malformed" };
const SIGNATURE = { ok: true, basis: "signature", scheme: "hmac" };
const REFS = [{ secret: "first" }, { secret: "second" }];

describe.each(Object.entries(SIGNED))("%s", (name, { body, secret, headers, signature, idle = [], isTimed, sign }) => {
  const schemes = schemesOf(name as PresetName, { scheme: "hmac", secrets: REFS });
  const verdictOf = (
    shown: Readonly<Record<string, string>>,
    { content = body, secrets = { first: secret }, now = NOW }: Changes = {},
  ) => verify(schemes, webhookOf(shown, { body: bytes(content) }), depsOf(secrets, { now }));
  interface Changes {
    content?: string;
    secrets?: Record<string, string>;
    now?: number;
  }
  const other = btoa("another secret of the tests, 32 by");

  it("is let in as its vendor documents it, and as its fixtures' signer makes it", async () => {
    expect(await verdictOf(headers)).toEqual(SIGNATURE);
    expect(await sign(secret, body, NOW / 1000)).toEqual(headers);
  });

  it("is let in with either secret while one is rotated", async () => {
    expect(await verdictOf(headers, { secrets: { first: other, second: secret } })).toEqual(SIGNATURE);
  });

  it("is another webhook with one byte changed, come or gone", async () => {
    const middle = Math.floor(body.length / 2);
    const changed = `${body.slice(0, middle)}${body[middle] === "0" ? "1" : "0"}${body.slice(middle + 1)}`;
    for (const content of [changed, `${body} `, ` ${body}`, body.slice(0, -1), body.slice(1), ""])
      expect(await verdictOf(headers, { content })).toEqual(WRONG);
  });

  it("is refused with another secret", async () => {
    expect(await verdictOf(headers, { secrets: { first: other } })).toEqual(WRONG);
    expect(await verdictOf(await sign(other, body, NOW / 1000))).toEqual(WRONG);
  });

  it("is refused without any one of its headers", async () => {
    for (const missing of Object.keys(headers).filter((header) => !idle.includes(header))) {
      const rest = Object.fromEntries(Object.entries(headers).filter(([header]) => header !== missing));
      expect((await verdictOf(rest)).ok).toBe(false);
      expect((await verdictOf({ ...headers, [missing]: "" })).ok).toBe(false);
    }
    expect(await verdictOf({})).toEqual({ ok: false, reason: "credential_missing" });
  });

  it("is refused with a part of its signature", async () => {
    const whole = (headers[signature] ?? "").replace(/=+$/, "");
    for (const cut of [1, 2, 3, 4, 8, 16, 32, 39, 40])
      expect(await verdictOf({ ...headers, [signature]: whole.slice(0, -cut) })).toEqual(MALFORMED);
    expect(await verdictOf({ ...headers, [signature]: `${whole}00` })).toEqual(MALFORMED);
  });

  it("is refused with a signature of an empty key, whatever is set", async () => {
    const forged = await sign("", body, NOW / 1000);
    expect(await verdictOf(forged)).toEqual(WRONG);
    for (const empty of ["", "\0", "AAAA"])
      expect((await verdictOf(forged, { secrets: { first: empty } })).ok).toBe(false);
    expect((await verdictOf(forged, { secrets: {} })).ok).toBe(false);
  });

  if (!isTimed) return;

  it("is refused once it is older than five minutes, and before its time", async () => {
    const at = (seconds: number) => verdictOf(headers, { now: NOW + seconds * 1000 });
    expect(await at(300)).toEqual(SIGNATURE);
    expect(await at(301)).toEqual({ ok: false, reason: "too_old" });
    expect(await at(86_400)).toEqual({ ok: false, reason: "too_old" });
    expect(await at(-300)).toEqual(SIGNATURE);
    expect(await at(-301)).toEqual({ ok: false, reason: "too_new" });
  });

  it("is refused with another time than the one that was signed", async () => {
    const dated = (time: string) =>
      Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, value.replace(`${NOW / 1000}`, time)]));
    for (const time of [`${NOW / 1000 + 1}`, `${NOW / 1000}0`, `0${NOW / 1000}`, "", "now"])
      expect((await verdictOf(dated(time), { now: NOW + 400_000 })).ok).toBe(false);
  });
});

describe("deepidv", () => {
  const schemes = schemesOf("deepidv", { scheme: "header", values: REFS });
  const verdictOf = (headers: Record<string, string>, secrets: Record<string, string> = { second: DEEPIDV.secret }) =>
    verify(schemes, webhookOf(headers, { body: bytes(DEEPIDV.body) }), depsOf(secrets));

  it("shows its secret, which is no signature of what it sends", async () => {
    const verdict = await verdictOf({ "deepidv-signature": DEEPIDV.secret });
    expect(verdict).toEqual({ ok: true, basis: "credential", scheme: "header" });
  });

  it("is refused without it, with a part of it, with another, and with an empty one", async () => {
    expect(await verdictOf({})).toEqual({ ok: false, reason: "credential_missing" });
    for (const shown of [DEEPIDV.secret.slice(0, -1), `${DEEPIDV.secret}0`, "whsec_", ""])
      expect(await verdictOf({ "deepidv-signature": shown })).toEqual(WRONG);
    expect((await verdictOf({ "deepidv-signature": "" }, { first: "", second: "" })).ok).toBe(false);
  });
});

describe("jumio", () => {
  const schemes = schemesOf("jumio", { scheme: "ip" });
  const verdictOf = (changes: Partial<Unproven>) =>
    verify(
      schemes,
      webhookOf({ "x-forwarded-for": "34.202.241.227" }, { body: bytes(JUMIO.body), ...changes }),
      depsOf({}),
    );

  it.each(JUMIO.addresses)("comes from %s, which proves nothing of what it says", async (address) => {
    expect(await verdictOf({ address })).toEqual({ ok: true, basis: "none", scheme: "ip" });
  });

  it("comes from nowhere else", async () => {
    expect(await verdictOf({ address: "34.202.241.228" })).toEqual({ ok: false, reason: "address_not_allowed" });
    expect(await verdictOf({ address: undefined })).toEqual({ ok: false, reason: "address_unknown" });
  });
});

describe("presets", () => {
  it("have each a fixture, and no key of their own", () => {
    expect([...Object.keys(SIGNED), "deepidv", "jumio"].sort()).toEqual([...PRESET_NAMES].sort());
    expect(JSON.stringify(presets)).not.toContain("secret");
  });

  it("give way to what the source says itself, member by member", () => {
    const [scheme] = schemesOf("persona", { scheme: "hmac", secrets: REFS, header: "X-Proxied", toleranceSeconds: 60 });
    expect(scheme).toMatchObject({ header: "X-Proxied", list: { signature: "v1", timestamp: "t" } });
    expect(scheme).toMatchObject({ time: { unit: "seconds", toleranceSeconds: 60 } });
  });

  it("stand inside of `all`, too", () => {
    const both = [
      {
        all: [
          { scheme: "ip", ranges: ["192.0.2.1"] },
          { scheme: "hmac", secrets: REFS },
        ],
      },
    ];
    expect(withPreset({ preset: "onfido", verify: both }).verify).toEqual([
      { all: [both[0]?.all[0], { scheme: "hmac", secrets: REFS, header: "X-SHA2-Signature", encoding: "hex" }] },
    ]);
  });

  it("that nobody knows change nothing", () => {
    for (const preset of ["unheard-of", "constructor", "__proto__", 7]) {
      const source = { preset, verify: [{ scheme: "hmac" }] };
      expect(withPreset(source)).toBe(source);
    }
  });
});

/** A sample is proven as its vendor would prove it: by the vendor's documents, by an independent library, by the public key. */
import { createHmac, generateKeyPairSync, verify } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { prove, type Helpers } from "../../src/cli/proof.ts";
import { sampleOf } from "../../src/cli/sample.ts";
import type { Scheme, Source } from "../../src/cli/source.ts";

const NOW = Math.floor(Date.now() / 1000) * 1000;
const webhook = { body: Buffer.from('{"a":"é"}'), url: "https://gatepost.example.com/in/acme", now: NOW };
const secrets = [{ secret: "key" }];

const withSecret = (value: string): Helpers => ({
  secret: async () => value,
  token: async (client, secret) => `${client}|${secret}`,
});
const headersOf = async (scheme: Scheme, value: string) => (await prove(scheme, webhook, withSecret(value))).headers;
const hmac = (algorithm: string, key: string | Buffer, text: string | Buffer) =>
  createHmac(algorithm, key).update(text).digest();

describe("a proof", () => {
  it("by HMAC is over the body, with prefix and encoding", async () => {
    const scheme: Scheme = { scheme: "hmac", secrets, header: "Digest", prefix: "SHA-256=", encoding: "base64" };
    expect(await headersOf(scheme, "license")).toEqual({
      Digest: `SHA-256=${hmac("sha256", "license", webhook.body).toString("base64")}`,
    });
    expect(await prove(scheme, webhook, withSecret("license"))).toMatchObject({ covers: true });
  });

  it("by HMAC in a list of time and signature is over both", async () => {
    const scheme: Scheme = {
      scheme: "hmac",
      secrets,
      header: "Stripe-Signature",
      algorithm: "sha512",
      list: { signature: "v1", timestamp: "t" },
      signed: "{timestamp}.{body}",
    };
    const signature = hmac("sha512", "key", `${NOW / 1000}.${webhook.body.toString()}`).toString("hex");
    expect(await headersOf(scheme, "key")).toEqual({ "Stripe-Signature": `t=${NOW / 1000},v1=${signature}` });
  });

  it("by Standard Webhooks is what its library verifies", async () => {
    const key = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
    const headers = await headersOf(
      {
        scheme: "hmac",
        secrets,
        header: "webhook-signature",
        prefix: "v1,",
        encoding: "base64",
        key: "whsec",
        timestamp: { header: "webhook-timestamp" },
        signed: "{header:webhook-id}.{timestamp}.{body}",
      },
      key,
    );
    expect(new Webhook(key).verify(webhook.body.toString(), headers)).toEqual({ a: "é" });
  });

  it.each([
    ["milliseconds", String(NOW)],
    ["iso", new Date(NOW).toISOString()],
  ] as const)("has its time in %s", async (unit, expected) => {
    const headers = await headersOf({ scheme: "hmac", secrets, header: "S", timestamp: { header: "T", unit } }, "key");
    expect(headers["T"]).toBe(expected);
  });

  it("by HMAC over method, path and URL names them", async () => {
    const scheme: Scheme = {
      scheme: "hmac",
      secrets,
      header: "S",
      signed: "{method} {path} {url}\n{body}",
      key: "hex",
    };
    const text = `POST /in/acme ${webhook.url}\n${webhook.body.toString()}`;
    expect(await headersOf(scheme, "00ff")).toEqual({ S: hmac("sha256", Buffer.from([0, 255]), text).toString("hex") });
  });

  it("by Ed25519 is verified by the public key", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const scheme: Scheme = {
      scheme: "ed25519",
      header: "X-Signature",
      encoding: "base64",
      signed: "{timestamp}.{body}",
    };
    const headers = await headersOf(scheme, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    const text = Buffer.from(`${NOW / 1000}.${webhook.body.toString()}`);
    expect(verify(null, text, publicKey, Buffer.from(headers["X-Signature"] ?? "", "base64"))).toBe(true);
  });

  it.each<[Scheme, Record<string, string>]>([
    [{ scheme: "header", name: "X-Key", values: secrets }, { "X-Key": "s:1" }],
    [{ scheme: "basic", username: "u", passwords: secrets }, { authorization: `Basic ${btoa("u:s:1")}` }],
    [{ scheme: "bearer", clients: [{ id: "c", secret: { secret: "key" } }] }, { authorization: "Bearer c|s:1" }],
    [{ scheme: "none" }, {}],
  ])("by a credential of %o", async (scheme, expected) => {
    expect(await headersOf(scheme, "s:1")).toEqual(expected);
  });

  it("by a vendor's own JWT cannot be made here", async () => {
    await expect(headersOf({ scheme: "jwt" }, "")).rejects.toThrow("only the vendor");
  });
});

it("a custom source's sample says what its pointers look for", () => {
  const source = {
    vendor: "custom",
    webhook: { event: ["/event_type", "/data/status"], session: "/data/session/id", delivery: "/id" },
  };
  const sample = sampleOf(source as unknown as Source, "gatepost.test", "s-1", "");
  expect(sample).toEqual({ id: "s-1-delivery", data: { session: { id: "s-1" } }, event_type: "gatepost.test" });
});

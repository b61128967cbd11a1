/** Sources of known vendors in the running gateway: a preset's name and the secrets, put as configuration, are all there is to say. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebhookEventVerifier } from "@onfido/api";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";
import { Stripe } from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEEPIDV, fixtureOf, SIGNED } from "../verify/preset-fixtures.ts";
import { openGateway, type Gateway } from "./gateway.ts";

const seconds = () => Math.floor(Date.now() / 1000);

let gateway: Gateway;
let issuer: Issuer;

beforeAll(async () => {
  issuer = await startIssuer();
  const signed = Object.keys(SIGNED).map((preset) => [
    preset,
    {
      vendor: "custom",
      preset,
      verify: [{ scheme: "hmac", secrets: [{ secret: `${preset}-old` }, { secret: preset }] }],
      events: {},
    },
  ]);
  const sources = {
    ...(Object.fromEntries(signed) as object),
    deepidv: {
      vendor: "custom",
      preset: "deepidv",
      verify: [{ scheme: "header", values: [{ secret: "deepidv" }] }],
      events: {},
    },
    issued: {
      vendor: "custom",
      webhook: { session: "/id" },
      verify: [{ scheme: "jwt", header: "X-Proof", jwksUrl: issuer.url, bodyHash: { claim: "sha256" } }],
      events: {},
    },
  };
  const secrets = Object.fromEntries(Object.entries(SIGNED).map(([name, { secret }]) => [name, secret]));
  gateway = await openGateway(() => ({ sources, subscribers: {} }), { ...secrets, deepidv: DEEPIDV.secret });
});

afterAll(async () => {
  await gateway.close();
  issuer.close();
});

async function statusOf(source: string, headers: Record<string, string>, body: string): Promise<number> {
  return (await fetch(`${gateway.url}/in/${source}`, { method: "POST", headers, body })).status;
}

describe.each(Object.entries(SIGNED))("%s", (preset, { secret, body, signature, isTimed, sign }) => {
  const signed = (key = secret, at = seconds()) => sign(key, body, at, `${gateway.url}/in/${preset}`);

  it("is let in with nothing but its secret configured, and nobody else is", async () => {
    const headers = await signed();
    expect(await statusOf(preset, headers, body)).toBe(200);
    expect(await statusOf(preset, headers, body.replace(/[a-z]/, "0"))).toBe(401);
    expect(await statusOf(preset, await signed(btoa("another secret of the tests, 32 by")), body)).toBe(401);
    expect(await statusOf(preset, await signed(""), body)).toBe(401);
    expect(await statusOf(preset, { ...headers, [signature]: headers[signature]?.slice(0, -3) ?? "" }, body)).toBe(401);
    expect(await statusOf(preset, {}, body)).toBe(401);
    if (isTimed) expect(await statusOf(preset, await signed(secret, seconds() - 310), body)).toBe(401);
  });
});

it("deepidv is let in by the secret that it shows", async () => {
  expect(await statusOf("deepidv", { "deepidv-signature": DEEPIDV.secret }, DEEPIDV.body)).toBe(200);
  expect(await statusOf("deepidv", { "deepidv-signature": DEEPIDV.secret.slice(1) }, DEEPIDV.body)).toBe(401);
});

describe("the vendor's own package", () => {
  it("of stripe signs what is let in here, and lets in what is signed here", async () => {
    const { webhooks } = new Stripe("sk_test_0");
    const { body, secret, sign } = fixtureOf("stripe-identity");
    const header = webhooks.generateTestHeaderString({ payload: body, secret });
    expect(await statusOf("stripe-identity", { "stripe-signature": header }, body)).toBe(200);
    const stale = webhooks.generateTestHeaderString({ payload: body, secret, timestamp: seconds() - 310 });
    expect(await statusOf("stripe-identity", { "stripe-signature": stale }, body)).toBe(401);
    expect(() => webhooks.constructEvent(body, stale, secret)).toThrow("Timestamp outside the tolerance zone");

    const own = (await sign(secret, body, seconds()))["Stripe-Signature"] ?? "";
    expect(webhooks.constructEvent(body, own, secret)).toMatchObject(JSON.parse(body) as object);
    expect(() => webhooks.constructEvent(`${body} `, own, secret)).toThrow("No signatures found");
  });

  it("of onfido lets in what is let in here, and refuses what is refused", async () => {
    const { body, secret, sign } = fixtureOf("onfido");
    const verifier = new WebhookEventVerifier(secret);
    const own = (await sign(secret, body, 0))["X-SHA2-Signature"] ?? "";
    expect(verifier.readPayload(body, own)).toEqual(JSON.parse(body));
    expect(await statusOf("onfido", { "x-sha2-signature": own }, body)).toBe(200);
    const wrong = (await sign("another secret", body, 0))["X-SHA2-Signature"] ?? "";
    expect(() => verifier.readPayload(body, wrong)).toThrow("Invalid signature");
    expect(await statusOf("onfido", { "x-sha2-signature": wrong }, body)).toBe(401);
  });
});

interface Issuer {
  url: string;
  state: { isDown: boolean; asked: number };
  sign(body: string, kid?: string): Promise<string>;
  close(): void;
}

async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const published: JWK = { ...(await exportJWK(publicKey)), kid: "one" };
  const state = { isDown: true, asked: 0 };
  const server: Server = createServer((_request, response) => {
    state.asked += 1;
    response.statusCode = state.isDown ? 500 : 200;
    response.end(JSON.stringify({ keys: [published] }));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    state,
    async sign(body, kid = "one") {
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
      const sha256 = Buffer.from(hash).toString("hex");
      return new SignJWT({ sha256 }).setProtectedHeader({ alg: "ES256", kid }).setIssuedAt().sign(privateKey);
    },
    close: () => void server.close(),
  };
}

it("an issuer that is down refuses nobody for ever: 503 until its keys can be read, and a stranger's key is asked for once", async () => {
  const body = '{"id":"one"}';
  const proof = { "x-proof": await issuer.sign(body) };
  expect(await statusOf("issued", proof, body)).toBe(503);
  issuer.state.isDown = false;
  await expect.poll(() => statusOf("issued", proof, body), { timeout: 15_000, interval: 500 }).toBe(200);
  expect(await statusOf("issued", proof, `${body} `)).toBe(401);
  const { asked } = issuer.state;
  const strangers = await Promise.all(
    Array.from({ length: 5 }, async (_, index) =>
      statusOf("issued", { "x-proof": await issuer.sign(body, `k${index}`) }, body),
    ),
  );
  // The keys were read a moment ago: a key that is new since could be the issuer's.
  expect(strangers).toEqual(Array(5).fill(503));
  expect(issuer.state.asked - asked).toBeLessThanOrEqual(1);
});

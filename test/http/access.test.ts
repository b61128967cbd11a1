/** People by way of Cloudflare Access: only whom the team vouches for here and now, with the role that the rules give them. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkEnv, RESERVED_NAMES } from "../../src/env.ts";
import { createGateway, ORIGIN, problemOf, type Gateway } from "./gateway.ts";

const TEAM = "acme.cloudflareaccess.com";
const AUDIENCE = "a".repeat(64);
const VARIABLES = {
  ACCESS_TEAM_DOMAIN: TEAM,
  ACCESS_AUD: AUDIENCE,
  ACCESS_ROLES: "admin:alice@example.com, operator:*@example.com,viewer:guest@*",
};

const makeKey = async (kid: string) => {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { kid, privateKey, published: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
};
type Key = Awaited<ReturnType<typeof makeKey>>;

let gateway: Gateway;
let key: Key;
let certificates: () => Response | Promise<Response>;
let asked: string[];

beforeEach(async () => {
  await reset();
  gateway = createGateway(VARIABLES);
  key = await makeKey("one");
  certificates = () => Response.json({ keys: [key.published] });
  asked = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    asked.push(new Request(input).url);
    return certificates();
  });
});
afterEach(() => vi.restoreAllMocks());

interface Claims {
  email?: string;
  issuer?: string;
  audience?: string;
  seconds?: number;
  signer?: Key;
}

function assert({ email = "alice@example.com", signer = key, ...claims }: Claims = {}): Promise<string> {
  const now = Math.floor(gateway.clock.at / 1000);
  return new SignJWT(email === "" ? {} : { email })
    .setProtectedHeader({ alg: "RS256", kid: signer.kid })
    .setIssuer(claims.issuer ?? `https://${TEAM}`)
    .setAudience([claims.audience ?? AUDIENCE])
    .setExpirationTime(now + (claims.seconds ?? 60))
    .sign(signer.privateKey);
}

const ask = (assertion: string, path = "/api/events", init: RequestInit = {}) =>
  gateway.request(path, { ...init, headers: { "cf-access-jwt-assertion": assertion, ...init.headers } });
const typeOf = async (response: Response) => (await problemOf(response)).type.replace("urn:gatepost:problem:", "");

describe("a person whom the team vouches for", () => {
  it.each([
    ["alice@example.com", "/api/secrets", 200],
    ["Alice@Example.com", "/api/secrets", 200],
    ["bob@example.com", "/api/secrets", 403],
    ["bob@example.com", `/api/events/evt_${"0".repeat(32)}`, 404],
    ["guest@elsewhere.example", `/api/events/evt_${"0".repeat(32)}`, 403],
    ["guest@elsewhere.example", "/api/events", 200],
    ["mallory@elsewhere.example", "/api/events", 403],
    ["mallory@elsewhere.example", "/api/unheard-of", 403],
    ["mallory@elsewhere.example", "/readyz", 403],
  ])("%s asks for %s: %i", async (email, path, status) => {
    expect((await ask(await assert({ email }), path)).status).toBe(status);
  });

  it("is named by the e-mail", async () => {
    const body = JSON.stringify({ name: "mine", role: "viewer" });
    const made = await ask(await assert(), "/api/tokens", { method: "POST", body });
    expect(await made.json()).toMatchObject({ createdBy: "alice@example.com" });
  });

  it("changes nothing from another site's page, since the browser sends the cookie along", async () => {
    const send = async (headers: Record<string, string>) =>
      ask(await assert(), "/api/tokens", { method: "POST", headers, body: "{}" });
    expect(await typeOf(await send({ origin: "https://evil.example" }))).toBe("cross-site");
    expect(await typeOf(await send({ origin: "null" }))).toBe("cross-site");
    expect(await typeOf(await send({ origin: ORIGIN }))).toBe("invalid-token");
    expect(await typeOf(await send({}))).toBe("invalid-token");
  });
});

describe("nobody gets in with", () => {
  it.each<[string, () => Promise<string>]>([
    ["an assertion that has expired", () => assert({ seconds: 0 })],
    ["one for another application of the team", () => assert({ audience: "b".repeat(64) })],
    ["one of another team", () => assert({ issuer: "https://evil.cloudflareaccess.com" })],
    ["one without an e-mail", () => assert({ email: "" })],
    ["one that is signed with another key of the same name", async () => assert({ signer: await makeKey("one") })],
    [
      "one without a signature",
      async () => `${btoa('{"alg":"none","kid":"one"}').replaceAll("=", "")}.${(await assert()).split(".")[1]}.`,
    ],
    ["nonsense", async () => "nonsense"],
  ])("%s", async (_what, make) => {
    expect(await typeOf(await ask(await make()))).toBe("not-signed-in");
  });

  it("an assertion that is signed with the public key as a shared secret", async () => {
    const shared = new TextEncoder().encode(JSON.stringify(key.published));
    const forged = new SignJWT({ email: "alice@example.com" }).setProtectedHeader({ alg: "HS256", kid: "one" });
    const token = await forged.setIssuer(`https://${TEAM}`).setAudience(AUDIENCE).setExpirationTime("1h").sign(shared);
    expect(await typeOf(await ask(token))).toBe("not-signed-in");
  });

  it("an assertion beside a wrong token: the token decides", async () => {
    const headers = { authorization: "Bearer wrong" };
    expect(await typeOf(await ask(await assert(), "/api/events", { headers }))).toBe("not-signed-in");
  });

  it("any assertion where Access is not set up", async () => {
    gateway.world.bindings = {};
    expect(await typeOf(await ask(await assert()))).toBe("not-signed-in");
    expect(asked).toEqual([]);
  });
});

describe("the team's keys", () => {
  it("are asked for once and remembered", async () => {
    for (let count = 0; count < 5; count++) expect((await ask(await assert())).status).toBe(200);
    expect(asked).toEqual([`https://${TEAM}/cdn-cgi/access/certs`]);
  });

  it("are asked for again when there is a new one, but not for whoever invents one", async () => {
    await ask(await assert());
    const invented = await makeKey("invented");
    for (let count = 0; count < 5; count++) expect((await ask(await assert({ signer: invented }))).status).toBe(401);
    expect(asked).toHaveLength(1);
    key = await makeKey("two");
    gateway.clock.at += 60_000;
    expect((await ask(await assert())).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it("that were withdrawn are believed for no more than an hour", async () => {
    const old = key;
    await ask(await assert());
    key = await makeKey("two");
    gateway.clock.at += 3_600_000;
    expect((await ask(await assert({ signer: old }))).status).toBe(401);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ["fail", () => Promise.reject(new Error("no connection"))],
    ["are an error", () => new Response("no", { status: 500 })],
    ["are no keys", () => Response.json({ keys: [{ kid: "one" }] })],
    ["redirect", () => new Response(null, { status: 302, headers: { location: "https://evil.example" } })],
  ])("that %s are nobody's fault: 503, and the ones remembered go on", async (_how, answer) => {
    const good = certificates;
    certificates = answer;
    expect(await typeOf(await ask(await assert()))).toBe("unavailable");
    certificates = good;
    gateway.clock.at += 5000;
    expect((await ask(await assert())).status).toBe(200);
    certificates = answer;
    gateway.clock.at += 3_600_000;
    expect((await ask(await assert())).status).toBe(200);
  });
});

describe("the variables", () => {
  it.each([
    [{ ACCESS_TEAM_DOMAIN: "" }, "ACCESS_TEAM_DOMAIN"],
    [{ ACCESS_TEAM_DOMAIN: "https://acme.cloudflareaccess.com" }, "ACCESS_TEAM_DOMAIN"],
    [{ ACCESS_TEAM_DOMAIN: "cloudflareaccess.com.evil.example" }, "ACCESS_TEAM_DOMAIN"],
    [{ ACCESS_AUD: "" }, "ACCESS_AUD"],
    [{ ACCESS_ROLES: "" }, "ACCESS_ROLES"],
    [{ ACCESS_ROLES: "root:*" }, "ACCESS_ROLES"],
    [{ ACCESS_ROLES: "admin:" }, "ACCESS_ROLES"],
    [{ ACCESS_ROLES: "admin:a@example.com;viewer:*" }, "ACCESS_ROLES"],
  ])("%j is named", (change, name) => {
    const faults = checkEnv({ ...env, ...VARIABLES, ...change });
    expect(faults.map((fault) => fault.name)).toEqual([name]);
  });

  it("are all there or none, and no configuration can use them as secrets", () => {
    expect(checkEnv({ ...env, ...VARIABLES })).toEqual([]);
    expect(checkEnv({ ...env, ACCESS_TEAM_DOMAIN: "", ACCESS_AUD: "", ACCESS_ROLES: "" })).toEqual([]);
    for (const name of Object.keys(VARIABLES)) expect(RESERVED_NAMES.has(name)).toBe(true);
  });
});

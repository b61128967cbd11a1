import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { fails, faulty } from "../faults.ts";
import { createGateway, problemOf, type Gateway } from "./gateway.ts";

const SECRETS = { incode: "s3cr:t/+% é", unico: "another secret" };

const bearer = (id: string) => [{ scheme: "bearer", clients: [{ id, secret: { secret: id } }] }];
const CONFIGURATION = {
  sources: {
    incode: { vendor: "incode", verify: bearer("incode"), events: { "*": "record" } },
    unico: { vendor: "unico", verify: bearer("unico"), events: { "*": "record" } },
  },
};

let gateway: Gateway;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
  for (const [name, value] of Object.entries(SECRETS)) await gateway.put(`/api/secrets/${name}`, { value });
  await gateway.put("/api/config", CONFIGURATION);
});

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const GRANT = "grant_type=client_credentials";
const base64 = (text: string) => new TextEncoder().encode(text).toBase64();
const asSent = (id: string, secret: string) => ({ authorization: `Basic ${base64(`${id}:${secret}`)}` });
const formEncode = (text: string) => new URLSearchParams({ v: text }).toString().slice("v=".length);
const formEncoded = (id: string, secret: string) => asSent(formEncode(id), formEncode(secret));

const ask = (headers: Record<string, string>, body = GRANT, method = "POST") =>
  gateway.request("/oauth/token", { method, headers: { ...FORM, ...headers }, ...(method === "POST" ? { body } : {}) });

async function issue(id: keyof typeof SECRETS = "incode"): Promise<string> {
  const response = await ask(asSent(id, SECRETS[id]));
  expect(response.status).toBe(200);
  return (await response.json<{ access_token: string }>()).access_token;
}

let bodies = 0;
const sendTo = (source: string, token: string) =>
  gateway.request(`/in/${source}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ interviewId: `session-${++bodies}`, onboardingStatus: "ID_VALIDATION_FINISHED" }),
  });

async function expectRefusal(response: Response, status: number, error: string): Promise<void> {
  expect([response.status, await response.clone().json()]).toEqual([status, { error }]);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("content-type")).toBe("application/json");
}

describe("a client gets a token", () => {
  it.each<[string, () => [Record<string, string>, string?]]>([
    ["by HTTP Basic as sent", () => [asSent("incode", SECRETS.incode)]],
    ["by HTTP Basic, form-encoded", () => [formEncoded("incode", SECRETS.incode)]],
    [
      "by credentials in the body",
      () => [{}, `${GRANT}&${new URLSearchParams({ client_id: "incode", client_secret: SECRETS.incode }).toString()}`],
    ],
    ["and may ask for a scope", () => [asSent("incode", SECRETS.incode), `${GRANT}&scope=webhooks`]],
    [
      "and may name a charset",
      () => [
        { ...asSent("incode", SECRETS.incode), "content-type": "Application/X-WWW-Form-URLencoded; charset=UTF-8" },
      ],
    ],
  ])("%s", async (_name, request) => {
    const response = await ask(...request());
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { access_token, ...rest } = await response.json<{ access_token: string }>();
    expect(rest).toEqual({ token_type: "Bearer", expires_in: 3600 });
    expect((await sendTo("incode", access_token)).status).toBe(200);
  });
});

describe("a request that cannot be granted", () => {
  it.each<[string, () => Record<string, string>, string?]>([
    ["without credentials", () => ({})],
    ["with a wrong secret", () => asSent("incode", "wrong")],
    ["with another client's secret", () => asSent("incode", SECRETS.unico)],
    ["of an unknown client", () => asSent("nobody", SECRETS.incode)],
    ["with an empty secret", () => asSent("incode", "")],
    ["with credentials that are no base64", () => ({ authorization: "Basic ***" })],
    ["with another scheme", () => ({ authorization: "Bearer abc" })],
    ["with half the credentials in the body", () => ({}), `${GRANT}&client_id=incode`],
    [
      "with good credentials in the body beside wrong ones in the header",
      () => asSent("incode", "wrong"),
      `${GRANT}&${new URLSearchParams({ client_id: "incode", client_secret: SECRETS.incode }).toString()}`,
    ],
  ])("%s is 401 and says how to authenticate", async (_name, headers, body) => {
    const response = await ask(headers(), body);
    await expectRefusal(response, 401, "invalid_client");
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
  });

  it.each<[string, string, string]>([
    ["of another grant", "grant_type=password", "unsupported_grant_type"],
    ["of an empty grant", "grant_type=", "unsupported_grant_type"],
    ["without a grant", "scope=x", "invalid_request"],
    ["with two grants", `${GRANT}&${GRANT}`, "invalid_request"],
  ])("%s is 400", async (_name, body, error) => {
    await expectRefusal(await ask(asSent("incode", SECRETS.incode), body), 400, error);
  });

  it("that is no form is 400", async () => {
    const credentials = asSent("incode", SECRETS.incode);
    const json = await ask(
      { ...credentials, "content-type": "application/json" },
      '{"grant_type":"client_credentials"}',
    );
    await expectRefusal(json, 400, "invalid_request");
    await expectRefusal(await ask(credentials, `${GRANT}&x=${"x".repeat(9000)}`), 400, "invalid_request");
  });

  it("by another method is 405", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const response = await ask({}, "", method);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
  });

  it("too often from one address is 429, and only from that one", async () => {
    const from = (address: string) => ask({ ...asSent("incode", "wrong"), "cf-connecting-ip": address });
    const statuses = new Set<number>();
    for (let count = 0; count < 101; count++) statuses.add((await from("192.0.2.1")).status);
    expect([...statuses]).toEqual([401, 429]);
    const refused = await from("192.0.2.1");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await from("192.0.2.2")).status).toBe(401);
    const right = await ask({ ...asSent("incode", SECRETS.incode), "cf-connecting-ip": "192.0.2.1" });
    expect(right.status).toBe(200);
  });

  it("before any configuration is loaded is 503", async () => {
    await reset();
    const cold = createGateway();
    const response = await cold.request("/oauth/token", { method: "POST", headers: FORM, body: GRANT });
    expect((await problemOf(response)).type).toBe("urn:gatepost:problem:not-configured");
    expect(response.headers.get("retry-after")).not.toBeNull();
  });
});

describe("a token", () => {
  it("opens the sources that list its client, and no other", async () => {
    const token = await issue();
    expect((await sendTo("incode", token)).status).toBe(200);
    expect((await sendTo("unico", token)).status).toBe(401);
    expect((await sendTo("unico", await issue("unico"))).status).toBe(200);
  });

  it("verifies at once in an isolate that has never heard of it, record or not", async () => {
    gateway.world.bindings = { TOKENS: faulty(env.TOKENS, { put: fails }) };
    const token = await issue();
    gateway.world.bindings = {};
    gateway.coolDown();
    expect((await sendTo("incode", token)).status).toBe(200);
    expect(await (await gateway.admin("/api/issued-tokens")).json()).toEqual({ items: [] });
  });

  it("ends after an hour", async () => {
    const token = await issue();
    gateway.clock.at += 3_599_000;
    expect((await sendTo("incode", token)).status).toBe(200);
    gateway.clock.at += 1000;
    expect((await sendTo("incode", token)).status).toBe(401);
  });

  it("ends when its client's secret is rotated or removed, or its client leaves the source", async () => {
    const token = await issue();
    await gateway.put("/api/secrets/incode", { value: "rotated" });
    expect((await sendTo("incode", token)).status).toBe(401);
    await gateway.put("/api/secrets/incode", { value: SECRETS.incode });
    expect((await sendTo("incode", token)).status).toBe(200);
    expect((await gateway.admin("/api/secrets/incode", "DELETE")).status).toBe(200);
    expect((await sendTo("incode", token)).status).toBe(401);
    await gateway.put("/api/secrets/incode", { value: SECRETS.incode });
    const verify = bearer("unico");
    await gateway.put("/api/config", {
      sources: { ...CONFIGURATION.sources, incode: { ...CONFIGURATION.sources.incode, verify } },
    });
    expect((await sendTo("incode", token)).status).toBe(401);
  });

  it("is listed by a hash of its id, never by itself", async () => {
    const token = await issue();
    const text = await (await gateway.admin("/api/issued-tokens")).text();
    const at = new Date(gateway.clock.at);
    expect(JSON.parse(text)).toEqual({
      items: [
        {
          id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
          client: "incode",
          issuedAt: at.toISOString(),
          expiresAt: new Date(at.getTime() + 3_600_000).toISOString(),
        },
      ],
    });
    expect(text).not.toContain(token);
    expect(text).not.toContain("unique-");
  });

  it("that is revoked is refused, here at once and elsewhere when it is looked at", async () => {
    const token = await issue();
    const other = await issue();
    expect((await sendTo("incode", token)).status).toBe(200);
    const listed = await (await gateway.admin("/api/issued-tokens")).json<{ items: { id: string }[] }>();
    const ids = listed.items.map(({ id }) => id);
    expect(ids).toHaveLength(2);

    const revoke = (id: string) => gateway.admin(`/api/issued-tokens/${id}`, "DELETE");
    const statuses: number[][] = [];
    for (const id of ids) {
      expect((await revoke(id)).status).toBe(200);
      statuses.push([(await sendTo("incode", token)).status, (await sendTo("incode", other)).status]);
    }
    expect(statuses[0]?.sort()).toEqual([200, 401]);
    expect(statuses[1]).toEqual([401, 401]);
    gateway.coolDown();
    expect((await sendTo("incode", token)).status).toBe(401);
    expect(await (await gateway.admin("/api/issued-tokens")).text()).toContain("revokedAt");
  });

  it("that nobody knows cannot be revoked", async () => {
    for (const id of ["f".repeat(32), "x", "x".repeat(600)])
      expect((await gateway.admin(`/api/issued-tokens/${id}`, "DELETE")).status).toBe(404);
  });

  it("is verified by the previous master key while rotating", async () => {
    const token = await issue();
    const previous = env as unknown as { MASTER_KEY: string };
    const rotated = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
    gateway.coolDown();
    gateway.world.bindings = { MASTER_KEY: rotated, MASTER_KEY_PREVIOUS: previous.MASTER_KEY };
    expect((await sendTo("incode", token)).status).toBe(200);
    gateway.coolDown();
    gateway.world.bindings = { MASTER_KEY: rotated };
    // Without the old key the client's secret cannot be opened: our fault, and no verdict on the vendor.
    expect((await sendTo("incode", token)).status).toBe(503);
  });
});

import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { checkEnv, type GatewayEnv } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { changed, EXAMPLE } from "../config/documents.ts";
import { ADMIN_TOKEN, createGateway, ORIGIN, problemOf, type Gateway } from "./gateway.ts";

const MARKER = "MARKER_7F3A";

let gateway: Gateway;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
});

const PRIVATE: [string, string][] = [
  ["GET", "/api/config"],
  ["PUT", "/api/config"],
  ["GET", "/api/secrets"],
  ["PUT", "/api/secrets/name"],
  ["DELETE", "/api/secrets/name"],
  ["GET", "/api/issued-tokens"],
  ["DELETE", "/api/issued-tokens/id"],
  ["GET", "/api/unheard-of"],
  ["GET", "/api"],
  ["POST", "/api/config"],
];

describe("the admin API", () => {
  it.each(PRIVATE)("%s %s is for the holder of the admin token", async (method, path) => {
    const wrong = [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      `Bearer ${ADMIN_TOKEN}x`,
      `Bearer ${ADMIN_TOKEN.slice(0, -1)}`,
      `Bearer ${ADMIN_TOKEN.toUpperCase()}`,
      `Bearer ${ADMIN_TOKEN} ${ADMIN_TOKEN}`,
      `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}`,
      ADMIN_TOKEN,
    ];
    for (const authorization of wrong) {
      const headers = { "cf-connecting-ip": "192.0.2.9", ...(authorization === undefined ? {} : { authorization }) };
      const response = await gateway.request(path, { method, headers });
      expect(await problemOf(response)).toMatchObject({ status: 401, type: "urn:gatepost:problem:not-signed-in" });
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer /);
    }
  });

  it("takes no token from the address", async () => {
    for (const query of [`?token=${ADMIN_TOKEN}`, `?authorization=Bearer%20${ADMIN_TOKEN}`])
      expect((await gateway.request(`/api/config${query}`)).status).toBe(401);
  });

  it("refuses an address that has guessed too often, and never the right token", async () => {
    const guess = (address: string, token = "wrong") =>
      gateway.request("/api/config", { headers: { authorization: `Bearer ${token}`, "cf-connecting-ip": address } });
    const statuses = new Set<number>();
    for (let count = 0; count < 101; count++) statuses.add((await guess("192.0.2.1")).status);
    expect([...statuses]).toEqual([401, 429]);
    const refused = await guess("192.0.2.1");
    expect(await problemOf(refused)).toMatchObject({ type: "urn:gatepost:problem:too-many-refusals" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await guess("192.0.2.2")).status).toBe(401);
    expect((await guess("192.0.2.1", ADMIN_TOKEN)).status).toBe(404);
  });

  it("works where the limiter is out of reach or not bound", async () => {
    for (const REFUSALS of [{ limit: () => Promise.reject(new Error("out of reach")) }, undefined]) {
      gateway.world.bindings = { REFUSALS };
      expect((await gateway.request("/api/config")).status).toBe(401);
      expect((await gateway.admin("/api/secrets")).status).toBe(200);
    }
  });
});

describe("a method that a path does not have", () => {
  it.each<[string, string, string]>([
    ["POST", "/api/config", "GET, HEAD, PUT"],
    ["DELETE", "/api/config", "GET, HEAD, PUT"],
    ["POST", "/api/secrets", "GET, HEAD"],
    ["GET", "/api/secrets/name", "PUT, DELETE"],
    ["POST", "/api/secrets/name", "PUT, DELETE"],
    ["POST", "/api/issued-tokens", "GET, HEAD"],
    ["GET", "/api/issued-tokens/id", "DELETE"],
    ["GET", "/oauth/token", "POST"],
  ])("%s %s is 405 and says which there are", async (method, path, allow) => {
    const response = await gateway.admin(path, method);
    expect(await problemOf(response)).toMatchObject({ status: 405 });
    expect(response.headers.get("allow")).toBe(allow);
  });

  it("of a source is 405 once the source is known", async () => {
    await gateway.put("/api/config", EXAMPLE);
    for (const method of ["GET", "PUT", "DELETE"]) {
      const response = await gateway.request("/in/regula", { method });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
  });
});

describe("what is not there", () => {
  it.each([
    "/",
    "/unheard",
    "/api/unheard",
    "/api/config/x",
    "/in",
    "/in/",
    "/in/a/b",
    "/API/config",
    "/%2e%2e/api",
    "/in/%E0%A4%A",
  ])("%s is a problem, 404", async (path) => {
    await gateway.put("/api/config", EXAMPLE);
    expect(await problemOf(await gateway.admin(path))).toMatchObject({ status: 404 });
  });

  it.each(["unheard", "constructor", "__proto__", "REGULA", "regula%00", "x".repeat(5000)])(
    "the source %s is a problem, 404",
    async (name) => {
      await gateway.put("/api/config", EXAMPLE);
      const response = await gateway.request(`/in/${name}`, { method: "POST", body: "{}" });
      expect((await problemOf(response)).type).toBe("urn:gatepost:problem:unknown-source");
    },
  );
});

describe("what is public", () => {
  it("the health, as JSON", async () => {
    const response = await gateway.request("/healthz");
    expect(await response.json()).toMatchObject({ status: "up" });
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  });

  it("plain http is refused from a host that is not local, and only there", async () => {
    await gateway.put("/api/config", EXAMPLE);
    const statusAt = async (origin: string) => (await gateway.request("/in/regula", { method: "GET" }, origin)).status;
    expect(await statusAt("http://gateway.example")).toBe(403);
    expect(await statusAt("http://127.0.0.1.gateway.example")).toBe(403);
    for (const origin of [
      "https://gateway.example",
      "http://localhost:8787",
      "http://127.0.0.1:8787",
      "http://[::1]:8787",
    ])
      expect(await statusAt(origin)).toBe(405);
  });
});

describe("an error's answer repeats nothing of the request", () => {
  const body = `{"${MARKER}":"${MARKER}"`;
  it.each<[string, string, boolean]>([
    ["POST", `/in/${MARKER}`, false],
    ["POST", `/in/regula?${MARKER}=${MARKER}`, false],
    ["POST", `/in/open?${MARKER}`, false],
    ["POST", `/oauth/token?${MARKER}`, false],
    ["PUT", `/api/config?${MARKER}`, false],
    ["PUT", `/api/config?${MARKER}`, true],
    ["PUT", `/api/secrets/${MARKER}.`, true],
    ["PUT", `/api/secrets/${MARKER}`, true],
    ["DELETE", `/api/secrets/${MARKER}`, true],
    ["DELETE", `/api/issued-tokens/${MARKER}`, true],
    ["POST", `/api/issued-tokens/${MARKER}`, true],
    ["GET", `/${MARKER}`, true],
    ["PATCH", `/healthz/${MARKER}`, false],
  ])("%s %s, signed in: %s", async (method, path, isSignedIn) => {
    await gateway.put(
      "/api/config",
      changed({ "/sources/open": { vendor: "regula", verify: [{ scheme: "none" }], events: {} } }),
    );
    const headers = {
      "content-type": `application/x-www-form-urlencoded; ${MARKER}`,
      "if-match": MARKER,
      "x-gateway-secret": MARKER,
      "cf-connecting-ip": MARKER,
      [MARKER]: MARKER,
      authorization: isSignedIn ? `Bearer ${ADMIN_TOKEN}` : `Basic ${btoa(`${MARKER}:${MARKER}`)}`,
    };
    const init = { method, headers, ...(method === "GET" ? {} : { body }) };
    const response = await gateway.request(path, init);
    expect(response.status).toBeGreaterThanOrEqual(400);
    const written = `${JSON.stringify([...response.headers])} ${await response.text()} ${JSON.stringify(gateway.logs)}`;
    expect(written).not.toContain(MARKER);
    expect(written.toLowerCase()).not.toContain(MARKER.toLowerCase());
  });
});

describe("a gateway that is not set up", () => {
  const answerOf = (changes: Record<string, unknown>, path = "/in/regula") => {
    const context = {
      waitUntil: () => undefined,
      passThroughOnException: () => undefined,
    } as unknown as ExecutionContext;
    const request = new Request(`${ORIGIN}${path}`) as Parameters<typeof worker.fetch>[0];
    return worker.fetch(request, { ...env, ...changes }, context);
  };

  it.each<[string, Record<string, unknown>]>([
    ["ADMIN_TOKEN", { ADMIN_TOKEN: undefined }],
    ["ADMIN_TOKEN", { ADMIN_TOKEN: "" }],
    ["ADMIN_TOKEN", { ADMIN_TOKEN: "x".repeat(31) }],
    ["MASTER_KEY", { MASTER_KEY: undefined }],
    ["MASTER_KEY", { MASTER_KEY: "MARKER_7F3A" }],
    ["MASTER_KEY", { MASTER_KEY: btoa("x".repeat(31)) }],
    ["MASTER_KEY_PREVIOUS", { MASTER_KEY_PREVIOUS: "MARKER_7F3A" }],
  ])("answers 503 and names the command that sets %s (%j)", async (name, changes) => {
    for (const path of ["/in/regula", "/healthz", "/api/config", "/oauth/token"]) {
      const response = await answerOf(changes, path);
      const { status, missing } = await problemOf(response);
      expect([status, missing?.map((fault) => fault.name)]).toEqual([503, [name]]);
      expect(missing?.[0]?.message).toMatch(/npx wrangler secret (put|delete) [A-Z_]+/);
      expect(await response.text()).not.toContain(MARKER);
    }
  });

  it("names everything that is missing at once", () => {
    const faults = checkEnv({ ...env, ADMIN_TOKEN: "", MASTER_KEY: "", ARCHIVE: undefined } as unknown as GatewayEnv);
    expect(faults.map(({ name }) => name)).toEqual(["ADMIN_TOKEN", "MASTER_KEY", "ARCHIVE"]);
  });

  it.each(["gateway.example", "https://", "gateway.example:443", "ftp://gateway.example"])(
    "says so where PUBLIC_URL is no origin: %s",
    async (PUBLIC_URL) => {
      expect((await answerOf({ PUBLIC_URL })).status).toBe(503);
      expect(checkEnv({ ...env, PUBLIC_URL }).map(({ name }) => name)).toEqual(["PUBLIC_URL"]);
    },
  );

  it("says so where RECONCILE_AFTER_SECONDS is no number: nothing would ever be reconciled", () => {
    const faults = checkEnv({ ...env, RECONCILE_AFTER_SECONDS: "5 minutes" });
    expect(faults.map(({ name }) => name)).toEqual(["RECONCILE_AFTER_SECONDS"]);
  });

  it("is set up in these tests", async () => {
    expect(checkEnv(env as GatewayEnv)).toEqual([]);
    expect((await exports.default.fetch(`${ORIGIN}/healthz`)).status).toBe(200);
  });
});

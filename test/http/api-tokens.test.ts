/** Named tokens: made once, shown once, ended at once, and kept in a form that opens nothing. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenD1, faulty, hangs } from "../faults.ts";
import { bearing, createToken } from "./callers.ts";
import { ADMIN_TOKEN, createGateway, problemOf, type Gateway } from "./gateway.ts";

const DAY = 86_400_000;
let gateway: Gateway;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
});

const statusWith = async (token: string, path = "/api/events") =>
  (await gateway.request(path, { headers: bearing(token) })).status;

describe("a token", () => {
  it("opens what its role may, under its name", async () => {
    const admin = await createToken(gateway, "admin");
    expect(admin.token).toMatch(/^gp_[0-9a-f]{16}_[0-9a-f]{64}$/);
    const body = JSON.stringify({ name: "second", role: "viewer" });
    await gateway.request("/api/tokens", { method: "POST", headers: bearing(admin.token), body });
    const { items } = await (await gateway.admin("/api/tokens")).json<{ items: Record<string, unknown>[] }>();
    const at = new Date(gateway.clock.at).toISOString();
    expect(items.find(({ name }) => name === "second")).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: "second",
      role: "viewer",
      createdAt: at,
      createdBy: "the-admin",
    });
    expect(items.find(({ name }) => name === "the-admin")).toMatchObject({ createdBy: "admin" });
  });

  it("is shown once: neither the list nor the ledger nor the log can be turned back into it", async () => {
    const { token } = await createToken(gateway, "viewer");
    const secret = token.slice(-64);
    const { results } = await env.LEDGER.prepare("SELECT * FROM api_tokens").all<{ digest: string }>();
    const kept = [
      await (await gateway.admin("/api/tokens")).text(),
      JSON.stringify(results),
      JSON.stringify(gateway.logs),
    ];
    expect(kept.join(" ")).not.toContain(secret);
    expect(kept[0]).not.toContain(results[0]?.digest);
    expect(await statusWith(`gp_${token.slice(3, 19)}_${results[0]?.digest}`)).toBe(401);
  });

  it("is another one each time", async () => {
    const [one, other] = [
      await createToken(gateway, "viewer"),
      await createToken(gateway, "viewer", { name: "another" }),
    ];
    expect(one.token.slice(-64)).not.toBe(other.token.slice(-64));
    expect(await statusWith(`${one.token.slice(0, 20)}${other.token.slice(-64)}`)).toBe(401);
    expect(await statusWith(one.token)).toBe(200);
  });

  it("that was revoked opens nothing from the next call on, in every isolate", async () => {
    const { id, token } = await createToken(gateway, "admin");
    const again = { name: "the-admin", role: "viewer" };
    expect((await gateway.admin("/api/tokens", "POST", again)).status).toBe(409);
    expect(await statusWith(token)).toBe(200);
    expect((await gateway.admin(`/api/tokens/${id}`, "DELETE")).status).toBe(200);
    expect(await statusWith(token)).toBe(401);
    gateway.coolDown();
    expect(await statusWith(token)).toBe(401);
  });

  it("that was revoked stays revoked since then", async () => {
    const { id } = await createToken(gateway, "admin");
    await gateway.admin(`/api/tokens/${id}`, "DELETE");
    const before = await (await gateway.admin("/api/tokens")).text();
    gateway.clock.at += DAY;
    expect((await gateway.admin(`/api/tokens/${id}`, "DELETE")).status).toBe(200);
    expect(await (await gateway.admin("/api/tokens")).text()).toBe(before);
  });

  it("ends when it was said to", async () => {
    const { token, expiresAt } = await createToken(gateway, "viewer", { expiresInDays: 2 });
    expect(expiresAt).toBe(new Date(gateway.clock.at + 2 * DAY).toISOString());
    gateway.clock.at += 2 * DAY - 1;
    expect(await statusWith(token)).toBe(200);
    gateway.clock.at += 1;
    expect(await statusWith(token)).toBe(401);
  });

  it.each([
    { name: "A", role: "viewer" },
    { name: "", role: "viewer" },
    { name: "admin", role: "viewer" },
    { name: "gatepost", role: "admin" },
    { name: "name", role: "root" },
    { name: "name" },
    { role: "viewer" },
    { name: "name", role: "viewer", expiresInDays: 0 },
    { name: "name", role: "viewer", expiresInDays: 1.5 },
    { name: "name", role: "viewer", token: "mine" },
    [],
    "text",
  ])("is not made of %j", async (body) => {
    const response = await gateway.admin("/api/tokens", "POST", body);
    expect((await problemOf(response)).type).toBe("urn:gatepost:problem:invalid-token");
    expect((await (await gateway.admin("/api/tokens")).json<{ items: [] }>()).items).toEqual([]);
  });
});

describe("while the ledger is out of reach", () => {
  const outages: [string, object][] = [
    ["fails", brokenD1(env.LEDGER)],
    ["hangs", faulty(env.LEDGER, { batch: hangs, prepare: () => ({ bind: () => ({ first: hangs }) }) })],
  ];

  it.each(outages)("and %s, the root token works and a named one is not called wrong", async (_how, LEDGER) => {
    const { token } = await createToken(gateway, "admin");
    gateway.world.bindings = { LEDGER };
    expect(await statusWith(ADMIN_TOKEN, "/api/secrets")).toBe(200);
    const response = await gateway.request("/api/secrets", { headers: bearing(token) });
    expect((await problemOf(response)).type).toBe("urn:gatepost:problem:unavailable");
    expect(response.headers.get("retry-after")).not.toBeNull();
    expect(await statusWith("gp_nonsense", "/api/secrets")).toBe(401);
  });
});

it("an address that has guessed too often is refused, and never the right token", async () => {
  const { token } = await createToken(gateway, "viewer");
  const guess = async (bearer: string) => {
    const headers = { ...bearing(bearer), "cf-connecting-ip": "192.0.2.77" };
    return (await gateway.request("/api/events", { headers })).status;
  };
  const statuses = new Set<number>();
  for (let count = 0; count < 101; count++) statuses.add(await guess(`gp_${"0".repeat(16)}_${"0".repeat(64)}`));
  expect([...statuses]).toEqual([401, 429]);
  expect(await guess(token)).toBe(200);
});

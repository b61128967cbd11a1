/** Every route is for those its line in the table names, and for nobody else: made from the table, so that a new route is in it. */
import { reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { hasRole, ROLES } from "../../src/core/roles.ts";
import { ROUTES } from "../../src/http/routes.ts";
import { bearing, createToken } from "./callers.ts";
import { createGateway, problemOf, type Gateway } from "./gateway.ts";

const DAY = 86_400_000;
/** Whoever asks for what cannot be a file is told so, whoever he is. */
const FILE = `fil_${"0".repeat(64)}`;
/** For everybody, and more for who brings a token; one that is none is refused here too. */
const LOOKS_AT_TOKENS = "/readyz";
const EXAMPLES: Readonly<Record<string, string>> = {
  id: `evt_${"0".repeat(32)}`,
  name: "name",
  source: "source",
  session: "session-1",
  externalId: "cust-881",
  version: "1",
};

let gateway: Gateway;
let tokens: Record<string, string | undefined>;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
  const expired = await createToken(gateway, "admin", { expiresInDays: 1 });
  gateway.clock.at += DAY;
  const revoked = await createToken(gateway, "admin");
  await gateway.admin(`/api/tokens/${revoked.id}`, "DELETE");
  tokens = { nobody: undefined, revoked: revoked.token, expired: expired.token };
  for (const role of ROLES) tokens[role] = (await createToken(gateway, role)).token;
});

const TABLE = ROUTES.map((route) => ({ ...route, name: `${route.method} ${route.path}` }));

describe.each(TABLE)("$name ($allow)", ({ method, path, allow, admit }) => {
  const example = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    path.startsWith("/files/") ? FILE : (EXAMPLES[name] ?? "missing"),
  );

  it.each(["nobody", "revoked", "expired", ...ROLES])("%s", async (caller) => {
    expect(example).not.toContain("missing");
    const response = await gateway.request(example, { method, headers: bearing(tokens[caller]) });
    const role = ROLES.find((each) => each === caller);
    if (path === LOOKS_AT_TOKENS && (caller === "revoked" || caller === "expired")) {
      expect((await problemOf(response)).status).toBe(401);
    } else if (allow === "public" || (role && hasRole({ name: caller, role }, allow))) {
      expect([401, 403]).not.toContain(response.status);
      expect([500]).not.toContain(response.status);
    } else if (role) {
      expect(await problemOf(response)).toMatchObject({ type: "urn:gatepost:problem:forbidden", role: allow });
    } else {
      const isLinkRefused = admit !== undefined && caller === "nobody";
      expect((await problemOf(response)).status).toBe(isLinkRefused ? 403 : 401);
    }
  });
});

describe("the table", () => {
  it("names each operation and each path once", () => {
    const ids = ROUTES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const places = TABLE.map(({ name }) => name.replaceAll(/\{\w+\}/g, "{}"));
    expect(new Set(places).size).toBe(places.length);
  });

  it("has nothing under /api for everybody, and nothing that changes something for who may only look", () => {
    const ofApi = ROUTES.filter(({ path }) => path.startsWith("/api"));
    expect(ofApi.filter(({ allow }) => allow === "public")).toEqual([]);
    expect(ofApi.filter(({ allow, method }) => allow === "viewer" && method !== "GET")).toEqual([]);
  });

  it("shows what is about a person to operators, and is changed and audited by admins alone", () => {
    const openers = ROUTES.filter(({ opens }) => opens !== undefined);
    expect(openers.map(({ id }) => id)).toEqual(expect.arrayContaining(["openFile", "getEvent", "getReceiptBody"]));
    expect(openers.filter(({ allow }) => allow === "viewer")).toEqual([]);
    const power = TABLE.filter(({ name }) =>
      /\/api\/(secrets|tokens|issued-tokens|audit)|PUT \/api\/config/.test(name),
    );
    expect(power.length).toBeGreaterThan(8);
    expect(power.filter(({ allow }) => allow !== "admin")).toEqual([]);
  });

  it("lets the audit write down no vendor's or customer's id: only a hash of what is not called id, name or source", () => {
    const about = ROUTES.filter(({ path }) => /^\/api\/(sessions|persons|holds)\//.test(path));
    for (const { path } of about) expect(path).not.toMatch(/\{(id|name)\}/);
  });
});

describe("what is not there under /api", () => {
  it("is told only to those who may look", async () => {
    const statusOf = async (caller: string, method: string, path: string) =>
      (await gateway.request(path, { method, headers: bearing(tokens[caller]) })).status;
    for (const caller of ["nobody", "revoked", "expired"]) {
      expect(await statusOf(caller, "GET", "/api/unheard-of")).toBe(401);
      expect(await statusOf(caller, "PATCH", "/api/config")).toBe(401);
    }
    expect(await statusOf("viewer", "GET", "/api/unheard-of")).toBe(404);
    expect(await statusOf("viewer", "PATCH", "/api/config")).toBe(405);
  });
});

import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../src/config/faults.ts";
import { secretUses } from "../../src/config/uses.ts";
import { changed, EXAMPLE, REMOVED } from "../config/documents.ts";
import { brokenKv, fails, faulty } from "../faults.ts";
import { createGateway, ORIGIN, problemOf, type Gateway } from "./gateway.ts";

const TEXT = JSON.stringify(EXAMPLE, undefined, 2);
const OTHER = JSON.stringify(changed({ "/sources/unico": REMOVED }));

let gateway: Gateway;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
});

const put = (body: unknown, headers: Record<string, string> = {}, query = "") =>
  gateway.admin(`/api/config${query}`, "PUT", body, headers);
const etagOf = (response: Response) => response.headers.get("etag") ?? "";
const stored = () => env.CONFIG.get("current");

describe("GET /api/config", () => {
  it("is 404 before the first document", async () => {
    expect(await problemOf(await gateway.admin("/api/config"))).toMatchObject({ status: 404 });
  });

  it("is the document as it was put, with its version", async () => {
    const version = etagOf(await put(TEXT));
    const response = await gateway.admin("/api/config");
    expect(await response.text()).toBe(TEXT);
    expect(version).toBe('"1"');
    expect(etagOf(response)).toBe(version);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("is what was accepted last, although the store still shows what was there before", async () => {
    await put(TEXT);
    await put(OTHER);
    await env.CONFIG.put("current", TEXT, { metadata: { version: 1 } });
    const response = await gateway.admin("/api/config");
    expect([await response.text(), etagOf(response)]).toEqual([OTHER, '"2"']);
  });

  it("is 503 where the store is out of reach", async () => {
    gateway.world.bindings = { CONFIG: brokenKv(env.CONFIG) };
    expect((await problemOf(await gateway.admin("/api/config"))).type).toBe("urn:gatepost:problem:unavailable");
    expect((await problemOf(await put(TEXT))).type).toBe("urn:gatepost:problem:unavailable");
  });
});

describe("PUT /api/config", () => {
  it("is in force at once", async () => {
    const send = () => gateway.request("/in/unico", { method: "GET" });
    expect((await send()).status).toBe(503);
    await put(TEXT);
    expect((await send()).status).toBe(405);
    await put(OTHER);
    expect((await send()).status).toBe(404);
  });

  it("is refused where the document has changed since it was read", async () => {
    const first = etagOf(await put(TEXT));
    const second = etagOf(await put(OTHER, { "if-match": first }));
    expect(second).not.toBe(first);
    expect(await problemOf(await put(TEXT, { "if-match": first }))).toMatchObject({ status: 412 });
    expect(await stored()).toBe(OTHER);
    expect((await put(TEXT, { "if-match": `"other", ${second}` })).status).toBe(200);
    expect((await put(OTHER, { "if-match": 'W/"3"' })).status).toBe(200);
    expect((await put(OTHER, { "if-match": "*" })).status).toBe(200);
    expect((await put(TEXT)).status).toBe(200);
  });

  it("expects no version of what is not there", async () => {
    for (const tag of ['"1"', '"0"', "*"]) expect((await put(TEXT, { "if-match": tag })).status).toBe(412);
    expect(await stored()).toBeNull();
  });

  it("of an invalid document changes nothing, and names every fault", async () => {
    await put(TEXT);
    const faults = { "/sources/seon-live/verify/0/scheme": "MARKER", "/subscribers/decisioning/retry": [-1] };
    const response = await put(changed(faults));
    const { status, errors } = await problemOf(response);
    expect(status).toBe(422);
    expect(errors?.map(({ path }) => path)).toEqual([
      "/sources/seon-live/verify/0/scheme",
      "/subscribers/decisioning/retry/0",
    ]);
    expect(await response.text()).not.toContain("MARKER");
    expect(await stored()).toBe(TEXT);
    expect((await gateway.request("/in/unico")).status).toBe(405);
  });

  it("refuses the gateway itself as a subscriber, by the request's origin and by the public one", async () => {
    for (const url of [`${ORIGIN}/in/unico`, "https://public.example/in/unico"]) {
      gateway.world.bindings = { PUBLIC_URL: "https://public.example/somewhere" };
      const { errors } = await problemOf(await put(changed({ "/subscribers/decisioning/url": url })));
      expect(errors?.map(({ path }) => path)).toEqual(["/subscribers/decisioning/url"]);
    }
  });

  it("with dryRun says what would change, and changes nothing", async () => {
    await put(TEXT);
    const response = await put(OTHER, {}, "?dryRun=true");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      valid: true,
      changes: [{ path: "/sources/unico", from: EXAMPLE.sources.unico }],
    });
    expect(await stored()).toBe(TEXT);
    expect((await gateway.request("/in/unico")).status).toBe(405);
  });

  it("with dryRun refuses as without", async () => {
    expect((await put("{", {}, "?dryRun=true")).status).toBe(400);
    expect((await put({ unheard: 1 }, {}, "?dryRun=true")).status).toBe(422);
    await put(TEXT);
    expect((await put(OTHER, { "if-match": '"x"' }, "?dryRun=true")).status).toBe(412);
  });

  it.each(["?dryRun=yes", "?dryRun=", "?dryRun=true&dryRun=false", "?dry-run=true"])(
    "with %s is refused, since it was not meant to be the real thing",
    async (query) => {
      expect(await problemOf(await put(OTHER, {}, query))).toMatchObject({
        status: 400,
        type: "urn:gatepost:problem:bad-query",
      });
      expect(await stored()).toBeNull();
    },
  );

  it("with dryRun of the first document says that everything is new", async () => {
    const answer = await (await put(TEXT, {}, "?dryRun=true")).json();
    expect(answer).toMatchObject({ valid: true, changes: [{ path: "", to: EXAMPLE }] });
  });

  it("warns of what its author may not mean, and of nothing else", async () => {
    const warningsOf = async (text: string) => {
      const { warnings = [] } = await (await put(text)).json<{ warnings?: { path: string }[] }>();
      return warnings.map(({ path }) => path);
    };
    for (const name of secretUses(EXAMPLE).keys()) await gateway.put(`/api/secrets/${name}`, { value: "value" });
    expect(await warningsOf(TEXT)).toEqual([]);
    const weakened = changed({ "/sources/regula/verify/1": { scheme: "none" } });
    expect(await warningsOf(JSON.stringify(weakened))).toEqual(["/sources/regula/verify/1"]);
  });

  it("warns of secrets that nobody has set, with the nearest that is", async () => {
    const named = ["decisioning-signing", "seon-licence-key", "regula-hook", "regula-api-key"];
    for (const name of named) await gateway.put(`/api/secrets/${name}`, { value: "value" });
    gateway.world.bindings = { "unico-basic": "of the Worker itself" } as object;
    for (const query of ["?dryRun=true", ""]) {
      const { warnings } = await (await put(TEXT, {}, query)).json<{ warnings: Fault[] }>();
      expect(warnings.map(({ path, suggestion }) => [path, suggestion])).toEqual([
        ["/sources/seon-live/verify/0/secrets/0/secret", "seon-licence-key"],
        ["/sources/incode-live/verify/0/clients/0/secret/secret", undefined],
        ["/sources/incode-live/session/apiKey/secret", undefined],
        ["/sources/incode-live/session/login/password/secret", undefined],
        ["/sources/unico/session/privateKey/secret", undefined],
        ["/subscribers/decisioning/auth/clientSecret/secret", "decisioning-signing"],
      ]);
      expect(warnings[0]?.expected).toEqual(expect.arrayContaining([...named, "unico-basic"]));
      expect(warnings[0]?.expected).not.toContain("ADMIN_TOKEN");
    }
  });

  it("warns of no secret where nobody can say which are set", async () => {
    gateway.world.bindings = { CONFIG: faulty(env.CONFIG, { list: fails }) };
    expect(await (await put(TEXT)).json()).not.toHaveProperty("warnings");
  });

  it.each(["", "{", "MARKER", '{"a":MARKER}', "\u0000"])("of what is no JSON is 400: %j", async (body) => {
    const response = await put(body);
    expect(await problemOf(response)).toMatchObject({ status: 400 });
    expect(await response.text()).not.toContain("MARKER");
  });

  it("of more than 5 MiB is 413, declared or not", async () => {
    const large = "x".repeat(5 * 1024 * 1024 + 1);
    expect((await put(large)).status).toBe(413);
    const stream = new Blob([large]).stream();
    const headers = { authorization: `Bearer ${(env as unknown as { ADMIN_TOKEN: string }).ADMIN_TOKEN}` };
    const undeclared = await gateway.request("/api/config", { method: "PUT", headers, body: stream });
    expect(undeclared.status).toBe(413);
  });

  it("of a document as deep as can be sent is a fault of the document, not of the gateway", async () => {
    const filter = `${'{"$not":'.repeat(100_000)}{"a":1}${"}".repeat(100_000)}`;
    const subscriber = `{"url":"https://example.com/","signing":[{"secret":"s"}],"filter":${filter}}`;
    expect((await put(`{"subscribers":{"deep":${subscriber}}}`)).status).toBe(422);
    expect((await put(`{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)).status).toBe(422);
  });

  it("that cannot be stored is 503 and not in force", async () => {
    await put(TEXT);
    gateway.world.bindings = { CONFIG: brokenKv(env.CONFIG) };
    expect((await put(OTHER)).status).toBe(503);
    gateway.world.bindings = {};
    expect((await gateway.request("/in/unico")).status).toBe(405);
  });
});

describe("GET /schemas/config.json", () => {
  it("is read by anybody, from caches too, and describes the document", async () => {
    const response = await gateway.request("/schemas/config.json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=3600");
    expect(await response.json()).toMatchObject({ properties: { sources: {}, subscribers: {} } });
  });
});

describe("a document that reached the store by another road", () => {
  it("and is not valid is not used, in a cold isolate either", async () => {
    await put(TEXT);
    await env.CONFIG.put("current", "MARKER {");
    gateway.coolDown();
    expect((await gateway.request("/in/unico")).status).toBe(405);
  });

  it("and is not JSON does not keep a change, a dry run or the list of secrets from working", async () => {
    await env.CONFIG.put("current", "MARKER {");
    await gateway.put("/api/secrets/name", { value: "value" });
    expect((await put(TEXT, {}, "?dryRun=true")).status).toBe(200);
    expect((await gateway.admin("/api/secrets")).status).toBe(200);
    expect((await put(TEXT)).status).toBe(200);
  });
});

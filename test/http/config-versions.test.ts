/** `/api/config/versions`, `…/changes`, `…/rollback`: what was in force, what differs, and the way back, as operators see it. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { faulty, fails } from "../faults.ts";
import { openRoad, SUBSCRIBER_URL, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";
import { bearing } from "./callers.ts";
import { problemOf } from "./gateway.ts";

const ADMIN = { authorization: `Bearer ${env.ADMIN_TOKEN}` };
const SETTLED_MS = 120_000;

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

interface Version {
  version: number;
  by: string;
  message?: string;
  current?: true;
}
const put = (document: unknown, headers: Record<string, string> = {}, query = "") =>
  road.request(`/api/config${query}`, {
    method: "PUT",
    headers: { ...ADMIN, ...headers },
    body: typeof document === "string" ? document : JSON.stringify(document),
  });
const get = async (path: string) => (await road.admin(path)).json<Record<string, unknown>>();
const versions = async (query = "") =>
  (await get(`/api/config/versions${query}`)) as unknown as { items: Version[]; cursor?: string };
const told = async () => (await versions()).items.map(({ version, by, message }) => [version, by, message]);
const withUrl = (url: string) => ({
  ...CONFIGURATION,
  subscribers: { decisioning: { url, signing: [{ secret: "decisioning-signing" }] } },
});
const audited = async () => {
  const { items } = (await get("/api/audit")) as { items: { actor: string; action: string; target: string }[] };
  return items.map(({ actor, action, target }) => [actor, action, target]);
};

describe("a version", () => {
  it("says when it came, by whom and why, newest first; the last is current", async () => {
    const made = await road.admin("/api/tokens", "POST", { name: "the-admin", role: "admin" });
    const { token } = await made.json<{ token: string }>();
    road.pass(1000);
    const message = "Nur geprüfte Ereignisse 🙂";
    const headers = { ...bearing(token), "gatepost-message": encodeURIComponent(message) };
    const response = await put(withUrl(`${SUBSCRIBER_URL}/2`), headers);
    expect([await response.json(), response.headers.get("etag")]).toEqual([{ success: true, version: 2 }, '"2"']);
    expect(await versions()).toEqual({
      items: [
        {
          version: 2,
          at: "2026-02-03T10:20:31.000Z",
          by: "the-admin",
          message,
          current: true,
          hash: expect.any(String),
        },
        { version: 1, at: "2026-02-03T10:20:30.000Z", by: "admin", hash: expect.any(String) },
      ],
    });
  });

  it.each(["%", "%ff", "%0A%1b[2J", "x".repeat(501), encodeURIComponent("🙂".repeat(501))])(
    "takes no message that is none: %.20s",
    async (message) => {
      const response = await put(CONFIGURATION, { "gatepost-message": message });
      expect((await problemOf(response)).type).toBe("urn:gatepost:problem:invalid-message");
      expect(await told()).toHaveLength(1);
    },
  );

  it("is listed by pages and found again as it was put", async () => {
    for (let count = 2; count <= 7; count++) await put(withUrl(`${SUBSCRIBER_URL}/${count}`));
    const first = await versions("?limit=3");
    const second = await versions(`?limit=3&cursor=${first.cursor}`);
    const third = await versions(`?limit=3&cursor=${second.cursor}`);
    const numbers = [first, second, third].map(({ items }) => items.map(({ version }) => version));
    expect([numbers, third.cursor]).toEqual([[[7, 6, 5], [4, 3, 2], [1]], undefined]);
    const response = await road.admin("/api/config/versions/3");
    expect([await response.json(), response.headers.get("etag")]).toEqual([withUrl(`${SUBSCRIBER_URL}/3`), '"3"']);
    for (const path of ["/8", "/0", "/x", "/99999999999"])
      expect((await road.admin(`/api/config/versions${path}`)).status).toBe(404);
    expect((await road.admin("/api/config/versions?cursor=x")).status).toBe(400);
  });

  it("is on record in the audit by its number, and so is every change of a secret, without its value", async () => {
    road.pass(1000);
    await put(withUrl(`${SUBSCRIBER_URL}/2`));
    road.pass(1);
    await road.admin("/api/config/rollback", "POST", { version: 1 });
    road.pass(1);
    await road.admin("/api/secrets/name", "PUT", { value: "MARKER" });
    road.pass(1);
    await road.admin("/api/secrets/made/generate", "POST", { kind: "whsec" });
    road.pass(1);
    await road.admin("/api/secrets/name", "DELETE");
    expect((await audited()).slice(0, 5)).toEqual([
      ["admin", "deleteSecret", "secrets/name"],
      ["admin", "generateSecret", "secrets/made/generate"],
      ["admin", "putSecret", "secrets/name"],
      ["admin", "rollBackConfig", "config/3"],
      ["admin", "putConfig", "config/2"],
    ]);
    const { results } = await env.LEDGER.prepare("SELECT * FROM audit").all();
    expect(JSON.stringify(results)).not.toContain("MARKER");
  });

  it("is one also where it could not be put where all places read it; that is said, and mended", async () => {
    road.world.bindings = { CONFIG: faulty(env.CONFIG, { put: fails }) };
    const answer = await (await put({ ...CONFIGURATION, sources: {} })).json();
    expect(answer).toMatchObject({ success: true, version: 2, warnings: [{ path: "" }] });
    expect((await sendSeon(road, seonFinished())).status).toBe(404);
    road.world.bindings = {};
    road.pass(SETTLED_MS);
    expect(await road.sweep()).toMatchObject({ failures: [] });
    expect(await env.CONFIG.get("current", "json")).toMatchObject({ sources: {} });
  });
});

describe("changes", () => {
  it("are told by path between any two, and by default between the newest and the one before", async () => {
    await put(withUrl(`${SUBSCRIBER_URL}/2`));
    await put(withUrl(`${SUBSCRIBER_URL}/3`));
    const change = { path: "/subscribers/decisioning/url", from: `${SUBSCRIBER_URL}/2`, to: `${SUBSCRIBER_URL}/3` };
    expect(await get("/api/config/changes")).toEqual({ from: 2, to: 3, changes: [change] });
    expect(await get("/api/config/changes?from=3&to=2")).toMatchObject({
      changes: [{ ...change, from: change.to, to: change.from }],
    });
    expect(await get("/api/config/changes?to=1")).toEqual({
      from: 0,
      to: 1,
      changes: [{ path: "", to: CONFIGURATION }],
    });
    expect(await get("/api/config/changes?from=2&to=2")).toMatchObject({ changes: [] });
    for (const query of ["?to=4", "?from=9"])
      expect((await problemOf(await road.admin(`/api/config/changes${query}`))).status).toBe(404);
    expect((await road.admin("/api/config/changes?from=x")).status).toBe(400);
  });
});

describe("a rollback", () => {
  const back = (body: unknown, query = "") => road.admin(`/api/config/rollback${query}`, "POST", body);

  it("makes an earlier document the newest version, and it is in force at once", async () => {
    await put({ ...CONFIGURATION, sources: {} });
    expect((await sendSeon(road, seonFinished())).status).toBe(404);
    const response = await back({ version: 1, message: "the sources are gone" });
    expect([await response.json(), response.headers.get("etag")]).toEqual([{ success: true, version: 3 }, '"3"']);
    expect((await sendSeon(road, seonFinished())).status).toBe(200);
    await back({ version: 2 });
    expect(await told()).toEqual([
      [4, "admin", "Back to version 2"],
      [3, "admin", "the sources are gone"],
      [2, "admin", undefined],
      [1, "admin", undefined],
    ]);
  });

  it("with dryRun only says what would change", async () => {
    await put({ ...CONFIGURATION, subscribers: {} });
    const answer = await (await back({ version: 1 }, "?dryRun=true")).json();
    expect(answer).toMatchObject({ valid: true, changes: [{ path: "/subscribers/decisioning" }] });
    expect(await told()).toHaveLength(2);
  });

  it("to a document that does not hold any more is refused with its faults", async () => {
    const url = "http://127.0.0.1/hooks";
    road.world.bindings = { EGRESS_ALLOW: "127.0.0.1" };
    road.world.memory.allowance = undefined;
    expect((await put(withUrl(url))).status).toBe(200);
    road.world.bindings = {};
    road.world.memory.allowance = undefined;
    await put(CONFIGURATION);
    const { status, errors } = await problemOf(await back({ version: 2 }));
    expect([status, errors?.map(({ path }) => path)]).toEqual([422, ["/subscribers/decisioning/url"]]);
    expect(await told()).toHaveLength(3);
  });

  it.each([
    {},
    { version: 0 },
    { version: "1" },
    { version: 1.5 },
    { version: 1, message: "" },
    { version: 1, more: 1 },
    1,
  ])("of %j is refused", async (body) => {
    expect((await problemOf(await back(body))).status).toBe(422);
  });

  it("to what never was is 404", async () => {
    expect((await problemOf(await back({ version: 9 }))).type).toBe("urn:gatepost:problem:unknown-version");
  });
});

describe("wrangler kv key put", () => {
  const putByHand = (text: string) => env.CONFIG.put("current", text);
  const invalidNotices = () => road.posted.filter(({ event }) => event.type === "gateway.config.invalid");
  const listening = {
    ...CONFIGURATION,
    subscribers: {
      decisioning: {
        url: SUBSCRIBER_URL,
        filter: { type: { $startsWith: "gateway." } },
        signing: [{ secret: "decisioning-signing" }],
      },
    },
  };

  it("of a valid document makes a version by kv, in force and in the audit", async () => {
    await putByHand(JSON.stringify({ ...CONFIGURATION, sources: {} }));
    road.pass(SETTLED_MS);
    expect((await sendSeon(road, seonFinished())).status).toBe(404);
    expect((await told())[0]).toEqual([2, "kv", undefined]);
    expect(await get("/readyz")).toMatchObject({ configuration: { state: "current", version: 2 } });
    expect(await audited()).toContainEqual(["kv", "config.adopted", "config/2"]);
    expect((await put(CONFIGURATION, { "if-match": '"1"' })).status).toBe(412);
    expect((await put(CONFIGURATION, { "if-match": '"2"' })).status).toBe(200);
  });

  it("of an invalid one is never used; readyz names its faults, and one notice tells of it", async () => {
    await put(listening);
    await putByHand('{"sources":{"seon":{"vendor":"MARKER"}}}');
    road.pass(SETTLED_MS);
    for (let minute = 0; minute < 3; minute++) {
      await road.sweep();
      await road.drain();
      road.pass(60_000);
    }
    expect(invalidNotices()).toHaveLength(1);
    expect((await sendSeon(road, seonFinished())).status).toBe(200);
    const ready = await get("/readyz");
    expect(ready).toMatchObject({ status: "ready", configuration: { state: "last_good", version: 2 } });
    expect(JSON.stringify(ready)).toContain("/sources/seon/vendor");
    expect(JSON.stringify(ready)).not.toContain("MARKER");
    expect(await told()).toHaveLength(2);
    expect(await get("/api/config")).toEqual(listening);
    expect((await put(listening)).status).toBe(200);
    expect(await get("/readyz")).toMatchObject({ configuration: { state: "current", version: 3 } });
  });
});

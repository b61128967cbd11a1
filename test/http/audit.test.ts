/** Who did what, and who saw what is about a person, stands in the audit, or it is not shown. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { signLink } from "../../src/core/file-link.ts";
import { hashExternalId, hashSession } from "../../src/core/ids.ts";
import { targetOf } from "../../src/core/audit.ts";
import type { GatewayEnv } from "../../src/env.ts";
import { ROUTES } from "../../src/http/routes.ts";
import { createVault } from "../../src/stores/crypto.ts";
import { brokenR2, faulty, fails, hangs } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";
import { problemOf } from "./gateway.ts";

interface Entry {
  id: string;
  at: string;
  actor: string;
  role: string;
  action: string;
  target: string;
  status: number;
}

const ORIGIN = "https://gatepost.example.com";
const FILE = { session: "a".repeat(32), file: "b".repeat(32) };
const FILE_ID = `fil_${FILE.session}${FILE.file}`;

let road: Road;
let mark: string;

beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
  await env.ARCHIVE.put(`files/${FILE.session}/${FILE.file}`, "a picture", {
    httpMetadata: { contentType: "image/png" },
  });
  await sendSeon(road, seonFinished());
  await road.drain();
  road.pass(60_000);
  mark = new Date(road.clock.at).toISOString();
});

/** Since the test began, oldest first. */
async function entries(query = ""): Promise<Entry[]> {
  const response = await road.admin(`/api/audit?from=${encodeURIComponent(mark)}${query}`);
  expect(response.status).toBe(200);
  return (await response.json<{ items: Entry[] }>()).items.toReversed();
}
const toldOf = async () =>
  (await entries()).map(({ actor, action, target, status }) => [actor, action, target, status]);
const firstId = async (list: string) =>
  (await (await road.admin(`/api/${list}`)).json<{ items: { id: string }[] }>()).items[0]?.id ?? "none";
const call = (token: string, path: string, method = "GET", body?: object) => {
  road.pass(1);
  const init = { method, headers: { authorization: `Bearer ${token}` } };
  return road.request(path, body ? { ...init, body: JSON.stringify(body) } : init);
};
async function tokenOf(role: string): Promise<string> {
  const made = await road.admin("/api/tokens", "POST", { name: `the-${role}`, role });
  const { token } = await made.json<{ token: string }>();
  road.pass(1);
  mark = new Date(road.clock.at).toISOString();
  return token;
}
async function linkFor(subscriber: string): Promise<string> {
  const [key] = await createVault((env as GatewayEnv).MASTER_KEY).linkKeys();
  const expires = Math.floor(road.clock.at / 1000) + 600;
  return (await signLink({ id: FILE_ID, subscriber, expires }, ORIGIN, key)).slice(ORIGIN.length);
}

describe("a change", () => {
  it.each(ROUTES.filter(({ method, allow }) => method !== "GET" && allow !== "public"))(
    "by $method $path stands there whatever it was answered, and who was refused it as well",
    async ({ method, path, id, allow }) => {
      const examples: Record<string, string> = { source: "seon", session: "session-1", externalId: "cust-881" };
      const place = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => examples[name] ?? "name");
      const viewer = await tokenOf("viewer");
      const refused = await call(viewer, place, method);
      const answered = await call(env.ADMIN_TOKEN, place, method);
      expect([refused.status, answered.status < 500]).toEqual([403, true]);
      const target = await targetOf(path, (name) => examples[name] ?? "name");
      expect(await entries()).toMatchObject([
        { actor: "the-viewer", role: "viewer", action: id, target, status: 403 },
        { actor: "admin", role: "admin", action: id, target, status: answered.status },
      ]);
      expect(allow).not.toBe("viewer");
    },
  );

  it("names the session and the person only by their hashes", async () => {
    await call(env.ADMIN_TOKEN, "/api/sessions/seon/session-1/pull", "POST");
    expect(await toldOf()).toEqual([
      ["admin", "pullSession", `sessions/seon/${await hashSession("seon", "session-1")}/pull`, 409],
    ]);
    const parameter = (value: string) => () => value;
    expect(await targetOf("/api/persons/{externalId}", parameter("cust-881"))).toBe(
      `persons/${await hashExternalId("cust-881")}`,
    );
    expect(await targetOf("/api/secrets/{name}", parameter("ana@example.com"))).toBe("secrets/?");
    expect(await targetOf("/api/unheard/{of}", parameter("cust-881"))).not.toContain("cust-881");
  });

  it("that made something names what it made", async () => {
    const made = await call(env.ADMIN_TOKEN, "/api/tokens", "POST", { name: "one", role: "viewer" });
    const { id } = await made.json<{ id: string }>();
    expect(await toldOf()).toEqual([["admin", "createToken", `tokens/${id}`, 201]]);
  });

  it("that is only tried out is told from one that was made", async () => {
    await call(env.ADMIN_TOKEN, "/api/config?dryRun=true", "PUT", CONFIGURATION);
    await call(env.ADMIN_TOKEN, "/api/config", "PUT", CONFIGURATION);
    expect((await toldOf()).map(([, , target]) => target)).toEqual(["config/dry-run", "config/2"]);
  });

  it("by somebody who cannot say who they are is not there", async () => {
    await road.request("/api/config", { method: "PUT" });
    expect(await entries()).toEqual([]);
  });
});

describe("what is about a person", () => {
  it("says in the log what was opened, and not by whom", async () => {
    await call(env.ADMIN_TOKEN, `/files/${FILE_ID}`);
    const record = road.logs.at(-1);
    expect(record).toMatchObject({ stage: "file", outcome: "opened", file: FILE_ID, role: "admin" });
    expect(Object.keys(record ?? {})).not.toContain("reader");
  });

  it("is opened on record, by token and by link; lists and refusals are not openings", async () => {
    const [operator, event, receipt] = [await tokenOf("operator"), await firstId("events"), await firstId("receipts")];
    await call(operator, `/api/events/${event}`);
    await call(operator, `/api/receipts/${receipt}/body`);
    await call(operator, `/files/${FILE_ID}`);
    road.pass(1);
    await road.request(await linkFor("decisioning"));
    await road.request(await linkFor("nobody"));
    for (const path of ["events", "receipts", `receipts/${receipt}`, "deliveries", "sessions/seon/session-1"])
      await call(operator, `/api/${path}`);
    await call(operator, `/api/events/evt_${"0".repeat(32)}`);
    expect(await toldOf()).toEqual([
      ["the-operator", "getEvent", `events/${event}`, 200],
      ["the-operator", "getReceiptBody", `receipts/${receipt}/body`, 200],
      ["the-operator", "file.opened", `files/${FILE_ID}`, 200],
      ["subscriber:decisioning", "file.opened", `files/${FILE_ID}`, 200],
    ]);
  });

  it("is not in the audit itself", async () => {
    await call(env.ADMIN_TOKEN, "/api/sessions/seon/session-1/pull", "POST");
    await call(env.ADMIN_TOKEN, `/api/events/${await firstId("events")}`);
    const { results } = await env.LEDGER.prepare("SELECT * FROM audit").all();
    expect(results.length).toBeGreaterThan(1);
    for (const personal of ["session-1", "cust-881", "Ana"]) expect(JSON.stringify(results)).not.toContain(personal);
  });
});

describe("while the ledger is out of reach", () => {
  it.each([
    ["fails", () => faulty(env.LEDGER, { prepare: writesFail(env.LEDGER) })],
    ["hangs", () => faulty(env.LEDGER, { prepare: writesFail(env.LEDGER, () => ({ bind: () => ({ run: hangs }) })) })],
  ])(
    "and whatever is written %s, entries wait in the archive, and the sweep brings each there once",
    async (_how, ledger) => {
      const whole = road.world.bindings;
      road.world.bindings = { ...whole, LEDGER: ledger() };
      expect((await road.request(await linkFor("decisioning"))).status).toBe(200);
      await call(env.ADMIN_TOKEN, "/api/secrets/name", "PUT", { value: "value" });
      const { objects } = await env.ARCHIVE.list({ prefix: "audit/" });
      expect(objects).toHaveLength(2);
      road.world.bindings = whole;
      expect(await entries()).toEqual([]);

      road.world.bindings = { ...whole, ARCHIVE: faulty(env.ARCHIVE, { delete: fails }) };
      await road.sweep();
      road.world.bindings = whole;
      expect(await road.sweep()).toMatchObject({ audited: 2, failures: [] });
      expect(await road.sweep()).toMatchObject({ audited: 0, failures: [] });
      expect((await toldOf()).map(([, action]) => action)).toEqual(["file.opened", "putSecret"]);
      expect((await env.ARCHIVE.list({ prefix: "audit/" })).objects).toEqual([]);
    },
  );

  it("an entry in the archive that nobody can read keeps none of the others from the ledger, and stays", async () => {
    await env.ARCHIVE.put("audit/0.json", "{");
    const whole = road.world.bindings;
    road.world.bindings = { ...whole, LEDGER: faulty(env.LEDGER, { prepare: writesFail(env.LEDGER) }) };
    await call(env.ADMIN_TOKEN, "/api/secrets/name", "PUT", { value: "value" });
    road.world.bindings = whole;
    expect(await road.sweep()).toMatchObject({ audited: 1, failures: [] });
    expect((await env.ARCHIVE.list({ prefix: "audit/" })).objects.map(({ key }) => key)).toEqual(["audit/0.json"]);
  });

  it("and the archive takes no entry either, nothing is opened, and a change is answered as it was made", async () => {
    const [receipt, event] = [await firstId("receipts"), await firstId("events")];
    const whole = road.world.bindings;
    const LEDGER = faulty(env.LEDGER, { prepare: writesFail(env.LEDGER) });
    road.world.bindings = { ...whole, LEDGER, ARCHIVE: faulty(env.ARCHIVE, { put: fails }) };
    for (const path of [`/files/${FILE_ID}`, `/api/events/${event}`, `/api/receipts/${receipt}/body`]) {
      const response = await call(env.ADMIN_TOKEN, path);
      expect((await problemOf(response)).type).toBe("urn:gatepost:problem:unavailable");
    }
    expect((await road.request(await linkFor("decisioning"))).status).toBe(503);
    expect((await call(env.ADMIN_TOKEN, "/api/secrets/name", "PUT", { value: "value" })).status).toBe(200);
    const unwritten = road.logs.filter(({ audit }) => audit === "unwritten");
    expect(unwritten.map(({ stage, outcome, route, status }) => [stage, outcome, route, status])).toEqual([
      ["file", "unavailable", "openFile", 503],
      ["http", "unavailable", "getEvent", 503],
      ["http", "unavailable", "getReceiptBody", 503],
      ["file", "unavailable", "openFile", 503],
      ["http", "answered", "putSecret", 200],
    ]);
    expect(unwritten.at(-1)).toMatchObject({ target: "secrets/name", role: "admin" });
    expect(JSON.stringify(unwritten)).not.toContain("decisioning");
  });

  it("a change that fails for it is on record as failed", async () => {
    const whole = road.world.bindings;
    road.world.bindings = { ...whole, CONFIG: faulty(env.CONFIG, { put: fails }) };
    expect((await call(env.ADMIN_TOKEN, "/api/secrets/name", "PUT", { value: "value" })).status).toBe(503);
    road.world.bindings = whole;
    expect(await toldOf()).toEqual([["admin", "putSecret", "secrets/name", 503]]);
  });

  it("the archive's outage keeps nothing from the ledger", async () => {
    const whole = road.world.bindings;
    road.world.bindings = { ...whole, ARCHIVE: brokenR2(env.ARCHIVE) };
    await call(env.ADMIN_TOKEN, "/api/secrets/name", "PUT", { value: "value" });
    road.world.bindings = whole;
    expect(await entries()).toHaveLength(1);
  });
});

/** Reads go on; what inserts fails. */
/** @param write what is prepared in the place of what inserts */
function writesFail(database: D1Database, write: () => unknown = fail) {
  return (...[sql]: unknown[]): unknown => {
    if (String(sql).includes("INSERT")) return write();
    return database.prepare(String(sql));
  };
}

function fail(): never {
  throw new Error("injected failure");
}

describe("the list", () => {
  it("is newest first, by actor, action and time, page by page", async () => {
    const operator = await tokenOf("operator");
    const at: string[] = [];
    for (const name of ["one", "two", "three", "four"]) {
      road.pass(1000);
      at.push(new Date(road.clock.at).toISOString());
      await road.admin(`/api/secrets/${name}`, "PUT", { value: "value" });
      await road.request(`/api/secrets/${name}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${operator}` },
      });
    }
    const targets = async (query: string) =>
      (await entries(query)).map(({ target }) => target.slice("secrets/".length));
    const all = ["one", "two", "three", "four"];
    expect(await targets("&actor=admin")).toEqual(all);
    expect(await targets("&actor=the-operator&action=deleteSecret")).toEqual(all);
    expect(await targets("&actor=the-operator&action=putSecret")).toEqual([]);
    const between = `from=${at[1] ?? ""}&to=${at[3] ?? ""}`;
    const listed = await road.admin(`/api/audit?actor=admin&${between}`);
    const { items } = await listed.json<{ items: Entry[] }>();
    expect(items.map((entry) => [entry.target, entry.at])).toEqual([
      ["secrets/three", at[2]],
      ["secrets/two", at[1]],
    ]);

    const first = await (await road.admin("/api/audit?actor=admin&limit=3")).json<{ items: Entry[]; cursor: string }>();
    await road.admin("/api/secrets/five", "PUT", { value: "value" });
    const second = await road.admin(`/api/audit?actor=admin&limit=3&from=${at[0] ?? ""}&cursor=${first.cursor}`);
    const rest = await second.json<{ items: Entry[]; cursor?: string }>();
    expect([...first.items, ...rest.items].map(({ target }) => target.slice("secrets/".length))).toEqual(
      all.toReversed(),
    );
    expect(rest.cursor).toBeUndefined();
  });

  it.each(["actor=", "action=a%20b", "from=yesterday", "limit=0", "cursor=MARKER", "MARKER=1"])(
    "?%s is refused",
    async (query) => {
      const problem = await problemOf(await road.admin(`/api/audit?${query}`));
      expect([problem.status, JSON.stringify(problem).includes("MARKER")]).toEqual([400, false]);
    },
  );
});

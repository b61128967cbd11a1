import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { GatewayEnv } from "../../src/env.ts";
import { createGateway, problemOf, type Gateway } from "./gateway.ts";

const MARKER = "MARKER_7F3A";

let gateway: Gateway;

beforeEach(async () => {
  await reset();
  gateway = createGateway();
});

const put = (name: string, body: unknown) => gateway.admin(`/api/secrets/${name}`, "PUT", body);
const remove = (name: string) => gateway.admin(`/api/secrets/${name}`, "DELETE");
const list = async () => (await gateway.admin("/api/secrets")).json<{ items: Record<string, unknown>[] }>();

/** A source that is opened by the value of one secret. */
const lockWith = (name: string) =>
  gateway.put("/api/config", {
    sources: {
      lock: {
        vendor: "regula",
        verify: [{ scheme: "header", name: "X-Secret", values: [{ secret: name }] }],
        events: {},
      },
    },
  });
let bodies = 0;
const opens = async (value: string) => {
  const body = JSON.stringify({ sessionId: `session-${++bodies}` });
  const response = await gateway.request("/in/lock", { method: "POST", headers: { "x-secret": value }, body });
  return response.status === 200;
};

describe("a secret", () => {
  it("goes in and never comes out, neither in an answer, nor in the store, nor in the log", async () => {
    const answers = [
      await put("name", { value: MARKER }),
      await gateway.admin("/api/secrets"),
      await gateway.admin("/api/secrets/name"),
    ];
    await lockWith("name");
    expect(await opens(MARKER)).toBe(true);
    answers.push(await gateway.admin("/api/config"), await put("name", { value: MARKER }), await remove("name"));
    for (const answer of answers) expect(await answer.text()).not.toContain(MARKER);
    await put("name", { value: MARKER });
    for (const { name } of (await env.CONFIG.list()).keys) {
      const { value, metadata } = await env.CONFIG.getWithMetadata(name);
      expect(`${name} ${value ?? ""} ${JSON.stringify(metadata)}`).not.toContain(MARKER);
    }
    expect(JSON.stringify(gateway.logs)).not.toContain(MARKER);
  });

  it("is listed by name, version, dates and who uses it", async () => {
    const first = new Date(gateway.clock.at).toISOString();
    const answer = await (await put("name", { value: "one" })).json();
    expect(answer).toEqual({ success: true, name: "name", version: 1, createdAt: first, updatedAt: first });
    gateway.clock.at += 5000;
    await put("name", { value: "two" });
    await put("unused", { value: "x" });
    await lockWith("name");
    const updatedAt = new Date(gateway.clock.at).toISOString();
    expect(await list()).toEqual({
      items: [
        { name: "name", version: 2, createdAt: first, updatedAt, usedBy: ["sources/lock"] },
        { name: "unused", version: 1, createdAt: updatedAt, updatedAt, usedBy: [] },
      ],
    });
  });

  it("that is set, changed or removed is so here at once", async () => {
    await lockWith("name");
    expect(await opens("one")).toBe(false);
    await put("name", { value: "one" });
    expect(await opens("one")).toBe(true);
    await put("name", { value: "two" });
    expect([await opens("one"), await opens("two")]).toEqual([false, true]);
    expect((await remove("name")).status).toBe(200);
    expect(await opens("two")).toBe(false);
    expect((await list()).items).toEqual([]);
  });

  it("set at run time comes before the Worker's own of the same name", async () => {
    await lockWith("WORKER_SECRET");
    gateway.world.bindings = { WORKER_SECRET: "own" } as object;
    expect(await opens("own")).toBe(true);
    await put("WORKER_SECRET", { value: "set" });
    expect([await opens("own"), await opens("set")]).toEqual([false, true]);
    await remove("WORKER_SECRET");
    expect(await opens("own")).toBe(true);
  });

  it("of the gateway itself opens nothing, whatever a configuration says", async () => {
    const { ADMIN_TOKEN, MASTER_KEY } = env as GatewayEnv;
    await lockWith("ADMIN_TOKEN");
    expect(await opens(ADMIN_TOKEN)).toBe(false);
    await lockWith("MASTER_KEY");
    expect(await opens(MASTER_KEY)).toBe(false);
  });

  it.each([
    "ADMIN_TOKEN",
    "MASTER_KEY",
    "MASTER_KEY_PREVIOUS",
    "PUBLIC_URL",
    "EGRESS_ALLOW",
    "RECONCILE_AFTER_SECONDS",
  ])("cannot have a name of the gateway's own: %s", async (name) => {
    expect(await problemOf(await put(name, { value: MARKER }))).toMatchObject({ status: 422 });
  });

  it.each([`${MARKER}.x`, `-${MARKER}`, `${MARKER}%20x`, `${MARKER}%2Fx`, "a".repeat(64), `${MARKER}é`])(
    "cannot be called %s",
    async (name) => {
      const response = await put(name, { value: "value" });
      expect(await problemOf(response)).toMatchObject({ status: 422 });
      expect(await response.text()).not.toContain(MARKER);
      expect((await list()).items).toEqual([]);
    },
  );

  it.each<[string, unknown]>([
    ["nothing", ""],
    ["no JSON", MARKER],
    ["no object", `"${MARKER}"`],
    ["no value", {}],
    ["an empty value", { value: "" }],
    ["a number", { value: 5 }],
    ["more than a value", { value: MARKER, name: MARKER }],
    ["too long a value", { value: "x".repeat(65_537) }],
  ])("is not %s", async (_name, body) => {
    const response = await put("name", body);
    expect(await problemOf(response)).toMatchObject({ status: 422 });
    expect(await response.text()).not.toContain(MARKER);
  });

  it("may be as long as a key and hold any text", async () => {
    await lockWith("name");
    expect((await put("name", { value: "x".repeat(65_536) })).status).toBe(200);
    await put("name", { value: "with spaces, : and %" });
    gateway.coolDown();
    expect(await opens("with spaces, : and %")).toBe(true);
  });

  it("of more bytes than a request may have is 413", async () => {
    expect((await put("name", { value: "x".repeat(600_000) })).status).toBe(413);
  });

  it("that is not there cannot be removed", async () => {
    for (const name of ["nobody", "ADMIN_TOKEN", "x".repeat(600)]) expect((await remove(name)).status).toBe(404);
  });
});

/** Files of sessions: for whoever has a link that is still good, or an API token, and never something that a browser would run. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { signLink } from "../../src/core/file-link.ts";
import { createVault } from "../../src/stores/crypto.ts";
import { parseRange } from "../../src/http/range.ts";
import type { GatewayEnv } from "../../src/env.ts";
import { brokenD1 } from "../faults.ts";
import { createGateway, ORIGIN, problemOf, type Gateway } from "./gateway.ts";

const { MASTER_KEY } = env as GatewayEnv;
const [SESSION, FILE] = ["a".repeat(32), "b".repeat(32)];
const ID = `fil_${SESSION}${FILE}`;
const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

let gateway: Gateway;
beforeEach(async () => {
  await reset();
  gateway = createGateway();
  await gateway.put("/api/config", {
    subscribers: { one: { url: "https://one.example/", signing: [{ secret: "s" }] } },
  });
  await store("image/jpeg");
});

const store = (contentType: string) =>
  env.ARCHIVE.put(`files/${SESSION}/${FILE}`, BYTES, { httpMetadata: { contentType } });

async function linkOf(changes: { id?: string; subscriber?: string; seconds?: number; masterKey?: string } = {}) {
  const [key] = await createVault(changes.masterKey ?? MASTER_KEY).linkKeys();
  const expires = Math.floor(gateway.clock.at / 1000) + (changes.seconds ?? 60);
  const url = await signLink({ id: changes.id ?? ID, subscriber: changes.subscriber ?? "one", expires }, ORIGIN, key);
  return url.slice(ORIGIN.length);
}

const read = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe("a link", () => {
  it("opens its file", async () => {
    const response = await gateway.request(await linkOf());
    expect(response.status).toBe(200);
    expect(await read(response)).toEqual(BYTES);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": "1000",
      "cache-control": "private",
      "x-content-type-options": "nosniff",
      "accept-ranges": "bytes",
      "content-disposition": expect.stringMatching(/^inline;/),
      "content-security-policy": "sandbox; default-src 'none'",
    });
  });

  it("opens nothing once it has expired, was changed, or its subscriber is gone", async () => {
    const good = await linkOf();
    const forged = [
      await linkOf({ seconds: 0 }),
      await linkOf({ subscriber: "two" }),
      await linkOf({ masterKey: btoa("x".repeat(32)) }),
      good.replace("subscriber=one", "subscriber=two"),
      good.replace(/expires=\d+/, "expires=9999999999"),
      good.replace(FILE, "c".repeat(32)),
      good.replace(/signature=[^&]+/, "signature="),
      `/files/${ID}`,
    ];
    for (const link of forged) {
      const response = await gateway.request(link);
      expect((await problemOf(response)).type).toBe("urn:gatepost:problem:link-refused");
    }
    gateway.clock.at += 61_000;
    expect((await gateway.request(good)).status).toBe(403);
  });

  it("made with the previous master key still opens while it is rotated", async () => {
    const link = await linkOf();
    gateway.world.bindings = { MASTER_KEY: btoa("y".repeat(32)), MASTER_KEY_PREVIOUS: MASTER_KEY };
    expect((await gateway.request(link)).status).toBe(200);
  });

  it("to what is not there is 404, and other methods are refused", async () => {
    const other = `fil_${SESSION}${"d".repeat(32)}`;
    expect((await gateway.request(await linkOf({ id: other }))).status).toBe(404);
    expect((await gateway.request("/files/fil_1")).status).toBe(404);
    expect((await gateway.request(await linkOf(), { method: "DELETE" })).status).toBe(405);
  });

  it("opens nothing while nobody can tell whether it was erased", async () => {
    const link = await linkOf();
    gateway.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
    expect((await problemOf(await gateway.request(link))).type).toBe("urn:gatepost:problem:unavailable");
  });

  it("asks for the head alone where that is all that is wanted", async () => {
    const response = await gateway.request(await linkOf(), { method: "HEAD" });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "1000"]);
    expect(await read(response)).toHaveLength(0);
  });
});

describe("the admin token", () => {
  it("opens a file without a link", async () => {
    expect((await gateway.admin(`/files/${ID}`)).status).toBe(200);
    expect((await gateway.request(`/files/${ID}`, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  });
});

describe("what a browser would run", () => {
  it.each(["text/html", "image/svg+xml", "application/json", "application/octet-stream", "text/plain"])(
    "%s is a download",
    async (contentType) => {
      await store(contentType);
      const response = await gateway.request(await linkOf());
      expect(response.headers.get("content-disposition")).toMatch(/^attachment;/);
    },
  );
});

describe("a part of a file", () => {
  it.each([
    ["bytes=0-9", 0, 10],
    ["bytes=990-", 990, 10],
    ["bytes=990-5000", 990, 10],
    ["bytes=-10", 990, 10],
    ["bytes=-5000", 0, 1000],
  ])("%s", async (range, offset, length) => {
    const response = await gateway.request(await linkOf(), { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${offset}-${offset + length - 1}/1000`);
    expect(response.headers.get("content-length")).toBe(String(length));
    expect(await read(response)).toEqual(BYTES.slice(offset, offset + length));
  });

  it.each(["bytes=1000-", "bytes=5000-6000"])("%s is outside of it", async (range) => {
    const response = await gateway.request(await linkOf(), { headers: { range } });
    expect([response.status, response.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
  });

  it.each(["bytes=0-1,5-6", "bytes=5-2", "bytes=-", "items=0-1", "bytes=a-b", ""])(
    "%s is answered with the whole",
    async (range) => {
      expect(parseRange(range)).toBeUndefined();
      expect((await gateway.request(await linkOf(), { headers: { range } })).status).toBe(200);
    },
  );
});

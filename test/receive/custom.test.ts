/** Custom sources at the door: what is a repeat by its delivery's id, and who is answered with his own word. */
import { beforeEach, describe, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";

const WEBHOOK = { session: "/session", event: "/type", delivery: "/delivery" };
const proof = { scheme: "header", name: "X-Hook", values: [{ secret: "hook" }] };
const OUTCOME = { at: "/verdict", values: { yes: "approved", no: "declined" } };
const source = {
  vendor: "custom",
  verify: [proof],
  events: { "*": "deliver" },
  webhook: WEBHOOK,
  map: { outcome: OUTCOME },
};

const CONFIGURATION = {
  sources: {
    proven: {
      ...source,
      challenge: {
        method: "POST",
        when: { at: "/type", equals: "challenge" },
        echo: "/word",
        as: "json",
        member: "word",
      },
    },
    open: { ...source, verify: [{ scheme: "none" }] },
    asking: { ...source, challenge: { method: "GET", query: "word" } },
  },
  subscribers: {
    decisioning: { url: "https://subscriber.example.com/hooks", signing: [{ secret: "decisioning-signing" }] },
  },
};

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, { hook: "hook-value" });
});

async function send(to: string, body: object, headers: Record<string, string> = { "x-hook": "hook-value" }) {
  const response = await road.request(`/in/${to}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json<Record<string, unknown>>() };
}

const webhook = { session: "s1", type: "done", delivery: "d1" };

describe("a delivery's id", () => {
  it("makes a repeat of the same bytes, also where the session has said something else in between", async () => {
    const first = await send("proven", webhook);
    road.pass(60_000);
    await send("proven", { ...webhook, delivery: "d2" });
    road.pass(60_000);
    expect(await send("proven", webhook)).toEqual({ status: 200, body: { ...first.body, duplicate: true } });
    expect(await road.receipts()).toHaveLength(2);
  });

  it("drops no other bytes: what a vendor says anew under an id that it has used is kept and counts", async () => {
    await send("proven", { ...webhook, verdict: "yes" });
    await road.drain();
    expect((await send("proven", { ...webhook, verdict: "no" })).body["duplicate"]).toBeUndefined();
    await road.drain();
    expect(await road.receipts()).toHaveLength(2);
    expect(road.events().map(({ outcome }) => outcome)).toEqual(["approved", "declined"]);
  });

  it("that is true or false is none", async () => {
    await send("proven", { ...webhook, delivery: true });
    road.pass(60_000);
    await send("proven", { ...webhook, delivery: "d2" });
    road.pass(60_000);
    expect((await send("proven", { ...webhook, delivery: true })).body["duplicate"]).toBeUndefined();
  });

  it("of another session, or none, makes no repeat", async () => {
    for (const body of [webhook, { ...webhook, session: "s2" }, { session: "s1" }, { session: "s1", more: 1 }])
      expect((await send("proven", body)).body["duplicate"]).toBeUndefined();
    expect(await road.receipts()).toHaveLength(4);
  });

  it("that nothing proves takes no real webhook's place", async () => {
    await send("open", { ...webhook, forged: true });
    expect((await send("open", webhook)).body["duplicate"]).toBeUndefined();
    expect(await road.receipts()).toHaveLength(2);
  });
});

describe("a challenge", () => {
  it("is answered before anything is proven, kept nowhere, and told to no log", async () => {
    const answer = await send("proven", { type: "challenge", word: "WORD_OF_THE_VENDOR" }, {});
    expect(answer).toEqual({ status: 200, body: { word: "WORD_OF_THE_VENDOR" } });
    expect(await road.receipts()).toEqual([]);
    expect(road.waiting("inbound")).toBe(0);
    expect(JSON.stringify(road.logs)).not.toContain("WORD_OF_THE_VENDOR");
    expect(road.logs.at(-1)).toMatchObject({ source: "proven", outcome: "challenge" });
  });

  it.each([
    { type: "done", word: "x" },
    { type: ["challenge"], word: "x" },
    { type: "challenge", word: 7 },
    { type: "challenge", word: "" },
    { type: "challenge" },
    { type: "challenge", word: "é".repeat(513) },
    { type: "challenge", word: "x", padding: "x".repeat(8192) },
  ])("that is not as described is a webhook like any other: %j", async (body) => {
    expect((await send("proven", body, {})).status).toBe(401);
  });

  it("is no webhook that is proven and about a session: that is received, however it is called", async () => {
    const real = { ...webhook, type: "challenge", word: "x" };
    expect((await send("proven", real)).body["id"]).toBeDefined();
    expect((await send("proven", real, {})).body).toEqual({ word: "x" });
    expect((await send("proven", { type: "challenge", word: "x" })).body).toEqual({ word: "x" });
    expect(await road.receipts()).toHaveLength(1);
  });

  it("in the URL is answered as text, to GET alone and where it is configured", async () => {
    const answer = await road.request("/in/asking?word=a%3Cb");
    expect([answer.status, await answer.text()]).toEqual([200, "a<b"]);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const others = [
      ["/in/asking?other=a", "GET"],
      ["/in/asking?word=a", "PUT"],
      ["/in/asking?word=a", "HEAD"],
      ["/in/proven?word=a", "GET"],
    ] as const;
    for (const [path, method] of others) expect((await road.request(path, { method })).status).toBe(405);
  });
});

describe("a webhook of which nothing is understood", () => {
  it("is kept, and processed anew once the configuration says where its session stands", async () => {
    const { body } = await send("proven", { data: { id: "late" } });
    await road.drain();
    expect(road.posted).toEqual([]);
    const mended = { ...CONFIGURATION.sources.proven, webhook: { session: "/data/id" } };
    await road.admin("/api/config", "PUT", { ...CONFIGURATION, sources: { ...CONFIGURATION.sources, proven: mended } });
    await road.admin(`/api/receipts/${String(body["id"])}/reprocess`, "POST", {});
    await road.drain();
    expect(road.events()).toMatchObject([{ subject: "late", vendor: "custom", outcome: "unknown" }]);
  });
});

describe("a credential in a webhook", () => {
  it("reaches no subscriber, but for a field that asks for it", async () => {
    const map = { ...source.map, "session.referenceId": "/token" };
    const sources = { ...CONFIGURATION.sources, open: { ...source, map } };
    const everything = { ...CONFIGURATION.subscribers.decisioning, include: ["extracted", "vendorData"] };
    await road.admin("/api/config", "PUT", { sources, subscribers: { everything } });
    const credentials = { access_token: "MARKER", n: { apiKey: "MARKER" }, list: [{ password: "MARKER" }] };
    await send("open", { ...webhook, ...credentials, token: "reference", remark: "kept" });
    await road.drain();
    expect(road.events()).toMatchObject([
      {
        data: {
          extracted: { remark: "kept" },
          session: { referenceId: "reference" },
          vendorData: { webhook: { remark: "kept" } },
        },
      },
    ]);
    expect(JSON.stringify(road.events())).not.toContain("MARKER");
  });
});

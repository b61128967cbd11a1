/** The gateway's description of itself is true: a client made from it can do all there is to do, and every answer is as declared. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createWitness, operationsOf, type Description, type Witness } from "./declared.ts";
import { generateClient, type GeneratedClient } from "./generated-client.ts";
import { ADMIN_TOKEN } from "./gateway.ts";
import { openSessionGateway, type SessionGateway } from "./session-sources.ts";

let world: SessionGateway;
let description: Description;
let client: GeneratedClient;
let witness: Witness;
/** What earlier steps have learned. */
const known: Record<string, string> = {};

beforeAll(async () => {
  world = await openSessionGateway(20_261_125);
  const { url } = world.gateway;
  const real = globalThis.fetch;
  description = (await (await real(`${url}/openapi.json`)).json()) as Description;
  witness = createWitness(description, url, real);
  client = await generateClient(description, url);
  vi.spyOn(globalThis, "fetch").mockImplementation(witness.fetch);
});
afterAll(async () => {
  vi.restoreAllMocks();
  client.remove();
  await world.close();
});

interface Item {
  id: string;
  [member: string]: unknown;
}
const listed = async (operation: string, options: object = {}) =>
  ((await client.call(operation, options)) as { items: Item[] }).items;
const firstOf = async (operation: string, options: object = {}) => (await listed(operation, options))[0]?.id ?? "none";

it("is valid OpenAPI 3.1, and may be cached by anybody", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone({ ...description }));
  expect([description.openapi, valid, errors]).toEqual(["3.1.0", true, undefined]);
  const response = await fetch(`${world.gateway.url}/openapi.json`);
  expect(response.headers.get("cache-control")).toBe("public, max-age=3600");
});

it("makes a client that has every operation", () => {
  expect(operationsOf(description).map(({ id }) => id)).toEqual(expect.arrayContaining([...client.operations]));
  expect(client.operations).toHaveLength(operationsOf(description).length);
});

/** In their order: what each does, by the name of what is done with the client. A new operation needs a line here. */
const STEPS: readonly [string, () => Promise<unknown>][] = [
  ["getHealth", () => client.call("getHealth")],
  [
    "getReadiness",
    async () => {
      client.as(undefined);
      expect(await client.call("getReadiness")).toEqual({ status: "ready" });
      client.as(ADMIN_TOKEN);
      expect(await client.call("getReadiness")).toMatchObject({ status: "ready", bindings: { LEDGER: "reached" } });
    },
  ],
  ["getOpenApi", () => client.call("getOpenApi")],
  ["getEventSchema", () => client.call("getEventSchema")],
  ["getNoticeSchema", () => client.call("getNoticeSchema")],
  ["getConfigSchema", () => client.call("getConfigSchema")],
  ["putSecret", () => client.call("putSecret", { name: "vendor-client", requestBody: { value: "its secret" } })],
  [
    "generateSecret",
    async () => {
      const generate = (requestBody: object) => client.call("generateSecret", { name: "signing-key", requestBody });
      await generate({ kind: "whsk" });
      await expect(generate({ kind: "whsk" })).rejects.toThrow(/a secret of this name/);
      await generate({ kind: "whsk", replace: true });
    },
  ],
  ["listSecrets", () => client.call("listSecrets")],
  ["getConfig", () => client.call("getConfig")],
  [
    "putConfig",
    async () => {
      const document = (await client.call("getConfig")) as { sources: object };
      const verify = [{ scheme: "bearer", clients: [{ id: "vendor", secret: { secret: "vendor-client" } }] }];
      const bearer = { vendor: "incode", verify, events: { "*": "record" } };
      const requestBody = { ...document, sources: { ...document.sources, bearer } };
      await client.call("putConfig", { requestBody, dryRun: "true" });
      await client.call("putConfig", { requestBody });
      await expect(client.call("putConfig", { requestBody: { sources: 1 } })).rejects.toThrow(/not valid/);
    },
  ],
  [
    "listConfigVersions",
    async () => {
      const [newest, before] = await listed("listConfigVersions", { limit: 2 });
      expect([newest, before]).toMatchObject([{ version: 2, by: "admin", current: true }, { version: 1 }]);
      await expect(client.call("listConfigVersions", { limit: 0 })).rejects.toThrow(/parameter cannot be used/);
    },
  ],
  [
    "getConfigVersion",
    async () => {
      expect(await client.call("getConfigVersion", { version: 2 })).toHaveProperty("sources.bearer");
      await expect(client.call("getConfigVersion", { version: 9 })).rejects.toThrow(/no such version/);
    },
  ],
  [
    "getConfigChanges",
    async () => expect(await client.call("getConfigChanges")).toMatchObject({ changes: [{ path: "/sources/bearer" }] }),
  ],
  [
    "rollBackConfig",
    async () => {
      const rollBack = (version: number, dryRun?: string) =>
        client.call("rollBackConfig", { requestBody: { version, message: "as it was" }, dryRun });
      expect(await rollBack(1, "true")).toMatchObject({ valid: true, changes: [{ path: "/sources/bearer" }] });
      expect(await rollBack(1)).toEqual({ success: true, version: 3 });
      await rollBack(2);
      await expect(rollBack(9)).rejects.toThrow(/no such version/);
    },
  ],
  [
    "getKeys",
    async () => {
      const document = (await client.call("getConfig")) as { subscribers: Record<string, { signing: object[] }> };
      for (const each of Object.values(document.subscribers)) each.signing.push({ secret: "signing-key" });
      await client.call("putConfig", { requestBody: document });
      expect(await client.call("getKeys")).toMatchObject({ keys: [{ kty: "OKP" }] });
    },
  ],
  [
    "receive",
    async () => {
      const session = world.vendors.regula.add({ status: 2 });
      known["session"] = session.id;
      client.as(undefined, { "X-Gateway-Secret": "regula-shared-secret" });
      const requestBody = { sessionId: session.id, event: "session.finished" };
      await client.call("receive", { source: "regula", requestBody });
      await client.call("receive", { source: "regula", requestBody });
      client.as(undefined);
      await expect(client.call("receive", { source: "regula", requestBody })).rejects.toThrow(/not verified/);
      client.as(ADMIN_TOKEN);
      await world.gateway.delivered(session.id);
    },
  ],
  ["listEvents", async () => (known["event"] = await firstOf("listEvents", { session: known["session"], limit: 1 }))],
  [
    "getEvent",
    async () => {
      const event = (await client.call("getEvent", { id: known["event"] })) as { files: Item[]; deliveries: Item[] };
      expect([event.files.length > 0, event.deliveries.length]).toEqual([true, 1]);
      known["file"] = event.files[0]?.id ?? "none";
      await expect(client.call("getEvent", { id: `evt_${"0".repeat(32)}` })).rejects.toThrow(/no such event/);
    },
  ],
  ["openFile", () => client.call("openFile", { id: known["file"] })],
  ["listReceipts", async () => (known["receipt"] = await firstOf("listReceipts", { session: known["session"] }))],
  ["getReceipt", () => client.call("getReceipt", { id: known["receipt"] })],
  ["getReceiptBody", () => client.call("getReceiptBody", { id: known["receipt"] })],
  [
    "reprocessReceipt",
    async () => {
      await client.call("reprocessReceipt", { id: known["receipt"] });
      const done = { event: known["event"], reprocessed: { outcome: "unchanged" } };
      await vi.waitFor(
        async () => expect(await client.call("getReceipt", { id: known["receipt"] })).toMatchObject(done),
        {
          timeout: 20_000,
          interval: 200,
        },
      );
      const unknown = client.call("reprocessReceipt", { id: `rcp_${"0".repeat(32)}` });
      await expect(unknown).rejects.toThrow(/no such receipt/);
    },
  ],
  [
    "listDeliveries",
    async () => (known["delivery"] = await firstOf("listDeliveries", { event: known["event"], state: "delivered" })),
  ],
  ["getDelivery", () => client.call("getDelivery", { id: known["delivery"] })],
  [
    "retryDelivery",
    async () => {
      const { state } = (await client.call("retryDelivery", { id: known["delivery"] })) as { state: string };
      expect(state).toBe("retrying");
      const retry = () => client.call("retryDelivery", { id: `dlv_${"0".repeat(64)}` });
      await expect(retry()).rejects.toThrow(/no such delivery/);
      await vi.waitFor(async () => {
        const delivery = { id: known["delivery"] };
        expect(await client.call("getDelivery", delivery)).toMatchObject({ state: "delivered", attemptCount: 2 });
      }, 10_000);
    },
  ],
  [
    "replayEvent",
    async () => {
      const replay = (requestBody: object) => client.call("replayEvent", { id: known["event"], requestBody });
      expect(await replay({})).toMatchObject({ items: [{ delivery: known["delivery"] }], skipped: [] });
      await expect(replay({ subscribers: ["nobody"] })).rejects.toThrow(/cannot be replayed/);
    },
  ],
  [
    "startReplay",
    async () => {
      const requestBody = { from: "2026-01-01", state: "cancelled" };
      expect(await client.call("startReplay", { requestBody, dryRun: "true" })).toEqual({ events: 0, deliveries: 0 });
      known["replay"] = ((await client.call("startReplay", { requestBody })) as Item).id;
      await expect(client.call("startReplay", { requestBody: { from: 1 } })).rejects.toThrow(/cannot be replayed/);
    },
  ],
  ["listReplays", async () => expect(await firstOf("listReplays")).toBe(known["replay"])],
  ["getReplay", () => client.call("getReplay", { id: known["replay"] })],
  ["cancelReplay", () => client.call("cancelReplay", { id: known["replay"] })],
  [
    "pauseSubscriber",
    async () => {
      const [subscriber] = ((await client.call("listSubscribers")) as { items: { name: string }[] }).items;
      known["subscriber"] = subscriber?.name ?? "none";
      await client.call("pauseSubscriber", { name: known["subscriber"] });
      await expect(client.call("pauseSubscriber", { name: "nobody" })).rejects.toThrow(/no such subscriber/);
    },
  ],
  [
    "listSubscribers",
    async () => expect(await listed("listSubscribers")).toMatchObject([{ state: "paused", pausedWhy: "manual" }]),
  ],
  ["resumeSubscriber", () => client.call("resumeSubscriber", { name: known["subscriber"] })],
  [
    "testSubscriber",
    async () => {
      const made = (await client.call("testSubscriber", { name: known["subscriber"] })) as { event: string };
      expect(await client.call("getEvent", { id: made.event })).toMatchObject({ event: { type: "gateway.test" } });
    },
  ],
  ["getStats", () => client.call("getStats", { window: "15m" })],
  ["getMetrics", async () => expect(await client.call("getMetrics")).toContain("gatepost_received_total")],
  [
    "reindex",
    async () => {
      await expect(client.call("reindex")).rejects.toThrow(/forgotten nothing/);
      expect(await client.call("reindex", { force: "true" })).toHaveProperty("cursor");
    },
  ],
  ["getSession", () => client.call("getSession", { source: "regula", session: known["session"] })],
  ["pullSession", () => client.call("pullSession", { source: "regula", session: known["session"] })],
  ["holdSession", () => client.call("holdSession", { source: "regula", session: known["session"] })],
  [
    "releaseSession",
    async () => {
      const session = { source: "regula", session: known["session"] };
      await expect(client.call("eraseSession", session)).rejects.toThrow(/On hold/);
      await client.call("releaseSession", session);
    },
  ],
  [
    "eraseSession",
    async () => {
      const session = { source: "regula", session: known["session"] };
      known["erasure"] = ((await client.call("eraseSession", session)) as Item).id;
      await expect(client.call("getSession", session)).rejects.toThrow(/was erased/);
    },
  ],
  ["erase", () => client.call("erase", { requestBody: { externalId: "another-customer-of-nobody" } })],
  ["erasePerson", () => client.call("erasePerson", { externalId: "customer-of-nobody" })],
  ["getErasure", () => client.call("getErasure", { id: known["erasure"] })],
  [
    // The generator sends forms as multipart, which RFC 6749 does not know.
    "issueToken",
    async () => {
      const body = new URLSearchParams({ grant_type: "client_credentials", client_id: "vendor" });
      const ask = () => fetch(`${world.gateway.url}/oauth/token`, { method: "POST", body });
      expect((await ask()).status).toBe(401);
      body.set("client_secret", "its secret");
      expect((await ask()).status).toBe(200);
    },
  ],
  [
    "listIssuedTokens",
    () => vi.waitFor(async () => expect((known["issued"] = await firstOf("listIssuedTokens"))).not.toBe("none")),
  ],
  ["revokeIssuedToken", () => client.call("revokeIssuedToken", { id: known["issued"] })],
  [
    "createToken",
    async () => {
      const requestBody = { name: "on-call", role: "viewer", expiresInDays: 30 };
      const made = (await client.call("createToken", { requestBody })) as Item & { token: string };
      known["token"] = made.id;
      client.as(made.token);
      await client.call("listEvents");
      await expect(client.call("getEvent", { id: known["event"] })).rejects.toThrow(/role does not allow/);
      client.as(ADMIN_TOKEN);
    },
  ],
  ["revokeToken", () => client.call("revokeToken", { id: known["token"] })],
  ["listTokens", () => client.call("listTokens")],
  ["deleteSecret", () => client.call("deleteSecret", { name: "vendor-client" })],
  ["listAudit", async () => expect(await listed("listAudit", { limit: 100 })).not.toEqual([])],
];

it.each(STEPS)("%s is done with the generated client, and answered as declared", async (operation, step) => {
  client.as(ADMIN_TOKEN);
  await step();
  expect(witness.faults).toEqual([]);
  expect(witness.done).toContain(operation);
});

it("leaves no operation untried", () => {
  const untried = operationsOf(description).filter(({ id }) => !witness.done.has(id));
  expect(untried, "each needs a step above").toEqual([]);
});

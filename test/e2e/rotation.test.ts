/** Secrets are replaced under load, and no delivery fails: those that sign, and those that open the subscriber's door. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSeon } from "../simulators/seon/seon.ts";
import {
  SCOPE,
  startAuthorizationServer,
  startProtectedApi,
  type AuthorizationServer,
  type ProtectedApi,
} from "./authorization-server.ts";
import { openGateway, SIGNING_SECRET, type Gateway } from "./gateway.ts";

const LICENSE_KEY = "seon-license-key";
const OLD_SECRET = "the client's old secret: 0123456789";
const NEW_SECRET = "the client's new secret: +/&=% 0123";
const NEW_SIGNING_SECRET = "whsec_bmV3LWVuZC10by1lbmQtc2lnbmluZy1zZWNyZXQtMDEyMw==";
const METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

let identity: AuthorizationServer;
let api: ProtectedApi;
let gateway: Gateway;

function configuration(signing: string[]): object {
  const credentials: Readonly<Record<string, object>> = {
    client_secret_basic: { method: "basic", clientSecret: { secret: "client" } },
    client_secret_post: { method: "post", clientSecret: { secret: "client" } },
    private_key_jwt: { method: "private_key_jwt", privateKey: { secret: "client-key" } },
  };
  return {
    sources: {
      seon: {
        vendor: "seon",
        verify: [{ scheme: "hmac", secrets: [{ secret: "license" }] }],
        events: { "*": "deliver" },
      },
    },
    subscribers: Object.fromEntries(
      METHODS.map((method) => [
        method.replaceAll("_", "-"),
        {
          url: `${api.url}/${method}`,
          signing: signing.map((secret) => ({ secret })),
          auth: { type: "oauth2", tokenUrl: identity.tokenUrl, clientId: method, scope: SCOPE, ...credentials[method] },
        },
      ]),
    ),
  };
}

beforeAll(async () => {
  identity = await startAuthorizationServer(OLD_SECRET);
  api = await startProtectedApi(identity.clientOf, SIGNING_SECRET);
  gateway = await openGateway(() => configuration(["signing"]), {
    license: LICENSE_KEY,
    client: OLD_SECRET,
    "client-key": identity.privateKeys[0] ?? "",
    "new-signing": NEW_SIGNING_SECRET,
  });
});

afterAll(() => Promise.all([gateway.close(), identity.close(), api.close()]));

/** Sends webhooks without a pause until it is told to stop; returns how many. */
function startLoad(): { stop(): Promise<number> } {
  const seon = createSeon({ ...gateway.account("seon"), licenseKey: LICENSE_KEY, encoding: "base64" });
  const over = new AbortController();
  let sent = 0;
  const senders = Array.from({ length: 4 }, async () => {
    while (!over.signal.aborted) {
      await seon.send(seon.payloads.onTheWire({ status: "APPROVED" }));
      sent++;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  });
  return {
    async stop() {
      over.abort();
      await Promise.all(senders);
      return sent;
    },
  };
}

const settled = () => gateway.query("SELECT state, attempts, count(*) AS n FROM deliveries GROUP BY state, attempts");

/** Until so many more have been taken by the API as it is now. */
async function takenMore(count: number): Promise<void> {
  const before = api.requests.length;
  await vi.waitFor(
    () => {
      if (api.requests.length < before + count) throw new Error("the load does not arrive");
    },
    { timeout: 20_000, interval: 20 },
  );
}

describe("under load", () => {
  it(
    "secrets that sign, that prove a client, and tokens are replaced, and no delivery fails",
    { timeout: 90_000 },
    async () => {
      const load = startLoad();
      await takenMore(30);

      // Signing: both keys, then the receiver knows the new one only, then the old one goes.
      await gateway.admin.putConfig(configuration(["signing", "new-signing"]));
      await takenMore(60);
      api.signingKeys.add(NEW_SIGNING_SECRET).delete(SIGNING_SECRET);
      await gateway.admin.putConfig(configuration(["new-signing"]));
      await takenMore(30);

      // The client: the server knows both secrets, then the gateway has the new one, then the old one is worth nothing.
      identity.accepted.add(NEW_SECRET);
      await gateway.admin.putSecret("client", NEW_SECRET);
      await gateway.admin.putSecret("client-key", identity.privateKeys[1] ?? "");
      await takenMore(60);
      identity.accepted.delete(OLD_SECRET);
      const beforeRevoking = api.requests.length;
      for (const { token } of api.requests) api.revoked.add(token);
      await takenMore(60);

      const sent = await load.stop();
      await vi.waitFor(
        async () => expect(await settled()).toEqual([{ state: "delivered", attempts: 1, n: 3 * sent }]),
        {
          timeout: 30_000,
          interval: 250,
        },
      );

      // Only a token that was revoked was ever refused; that cost one more request within the same attempt, and nothing else.
      const refused = api.requests.filter(({ status }) => status !== 200);
      expect(refused.filter(({ status }) => status !== 401)).toEqual([]);
      expect(api.requests.indexOf(refused[0] as never)).toBeGreaterThanOrEqual(beforeRevoking);
      expect(api.requests.length - refused.length).toBe(3 * sent);
      expect(identity.refusals).toEqual([]);
      // At first, with another secret, and after each was revoked.
      expect(Object.fromEntries(identity.given)).toEqual(Object.fromEntries(METHODS.map((method) => [method, 3])));
    },
  );

  it("a client whose secret is worth nothing has its deliveries fail with that reason, and no request made", async () => {
    const before = api.requests.length;
    identity.accepted.clear();
    await gateway.admin.putSecret("client", "not known to anybody 0123456789");
    const seon = createSeon({ ...gateway.account("seon"), licenseKey: LICENSE_KEY, encoding: "base64" });
    await seon.send(seon.payloads.onTheWire({ status: "DECLINED" }));
    await vi.waitFor(
      async () =>
        expect(
          await gateway.query("SELECT subscriber, reason FROM deliveries WHERE state = 'retrying' ORDER BY 1"),
        ).toEqual([
          { subscriber: "client-secret-basic", reason: "token_refused" },
          { subscriber: "client-secret-post", reason: "token_refused" },
        ]),
      { timeout: 20_000, interval: 100 },
    );
    expect(api.requests.slice(before).map(({ path }) => path)).toEqual(["/private_key_jwt"]);
    expect(identity.refusals.every((refusal) => refusal.includes("invalid_client"))).toBe(true);
  });
});

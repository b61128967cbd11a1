/** OAuth 2.0 towards a subscriber: one token for many deliveries, another when it is refused, and never a request without. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const HOUR = 3_600_000;
const TOKEN_URL = "https://identity.example.com/token";
const AUTH = { type: "oauth2", tokenUrl: TOKEN_URL, clientId: "gate:post", clientSecret: { secret: "client" } };
const CLIENT_SECRET = "s3cret with +/&=:ü";

let road: Road;
/** What the token endpoint was asked. */
let asked: { headers: Headers; form: URLSearchParams }[];
/** What it answers next; after the last one, a token that is new. */
let answers: Response[];
let events: number;

async function open(auth: object = {}, subscriber: object = {}): Promise<void> {
  const decisioning = { ...CONFIGURATION.subscribers.decisioning, auth: { ...AUTH, ...auth }, ...subscriber };
  road = await openRoad({ ...CONFIGURATION, subscribers: { decisioning } }, { ...SECRETS, client: CLIENT_SECRET });
  [asked, answers, events] = [[], [], 0];
  road.vendors = async (request) => {
    if (request.url !== TOKEN_URL) return undefined;
    asked.push({
      headers: request.headers,
      form: new URLSearchParams(new TextDecoder().decode(await request.bytes())),
    });
    return answers.shift() ?? Response.json({ access_token: `token-${asked.length}`, expires_in: 3600 });
  };
}

async function deliver(count = 1): Promise<void> {
  for (let sent = 0; sent < count; sent++) await sendSeon(road, seonFinished({ id: `session-${++events}` }));
  await road.drain();
}

const presented = () => road.posted.map(({ headers }) => headers.get("authorization"));
const refusal = () => new Response(null, { status: 401 });
const unsettled = async () =>
  (await env.LEDGER.prepare("SELECT state, attempts, reason FROM deliveries WHERE state <> 'delivered'").all()).results;

describe("a token", () => {
  beforeEach(() => open());

  it("is asked for once, and opens every delivery until it ends", async () => {
    await deliver(12);
    expect(asked).toHaveLength(1);
    expect(new Set(presented())).toEqual(new Set(["Bearer token-1"]));
    road.pass(3_541_000);
    await deliver();
    expect(asked).toHaveLength(2);
    expect(presented().at(-1)).toBe("Bearer token-2");
  });

  it("is asked for by Basic, form-encoded first, and with nothing but the grant in the body", async () => {
    await deliver();
    const [request] = asked;
    const pair = "gate%3Apost:s3cret+with+%2B%2F%26%3D%3A%C3%BC";
    expect(request?.headers.get("authorization")).toBe(`Basic ${btoa(pair)}`);
    expect([...(request?.form ?? [])]).toEqual([["grant_type", "client_credentials"]]);
  });

  it("is shared with other isolates, sealed, and stands in no log and no table", async () => {
    answers.push(Response.json({ access_token: "MARKER-TOKEN", expires_in: 3600 }));
    await deliver();
    road.world.memory.tokens.clear();
    await deliver();
    expect([asked.length, presented()]).toEqual([1, ["Bearer MARKER-TOKEN", "Bearer MARKER-TOKEN"]]);
    const kept = await Promise.all((await env.TOKENS.list()).keys.map(({ name }) => env.TOKENS.getWithMetadata(name)));
    const { results } = await env.LEDGER.prepare("SELECT * FROM deliveries").all();
    for (const text of [JSON.stringify(kept), JSON.stringify(results), JSON.stringify(road.logs)]) {
      expect(text).not.toContain("MARKER-TOKEN");
      expect(text).not.toContain("s3cret");
    }
  });

  it("that is refused is replaced once, and the request made once more, within the same attempt", async () => {
    await deliver();
    road.answers.push(refusal());
    await deliver();
    expect(presented()).toEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
    expect(await unsettled()).toEqual([]);
    expect(road.posted[2]?.headers.get("webhook-signature")).toBe(road.posted[1]?.headers.get("webhook-signature"));
  });

  it("that is refused when it is new is a failed attempt, and no third request", async () => {
    road.answers.push(refusal(), refusal());
    await deliver();
    expect(presented()).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(await unsettled()).toEqual([{ state: "retrying", attempts: 1, reason: "status_401" }]);
  });

  it("that was refused and cannot be replaced leaves the refusal as the answer", async () => {
    await deliver();
    road.answers.push(refusal());
    answers.push(new Response(null, { status: 503 }));
    await deliver();
    expect(presented()).toHaveLength(2);
    expect(await unsettled()).toEqual([{ state: "retrying", attempts: 1, reason: "status_401" }]);
  });

  it("is another one as soon as the client's secret is", async () => {
    await deliver();
    await road.admin("/api/secrets/client", "PUT", { value: "another" });
    await deliver();
    expect(presented()).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(asked[1]?.headers.get("authorization")).toBe(`Basic ${btoa("gate%3Apost:another")}`);
  });

  it("lives five minutes where nothing says how long, and as long as digits in a text say", async () => {
    answers.push(
      Response.json({ access_token: "short" }),
      Response.json({ access_token: "long", expires_in: "7200", token_type: "bearer" }),
    );
    for (const [seconds, count] of [
      [0, 1],
      [239, 1],
      [2, 2],
      [7000, 2],
      [200, 3],
    ] as const) {
      road.pass(seconds * 1000);
      await deliver();
      expect(asked, `after ${seconds} s more`).toHaveLength(count);
    }
  });
});

describe("a token that cannot be had", () => {
  beforeEach(() => open());

  it.each<[string, string, () => Response]>([
    ["the server is down", "token_unavailable", () => new Response(null, { status: 503 })],
    ["there are too many requests", "token_unavailable", () => new Response(null, { status: 429 })],
    ["the client is refused", "token_refused", () => Response.json({ error: "invalid_client" }, { status: 401 })],
    ["the scope is refused", "token_refused", () => Response.json({ error: "invalid_scope" }, { status: 400 })],
    ["it redirects", "token_refused", () => new Response(null, { status: 307, headers: { location: TOKEN_URL } })],
    ["the answer is no JSON", "token_unreadable", () => new Response("<html>")],
    ["the answer has no token", "token_unreadable", () => Response.json({ expires_in: 5 })],
    ["the token cannot stand in a header", "token_unreadable", () => Response.json({ access_token: "a\r\nb" })],
    [
      "the token is of another kind",
      "token_unreadable",
      () => Response.json({ access_token: "a", token_type: "DPoP" }),
    ],
  ])("since %s is a failed attempt, and no request", async (_why, reason, answer) => {
    answers.push(answer());
    await deliver();
    expect(road.posted).toEqual([]);
    expect(await unsettled()).toEqual([{ state: "retrying", attempts: 1, reason }]);
    road.pass(HOUR);
    await road.drain();
    expect(presented()).toEqual(["Bearer token-2"]);
  });

  it("since its client has no secret yet is one too", async () => {
    await road.admin("/api/secrets/client", "DELETE");
    await deliver();
    expect([road.posted, asked]).toEqual([[], []]);
    expect(await unsettled()).toMatchObject([{ reason: "secret_missing" }]);
  });

  it("since its URL is forbidden meanwhile is one too", async () => {
    const auth = road.world.memory.config.config?.subscribers.get("decisioning")?.auth;
    if (auth?.type === "oauth2") auth.tokenUrl = "https://169.254.169.254/token";
    await deliver();
    expect([road.posted, asked]).toEqual([[], []]);
    expect(await unsettled()).toMatchObject([{ reason: "token_refused" }]);
  });

  it("is not asked for by each delivery that waits for it", async () => {
    answers.push(...Array.from({ length: 20 }, () => new Response(null, { status: 503 })));
    await deliver(10);
    expect(asked).toHaveLength(1);
    expect(await unsettled()).toHaveLength(10);
  });
});

describe("the client's proof", () => {
  it("may be in the body, with scope and audience where they are set", async () => {
    await open({ method: "post", scope: "a b", audience: "https://api.example.com" });
    await deliver();
    expect(asked[0]?.headers.has("authorization")).toBe(false);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      scope: "a b",
      audience: "https://api.example.com",
      client_id: "gate:post",
      client_secret: CLIENT_SECRET,
    });
  });

  it("that is no key is a failed attempt, until it is one", async () => {
    await open({ method: "private_key_jwt", clientSecret: undefined, privateKey: { secret: "client" } });
    await deliver();
    expect([road.posted, asked]).toEqual([[], []]);
    expect(await unsettled()).toMatchObject([{ reason: "token_not_configured" }]);
    const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const der = new Uint8Array((await crypto.subtle.exportKey("pkcs8", pair.privateKey)) as ArrayBuffer);
    const value = `-----BEGIN PRIVATE KEY-----\n${der.toBase64()}\n-----END PRIVATE KEY-----`;
    await road.admin("/api/secrets/client", "PUT", { value });
    road.pass(HOUR);
    await road.drain();
    expect(presented()).toEqual(["Bearer token-1"]);
  });
});

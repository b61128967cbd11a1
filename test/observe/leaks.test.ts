/**
 * Promise 6, of the log and the counts: whatever the four vendors send and answer, whatever strangers try, and whatever goes wrong with
 * it, no record holds a word of it. Each text of each webhook and session is looked for, and each secret.
 */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import type { Json } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { openRoad, SIGNING_SECRET, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendIncode, sendRegula, sendSeon, sendUnico } from "../senders.ts";
import { fixtures as ofIncode } from "../vendors/fixtures/incode.ts";
import { ocr, scoreOf } from "../vendors/fixtures/incode.session.ts";
import { fixtures as ofRegula } from "../vendors/fixtures/regula.ts";
import { documentReaderResult, resultFile, session } from "../vendors/fixtures/regula.session.ts";
import { fixtures as ofSeon } from "../vendors/fixtures/seon.ts";
import { fixtures as ofUnico } from "../vendors/fixtures/unico.ts";
import { answer, LINK_QUERY, TOKEN } from "../vendors/fixtures/unico.session.ts";
import { leavesOf } from "../vendors/payloads.ts";
import { runOut } from "../process/accounts.ts";

const VENDOR = "https://vendor.example.com";
const SESSION_SECRETS = {
  "regula-api": "marker-regula-api-key",
  "incode-api": "marker-incode-api-key",
  "incode-password": "marker-incode-password",
  "basic-password": "marker-subscriber-password",
};
const OBTAINED = ["marker-incode-token", "marker-unico-token"];
const REGULA = { ...session, files: [...session.files, resultFile] };

async function privateKey(): Promise<string> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const der = new Uint8Array((await crypto.subtle.exportKey("pkcs8", pair.privateKey)) as ArrayBuffer);
  return `-----BEGIN PRIVATE KEY-----\n${der.toBase64()}\n-----END PRIVATE KEY-----`;
}

const secret = (name: string) => ({ secret: name });
const SESSIONS = {
  seon: {},
  incode: {
    session: {
      baseUrl: VENDOR,
      apiKey: secret("incode-api"),
      login: { email: "marker-reader@example.com", password: secret("incode-password") },
      fetch: ["score", "ocr", "images"],
    },
  },
  regula: { session: { baseUrl: VENDOR, apiKey: secret("regula-api"), files: ["*"] } },
  unico: {
    session: {
      baseUrl: VENDOR,
      contract: "websdk",
      tokenUrl: `${VENDOR}/oauth2/token`,
      account: "marker-account",
      tenant: "marker-tenant",
      privateKey: secret("unico-key"),
      files: ["*"],
    },
  },
  open: {},
};

function configuration() {
  const sources = Object.entries(CONFIGURATION.sources).map(([name, source]) => {
    // Handled by `*`: the names that a configuration has for events are its own, and are on record.
    return [name, { ...source, ...SESSIONS[name as keyof typeof SESSIONS], events: { "*": "deliver" } }];
  });
  const auth = { type: "basic", username: "marker-user", password: secret("basic-password") };
  const subscribers = { decisioning: { ...CONFIGURATION.subscribers.decisioning, auth, retry: [5, 5] } };
  return { sources: Object.fromEntries(sources) as object, subscribers };
}

/** All vendors' APIs at one origin; the session that is asked for is the one that is told of. */
function answerOf(request: Request): Response {
  const { pathname } = new URL(request.url);
  const last = decodeURIComponent(pathname.split("/").at(-1) ?? "");
  if (pathname === "/oauth2/token") return Response.json({ access_token: OBTAINED[1], expires_in: 3600 });
  if (pathname === "/executive/log-in") return Response.json({ token: OBTAINED[0] });
  if (pathname === "/omni/get/score") return Response.json(scoreOf("OK"));
  if (pathname === "/omni/get/ocr-data") return Response.json(ocr);
  if (pathname.startsWith("/api/sessions/")) return Response.json({ ...REGULA, id: last });
  if (pathname === "/api/files/result") return Response.json(documentReaderResult);
  if (/^\/client\/v1\/process\/[^/]+$/.test(pathname)) {
    return Response.json({ process: { ...(answer["process"] as JsonObject), id: last } });
  }
  if (pathname.startsWith("/api/files/")) return new Response("marker-file-bytes");
  return new Response("marker-error-body", { status: 400 });
}

let road: Road;
let key: string;
let seen: string;

async function tryAsAStranger(): Promise<void> {
  const marked = {
    authorization: "Bearer marker-guess",
    digest: "SHA-256=marker",
    "x-gateway-secret": "marker",
    cookie: "marker",
  };
  for (const path of [
    "/in/seon",
    "/in/unico",
    "/in/marker-source",
    "/in/seon?marker=1",
    "/marker",
    "/files/marker?signature=marker",
  ]) {
    await road.request(path, {
      method: "POST",
      headers: { ...marked, traceparent: "marker" },
      body: '{"marker":"marker"}',
    });
    await road.request(path, { headers: marked });
  }
  const form = { grant_type: "client_credentials", client_id: "marker-client", client_secret: "marker-secret" };
  await road.request("/oauth/token", { method: "POST", body: new URLSearchParams(form) });
  for (const path of ["/api/events?session=marker", "/metrics", "/readyz", "/api/marker"])
    await road.request(path, { headers: marked });
  for (const path of [
    "/api/events?session=marker",
    "/api/sessions/seon/marker",
    "/api/secrets/marker",
    "/api/events?marker=1",
  ]) {
    await road.admin(path);
    await road.admin(path, "PUT", { value: "marker-value", marker: "marker" });
  }
}

beforeAll(async () => {
  key = await privateKey();
  road = await openRoad(configuration(), { ...SECRETS, ...SESSION_SECRETS, "unico-key": key });
  // KV expires what it remembers by the real clock.
  road.clock.at = Date.now();
  road.vendors = (request) => (request.url.startsWith("https://subscriber") ? undefined : answerOf(request));
  const senders = [
    ...ofSeon.map(
      ({ payload }) =>
        () =>
          sendSeon(road, JSON.stringify(payload)),
    ),
    ...ofIncode.map(
      ({ payload }) =>
        () =>
          sendIncode(road, payload),
    ),
    ...ofRegula.map(
      ({ payload }) =>
        () =>
          sendRegula(road, payload),
    ),
    ...ofUnico.map(
      ({ payload }) =>
        () =>
          sendUnico(road, payload),
    ),
  ];
  for (const send of senders) {
    road.answers.push(new Response("marker-answer", { status: 500, headers: { "x-marker": "marker" } }));
    await send();
    await runOut(road);
  }
  await road.request("/in/regula", {
    method: "POST",
    headers: { "x-gateway-secret": SECRETS["regula-hook"] },
    body: '{"sessionId": marker',
  });
  await tryAsAStranger();
  await runOut(road);
  await road.sweep();
  const tallies = await env.LEDGER.prepare("SELECT * FROM tallies").all();
  const metrics = await (await road.admin("/metrics")).text();
  const stats = await (await road.admin("/api/stats")).text();
  const ready = await (await road.admin("/readyz")).text();
  seen = JSON.stringify([road.logs, tallies.results, metrics, stats, ready]).toLowerCase();
}, 60_000);

/** Words of a vendor's that are words of ours too, or of the configuration. */
const OURS =
  "expired approved declined abandoned pending finished unknown review fail other session.finished session.updated".split(
    " ",
  );

const textsOf = (values: readonly Json[]): string[] =>
  values
    .flatMap((value) => [...leavesOf(value)])
    .map((text) => text.toLowerCase())
    .filter((text) => text.length >= 4 && !OURS.includes(text) && !/^\d{4}$/.test(text));

it("the road was walked: events with people in them were delivered, and failures were met", () => {
  const told = JSON.stringify(road.events());
  const people = ["Ana Maria Sample", "ANA SAMPLE EXAMPLE", "ANA MARIA SAMPLE", "X1234567"];
  expect(people.filter((text) => !told.includes(text))).toEqual([]);
  const outcomes = new Set(road.logs.map(({ outcome }) => outcome));
  for (const outcome of ["event", "unreadable", "delivered", "retrying", "not_verified", "refused", "unknown_source"])
    expect(outcomes).toContain(outcome);
});

it("no text of a webhook is on record", () => {
  const payloads = [...ofSeon, ...ofIncode, ...ofRegula, ...ofUnico].map(({ payload }) => payload);
  expect(textsOf(payloads).filter((text) => seen.includes(text))).toEqual([]);
});

it("no text of a session is on record", () => {
  const sessions = [REGULA, documentReaderResult, scoreOf("OK"), ocr, answer];
  expect(textsOf(sessions).filter((text) => seen.includes(text))).toEqual([]);
});

it("no secret, token, link, path, query or answer is on record", () => {
  const secrets = [...Object.values(SECRETS), ...Object.values(SESSION_SECRETS), ...OBTAINED, SIGNING_SECRET];
  const texts = [
    ...secrets,
    env.ADMIN_TOKEN,
    env.MASTER_KEY,
    TOKEN,
    LINK_QUERY,
    key.slice(40, 80),
    "marker",
    VENDOR,
    "https:",
  ];
  expect(texts.filter((text) => seen.includes(text.toLowerCase()))).toEqual([]);
});

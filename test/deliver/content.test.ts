/** What goes out: signed as every receiver can check it, with the vendor's own bytes where they are wanted, and never a credential. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { contentOf } from "../../src/deliver/content.ts";
import type { Subscriber } from "../../src/config/config.ts";
import { eventOf } from "../core/events.ts";
import { readConfig } from "../../src/config/read.ts";
import { readAllowance } from "../../src/core/destination.ts";
import { composeNotice } from "../../src/core/notice.ts";
import { openRoad, SIGNING_SECRET, START, type Posted, type Road } from "../road.ts";
import { CONFIGURATION, signSeon, SECRETS, seonFinished } from "../senders.ts";

const subscriber = CONFIGURATION.subscribers.decisioning;
const PRIVATE = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC = "1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const KEYS = {
  ...SECRETS,
  ed: PRIVATE,
  plain: "plain text: ü",
  other: "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXI=",
  bad: "v1,whsec_x",
};

let road: Road;

async function deliver(
  members: object,
  body = seonFinished(),
  headers: Record<string, string> = {},
): Promise<Posted | undefined> {
  road = await openRoad({ ...CONFIGURATION, subscribers: { decisioning: { ...subscriber, ...members } } }, KEYS);
  const digest = await signSeon(body);
  const sent = await road.request("/in/seon", { method: "POST", headers: { digest, ...headers }, body });
  if (sent.status !== 200) throw new Error(await sent.text());
  await road.drain();
  return road.posted[0];
}

const textOf = (posted: Posted | undefined): string => new TextDecoder().decode(posted?.body);
const reasonOf = async () => (await env.LEDGER.prepare("SELECT reason FROM deliveries").first())?.["reason"];

async function v1(posted: Posted | undefined, secret = SIGNING_SECRET): Promise<string> {
  // The library compares with the real time; a signature is checked over the timestamp that was sent.
  return new Webhook(secret).sign(posted?.id ?? "", new Date(START), textOf(posted));
}

describe("a delivery's signatures", () => {
  it("are one for each key, of both kinds, so that keys can be replaced while both are known", async () => {
    const posted = await deliver({
      signing: [{ secret: "other" }, { secret: "ed" }, { secret: "decisioning-signing" }],
    });
    const [first, second = "", third, ...rest] = posted?.headers.get("webhook-signature")?.split(" ") ?? [];
    expect([first, third]).toEqual([await v1(posted, KEYS.other), await v1(posted)]);
    expect(rest).toEqual([]);
    const key = await crypto.subtle.importKey("raw", Uint8Array.fromBase64(PUBLIC), "Ed25519", false, ["verify"]);
    const signed = new TextEncoder().encode(`${posted?.id}.${START / 1000}.${textOf(posted)}`);
    const bytes = Uint8Array.fromBase64(second.slice("v1a,".length));
    expect(await crypto.subtle.verify("Ed25519", key, bytes, signed)).toBe(true);
  });

  it.each([
    ["sha256", "hex", "sha256="],
    ["sha1", "base64", ""],
    ["sha512", "hex", "v0:"],
  ] as const)("may be a plain HMAC of %s in %s", async (algorithm, encoding, prefix) => {
    const method = { scheme: "hmac", header: "X-Signature", algorithm, encoding, prefix, secret: { secret: "plain" } };
    const posted = await deliver({ signing: [method] });
    const hmac = { name: "HMAC", hash: algorithm.replace("sha", "SHA-") };
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(KEYS.plain), hmac, false, ["sign"]);
    const expected = new Uint8Array(await crypto.subtle.sign("HMAC", key, posted?.body ?? new Uint8Array()));
    const text = encoding === "hex" ? expected.toHex() : expected.toBase64();
    expect(posted?.headers.get("x-signature")).toBe(`${prefix}${text}`);
    expect(posted?.headers.has("webhook-signature")).toBe(false);
    expect(posted?.headers.get("webhook-id")).toBe(posted?.id);
  });

  it("are those of the keys that are set: one that is removed early fails nothing", async () => {
    const posted = await deliver({ signing: [{ secret: "gone" }, { secret: "decisioning-signing" }] });
    expect(posted?.headers.get("webhook-signature")).toBe(await v1(posted));
  });

  it.each<[string, object[]]>([
    ["secret_missing", [{ secret: "gone" }]],
    [
      "secret_missing",
      [{ secret: "decisioning-signing" }, { scheme: "hmac", header: "X-Signature", secret: { secret: "gone" } }],
    ],
    ["signing_key_invalid", [{ secret: "bad" }]],
    ["signing_key_invalid", [{ secret: "decisioning-signing" }, { secret: "bad" }]],
  ])("that cannot all be made hold the delivery back: %s", async (reason, signing) => {
    expect(await deliver({ signing })).toBeUndefined();
    expect(await reasonOf()).toBe(reason);
  });
});

describe("the vendor's own bytes", () => {
  const BODY = `\n ${seonFinished()}\t`;

  it("go out exactly as they came, signed by us, with the header that proves them the vendor's", async () => {
    const type = "application/json; charset=UTF-8";
    const posted = await deliver({ format: "raw", forwardHeaders: ["Digest", "X-Seen"] }, BODY, {
      "content-type": type,
      "x-seen": "seen",
      "x-unseen": "unseen",
    });
    expect(textOf(posted)).toBe(BODY);
    const { headers = new Headers() } = posted ?? {};
    expect(headers.get("content-type")).toBe(type);
    expect(headers.get("digest")).toBe(await signSeon(BODY));
    expect(headers.get("x-seen")).toBe("seen");
    expect(headers.has("x-unseen")).toBe(false);
    expect(headers.get("webhook-signature")).toBe(await v1(posted));
  });

  it("bring neither a credential nor a header that nobody asked for", async () => {
    await deliver({ format: "raw", forwardHeaders: ["Digest", "X-Long", "X-Strange", "X-Seen"] }, BODY, {
      authorization: "Bearer abc",
      cookie: "session=abc",
      "x-api-key": "abc",
      "x-long": "x".repeat(513),
      "x-strange": "Zoë",
      "x-seen": "seen",
    });
    const [key = ""] = await road.receipts();
    const facts = (await env.ARCHIVE.head(key))?.customMetadata?.["facts"] ?? "";
    const { headers } = JSON.parse(facts) as { headers: object };
    expect(Object.keys(headers)).toEqual(["content-type", "digest", "x-seen"]);
    const sent = road.posted[0]?.headers;
    for (const name of ["authorization", "cookie", "x-api-key", "x-long", "x-strange"])
      expect(sent?.has(name)).toBe(false);
  });

  it("never bring what opens the source that they came in by, even where another isolate still wants it kept", async () => {
    await deliver({ format: "raw", forwardHeaders: ["X-Seen"] });
    const config = road.world.memory.config.config;
    const source = config?.sources.get("regula");
    if (source) source.keptHeaders = ["x-gateway-secret", "authorization", "x-seen"];
    await road.request("/in/regula", {
      method: "POST",
      headers: {
        "content-type": "text/plain",
        "x-gateway-secret": SECRETS["regula-hook"],
        authorization: "Bearer x",
        "x-seen": "seen",
      },
      body: '{"sessionId":"session-9"}',
    });
    const keys = (await road.receipts()).filter((key) => key.includes("/regula/"));
    const facts = (await env.ARCHIVE.head(keys[0] ?? ""))?.customMetadata?.["facts"];
    expect(facts).toContain('"headers":{"content-type":"text/plain","x-seen":"seen"}');
  });

  it("are kept with no more than the archive takes beside them", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `X-Header-${index}`);
    const filled = Object.fromEntries(names.map((name) => [name, '"'.repeat(256)]));
    const posted = await deliver({ format: "raw", forwardHeaders: names }, BODY, {
      traceparent: "x".repeat(512),
      ...filled,
    });
    const [key = ""] = await road.receipts();
    const metadata = (await env.ARCHIVE.head(key))?.customMetadata ?? {};
    const size = Object.entries(metadata).flat().join("").length;
    expect(size).toBeLessThan(2048);
    expect(posted?.headers.get("x-header-0")).toBe('"'.repeat(256));
  });

  it("that are no more are a failure that says so", async () => {
    road = await openRoad({ ...CONFIGURATION, subscribers: { decisioning: { ...subscriber, format: "raw" } } }, KEYS);
    await road.request("/in/seon", { method: "POST", headers: { digest: await signSeon(BODY) }, body: BODY });
    await road.handOut("inbound");
    await env.ARCHIVE.delete(await road.receipts());
    await road.drain();
    expect(road.posted).toEqual([]);
    expect(await reasonOf()).toBe("receipt_missing");
  });
});

describe("a subscriber's own headers", () => {
  it("go with every delivery, and none of ours is moved by them", async () => {
    const posted = await deliver({ headers: { "X-Tenant": "tenant 1", "x-env": "prod" } });
    expect(posted?.headers.get("x-tenant")).toBe("tenant 1");
    expect(posted?.headers.get("x-env")).toBe("prod");
    expect(posted?.headers.get("user-agent")).toBe("Gatepost");
  });
});

const deps = {
  receiptOf: async () => undefined,
  linkKey: async () =>
    (await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"])) as CryptoKey,
  now: () => START,
};

const subscriberWith = (members: object): Subscriber => {
  const read = readConfig({ subscribers: { a: { ...subscriber, ...members } } }, readAllowance(""), []);
  return (read.ok ? read.config.subscribers.get("a") : undefined) as Subscriber;
};

describe("a notice of the gateway's own", () => {
  it.each([
    ["raw", {}],
    ["cloudevents", { include: ["checks"], redact: ["/data/subscriber", "/outcome"] }],
  ])("goes out whole, to a subscriber of the format %s too: it is about nobody", async (format, projection) => {
    const data = { subscriber: "crm", count: 2 };
    const event = await composeNotice({ key: "k", type: "gateway.delivery.dead", at: START, data }, undefined);
    const settings = subscriberWith({ format, ...projection });
    const content = await contentOf({ event, metadata: {} }, "notices/x.json", settings, "null", deps);
    expect(content?.headers["content-type"]).toContain("application/cloudevents+json");
    expect(JSON.parse(new TextDecoder().decode(content?.body))).toEqual(event);
  });
});

describe("links to files", () => {
  const event = eventOf();
  const file = { id: "fil_1", kind: "selfie", contentType: "image/jpeg", size: 1, sha256: "00" } as const;
  const stored = { event: { ...event, data: { ...event.data, files: [file] } }, metadata: {} };

  it("come to nobody who wants the vendor's bytes, where those cannot be found", async () => {
    const raw = subscriberWith({ format: "raw" });
    expect(await contentOf(stored, "events/x", raw, "https://gateway.example", deps)).toBeUndefined();
  });

  it.each(["cloudevents", "cloudevents-binary", "standard"])("are in the format %s", async (format) => {
    const settings = subscriberWith({ format });
    const content = await contentOf(stored, "events/x", settings, "https://gateway.example", deps);
    expect(new TextDecoder().decode(content?.body)).toContain('"url":"https://gateway.example/files/fil_1?');
  });
});

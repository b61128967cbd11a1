/** A vendor that nobody has thought of works from a `PUT /api/config` alone, with the source that the documentation shows. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAcme, type Acme } from "../simulators/acme/acme.ts";
import type { Sender } from "../simulators/sending.ts";
import { dataOf, expectFiles } from "./files.ts";
import { openGateway, type Gateway, type Verified } from "./gateway.ts";

const PAGE = new URL("../../docs/custom-vendors.md", import.meta.url);

/** As it stands on the page, but for where Acme is and what it signs with. */
function sourceOnPage({ url, publicKey }: Acme): Record<string, unknown> {
  const [, text = ""] = /```json\n(.*?)\n```/s.exec(readFileSync(PAGE, "utf8")) ?? [];
  const source = text
    .replaceAll("https://api.acme.example", url)
    .replace("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", publicKey);
  return JSON.parse(source) as Record<string, unknown>;
}

let acme: Acme;
let gateway: Gateway;
let sender: Sender;

beforeAll(async () => {
  acme = await startAcme({ seed: 20_261_122 });
  const unmapped = { ...sourceOnPage(acme), map: undefined, session: undefined, events: { "*": "deliver" } };
  const challenges = {
    slack: { method: "POST", when: { at: "/type", equals: "url_verification" }, echo: "/challenge" },
    meta: { method: "GET", query: "hub.challenge", as: "json", member: "answer" },
  };
  gateway = await openGateway(
    (subscriberUrl) => ({
      sources: {
        acme: sourceOnPage(acme),
        unmapped,
        slack: { ...unmapped, challenge: challenges.slack },
        meta: { ...unmapped, challenge: challenges.meta },
      },
      subscribers: { everything: { url: `${subscriberUrl}/everything`, signing: [{ secret: "signing" }] } },
    }),
    { "acme-client": acme.clientSecret },
  );
  sender = acme.sender(gateway.account("acme"));
});

afterAll(async () => {
  await gateway.close();
  await acme.close();
});

async function eventOf(subject: string): Promise<Verified["event"]> {
  const [first] = await gateway.delivered(subject);
  if (!first) throw new Error("no delivery");
  return first.event;
}

describe.concurrent("a vendor that is nothing but configuration", () => {
  it("is verified, read back and delivered: person, document, checks, outcome and files", async () => {
    const session = acme.add();
    expect((await sender.send(session.webhook)).answer.status).toBe(200);
    const event = await eventOf(session.id);
    const { person } = session;
    expect(event).toMatchObject({
      type: "idv.session.finished",
      outcome: "approved",
      vendor: "custom",
      time: new Date(session.webhook.sent_at).toISOString(),
      data: {
        session: {
          id: session.id,
          externalId: `cust-${session.id}`,
          flow: "acme-kyc",
          vendorEvent: "session.completed",
          vendorStatus: "genuine",
          basis: "vendor_api",
          decidedBy: "machine",
          startedAt: "2026-02-03T10:03:20.000Z",
          final: true,
        },
        person: { givenName: person.givenName, familyName: person.familyName, birthDate: person.birthDate },
        document: { type: "passport", number: person.documentNumber, country: "BRA", expiresOn: "2031-05-06" },
        checks: [
          { kind: "liveness", name: "liveness", result: "pass", score: 0.97, vendorValue: "live" },
          { kind: "face_match", name: "face", result: "pass", vendorValue: "ok" },
          { kind: "watchlist", name: "sanctions", result: "fail", vendorValue: "hit" },
        ],
        files: [{ kind: "document.front", name: "front.jpg" }, { kind: "selfie" }],
        extracted: { "data.note": "hello", "session.session.remark": "seen by nobody" },
      },
    });
    expect(dataOf(event)).not.toHaveProperty("missing");
    await expectFiles(event, session.files);
    expect(JSON.stringify(event)).not.toContain("X-Amz");
  });

  it("has its credential sent to its own origin and nowhere else", async () => {
    const session = acme.add("forged");
    await sender.send(session.webhook);
    expect(await eventOf(session.id)).toMatchObject({ outcome: "declined" });
    const [api, storage] = [acme.requests, acme.storage.requests].map((requests) =>
      requests.map(({ headers }) => headers.authorization !== undefined),
    );
    expect([new Set(api), new Set(storage)]).toEqual([new Set([true]), new Set([false])]);
  });

  it("lets nobody else in", async () => {
    const { webhook } = acme.add();
    for (const tampering of ["changed_byte", "wrong_credential", "no_credential"] as const)
      expect([tampering, (await sender.send(webhook, tampering)).answer.status]).toEqual([tampering, 401]);
  });

  it("is known again by its bytes, and other bytes under its delivery's id are news", async () => {
    const { webhook } = acme.add();
    const first = await sender.send(webhook);
    const again = await sender.send(webhook);
    expect(again.answer.json).toEqual({ ...first.answer.json, duplicate: true });
    expect((await sender.send({ ...webhook, attempt: 2 })).answer.json).not.toHaveProperty("duplicate");
  });

  it("is asked about a session whose webhook never came", async () => {
    const session = acme.add("unclear");
    const answer = await gateway.admin.call(`/api/sessions/acme/${session.id}/pull`, "POST");
    expect(answer.status).toBe(202);
    expect(await eventOf(session.id)).toMatchObject({
      type: "idv.session.finished",
      outcome: "review",
      data: { session: { basis: "vendor_api" } },
    });
  });

  it("without a map is progress of an unknown outcome, with all that was sent", async () => {
    const { webhook, id } = acme.add();
    await acme.sender(gateway.account("unmapped")).send(webhook);
    expect(await eventOf(id)).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
      data: { session: { basis: "signature" }, extracted: { "data.status": "done", "data.note": "hello" } },
    });
  });
});

describe.concurrent("a vendor that asks whose URL it is", () => {
  const post = (source: string, body: unknown) =>
    fetch(`${gateway.url}/in/${source}`, { method: "POST", body: JSON.stringify(body) });

  it("is answered with its own word, as text that no browser runs", async () => {
    const word = "<script>alert(1)</script>";
    const answer = await post("slack", { type: "url_verification", challenge: word });
    expect([answer.status, await answer.text()]).toEqual([200, word]);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await gateway.receipts("slack")).toEqual([]);
  });

  it("is answered in JSON where it asks by the URL", async () => {
    const answer = await fetch(`${gateway.url}/in/meta?hub.challenge=4711`);
    expect([answer.status, await answer.json()]).toEqual([200, { answer: "4711" }]);
  });

  it.each([
    ["another type", "slack", { type: "event", challenge: "x" }],
    ["a word that is none", "slack", { type: "url_verification", challenge: { a: 1 } }],
    ["a word of more than 1 KiB", "slack", { type: "url_verification", challenge: "x".repeat(1025) }],
    ["a source that describes none", "unmapped", { type: "url_verification", challenge: "x" }],
    ["a source that is asked otherwise", "meta", { type: "url_verification", challenge: "x" }],
  ])("is not, for %s", async (_name, source, body) => {
    expect((await post(source, body)).status).toBe(401);
  });

  it.each([
    "acme?hub.challenge=1",
    "slack?hub.challenge=1",
    "meta?challenge=1",
    "meta",
    `meta?hub.challenge=${"x".repeat(1025)}`,
  ])("is not, by GET /in/%s", async (path) => {
    expect((await fetch(`${gateway.url}/in/${path}`)).status).toBe(405);
  });
});

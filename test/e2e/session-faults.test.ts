/** Vendors that are slow, ill or hostile: nothing is lost, nothing is doubled, no credential goes astray. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BROKEN, OVERLOADED, RATE_LIMITED, type Fault } from "../simulators/faults.ts";
import { dataOf, expectFiles } from "./files.ts";
import { openSessionGateway, type SessionGateway } from "./session-sources.ts";

let world: SessionGateway;
beforeAll(async () => {
  world = await openSessionGateway(20_261_122);
});
afterAll(() => world.close());
beforeEach(() => {
  for (const { faults } of Object.values(world.vendors)) faults.clear();
});

const TROUBLES: Fault[] = [
  BROKEN,
  OVERLOADED,
  RATE_LIMITED,
  { kind: "reset" },
  { kind: "cut" },
  { kind: "cut", isChunked: true },
];
const SESSIONS = 2;

describe("a vendor that fails one time in three", () => {
  it("costs no event and no file, and doubles none", { timeout: 120_000 }, async () => {
    const { vendors, senders, gateway } = world;
    for (const { faults } of Object.values(vendors)) faults.rate(1 / 3, TROUBLES);
    const regula = Array.from({ length: SESSIONS }, () => vendors.regula.add());
    const incode = Array.from({ length: SESSIONS }, () => vendors.incode.add());
    const unico = Array.from({ length: SESSIONS }, () => vendors.unico.add());
    for (const { id } of regula) await senders.regula.send({ sessionId: id });
    for (const { id } of incode)
      await senders.incode.send(senders.incode.payloads.status("ONBOARDING_FINISHED", { interviewId: id }));
    for (const { id } of unico) await senders.unico.send(senders.unico.payloads.ok({ processId: id }));

    const sessions = [...regula, ...incode, ...unico];
    const deliveries = await Promise.all(sessions.map(({ id }) => gateway.delivered(id, 1, 100_000)));
    for (const { faults } of Object.values(vendors)) faults.clear();
    const failed = Object.values(vendors).flatMap(({ requests }) =>
      requests.filter(({ fault }) => fault !== undefined),
    );
    expect(failed.length).toBeGreaterThan(SESSIONS * 3);
    for (const [index, session] of sessions.entries()) {
      const [first, ...repeats] = deliveries[index] ?? [];
      if (!first) throw new Error("not delivered");
      expect(repeats).toEqual([]);
      expect(first.event).toMatchObject({ outcome: "approved", data: { session: { basis: "vendor_api" } } });
      expect(dataOf(first.event)).not.toHaveProperty("missing");
      await expectFiles(first.event, session.files);
    }
  });
});

/** Another host, which tells what came to it. */
async function openStranger(): Promise<{ url: string; heard: IncomingHttpHeaders[]; server: Server }> {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.end("from elsewhere");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/anywhere`, heard, server };
}

describe("a vendor that redirects", () => {
  it.each([
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/private",
    "http://[::1]:1/",
    "ftp://files.example.com/x",
  ])("to %s is not followed, and the event says so", async (target) => {
    const { vendors, senders, gateway } = world;
    const session = vendors.regula.add();
    const [file, ...others] = session.files;
    vendors.regula.faults.next({ kind: "redirect", to: target }, 9, new RegExp(`${session.id}.*${file?.id}`));
    await senders.regula.send({ sessionId: session.id });
    const [delivery] = await gateway.delivered(session.id);
    expect(delivery?.event.data).toMatchObject({
      missing: [{ what: expect.stringContaining("files/"), why: "refused" }],
    });
    if (delivery) await expectFiles(delivery.event, others);
  });

  it("to another host: a file is read there without the credential, a session is not read there at all", async () => {
    const { vendors, senders, gateway } = world;
    const stranger = await openStranger();
    const session = vendors.regula.add();
    const file = session.files[0];
    vendors.regula.faults.next({ kind: "redirect", to: stranger.url }, 9, new RegExp(`${session.id}.*${file?.id}`));
    await senders.regula.send({ sessionId: session.id });
    await gateway.delivered(session.id);
    expect(stranger.heard).toHaveLength(1);
    expect(JSON.stringify(stranger.heard)).not.toContain(vendors.regula.apiKey);

    const other = vendors.regula.add();
    vendors.regula.faults.next({ kind: "redirect", to: stranger.url }, 9, new RegExp(`sessions/${other.id}$`));
    await senders.regula.send({ sessionId: other.id });
    const [delivery] = await gateway.delivered(other.id);
    expect(delivery?.event).toMatchObject({
      outcome: "unknown",
      data: { missing: [{ what: "session", why: "redirected" }] },
    });
    expect(stranger.heard).toHaveLength(1);
    stranger.server.close();
  });
});

describe("a token", () => {
  it("is asked for once, however many webhooks need it", { timeout: 60_000 }, async () => {
    const { vendors, senders, gateway } = world;
    const before = vendors.incode.tokens.count();
    const sessions = Array.from({ length: 30 }, () => vendors.incode.add({ images: {} }));
    await Promise.all(
      sessions.map(({ id }) =>
        senders.incode.send(senders.incode.payloads.status("ONBOARDING_FINISHED", { interviewId: id })),
      ),
    );
    await Promise.all(sessions.map(({ id }) => gateway.delivered(id, 1, 50_000)));
    expect(vendors.incode.tokens.count() - before).toBeLessThanOrEqual(1);
    expect(vendors.incode.tokens.count()).toBeGreaterThanOrEqual(1);
  });

  it("that is revoked is replaced once, and nothing is lost", async () => {
    const { vendors, senders, gateway } = world;
    const before = vendors.incode.tokens.count();
    vendors.incode.tokens.revoke();
    const session = vendors.incode.add();
    await senders.incode.send(senders.incode.payloads.status("ONBOARDING_FINISHED", { interviewId: session.id }));
    const [delivery] = await gateway.delivered(session.id);
    expect(delivery?.event).toMatchObject({ outcome: "approved" });
    expect(vendors.incode.tokens.count() - before).toBe(1);
  });
});

/** Sessions and files: a webhook that only points at its session becomes an event with everything in it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataOf, expectFiles, filesOf } from "./files.ts";
import { openSessionGateway, type SessionGateway } from "./session-sources.ts";
import type { Verified } from "./gateway.ts";

let world: SessionGateway;
beforeAll(async () => {
  world = await openSessionGateway(20_261_121);
});
afterAll(() => world.close());

type Event = Verified["event"];

async function eventOf(subject: string): Promise<Event> {
  const [first] = await world.gateway.delivered(subject);
  if (!first) throw new Error("no delivery");
  return first.event;
}

describe.concurrent("from the webhook alone", () => {
  it("Regula's session is in the event: person, document, checks, outcome and files", async () => {
    const session = world.vendors.regula.add({ status: 2 });
    await world.senders.regula.send({ sessionId: session.id });
    const event = await eventOf(session.id);
    expect(event).toMatchObject({
      type: "idv.session.finished",
      outcome: "approved",
      data: {
        session: { id: session.id, basis: "vendor_api", vendorStatus: "2", final: true },
        person: { givenName: session.person.givenName, familyName: session.person.familyName },
        document: { number: session.person.documentNumber },
        checks: expect.arrayContaining([expect.objectContaining({ kind: "liveness", result: "pass" })]),
      },
    });
    expect(dataOf(event)).not.toHaveProperty("missing");
    await expectFiles(event, session.files);
  });

  it("Regula's session as maps, with relative URLs that redirect to object storage, is the same", async () => {
    const session = world.vendors.regula.add({ status: 1, shape: "map", urls: "relative", filesFrom: "redirect" });
    await world.senders.regula.send({ sessionId: session.id });
    const event = await eventOf(session.id);
    expect(event).toMatchObject({ outcome: "declined", data: { person: { givenName: session.person.givenName } } });
    await expectFiles(event, session.files);
  });

  it("Incode's session is in the event", async () => {
    const session = world.vendors.incode.add({ verdict: "OK" });
    const { senders } = world;
    await senders.incode.send(senders.incode.payloads.status("ONBOARDING_FINISHED", { interviewId: session.id }));
    const event = await eventOf(session.id);
    expect(event).toMatchObject({
      type: "idv.session.finished",
      outcome: "approved",
      data: {
        session: { basis: "vendor_api", vendorStatus: "OK" },
        person: { birthDate: session.person.birthDate },
        document: { number: session.person.documentNumber },
        checks: expect.arrayContaining([expect.objectContaining({ kind: "document" })]),
      },
    });
    expect(dataOf(event)).not.toHaveProperty("missing");
    await expectFiles(event, session.files);
  });

  it("Incode's watchlist notice brings its hits", async () => {
    const { senders, vendors } = world;
    const notice = senders.incode.payloads.watchlist();
    vendors.incode.add({
      interviewId: notice.interviewId,
      watchlist: { ref: notice.ref, searchId: notice.search_id, hits: [{ name: "ANA SAMPLE", list: "sanctions" }] },
    });
    await senders.incode.send(notice);
    const event = await eventOf(notice.interviewId);
    expect(event).toMatchObject({
      type: "idv.watchlist.updated",
      data: { watchlist: { ref: notice.ref, hits: [{ name: "ANA SAMPLE", list: "sanctions" }] } },
    });
  });

  it("Unico's process is in the event, without its token", async () => {
    const session = world.vendors.unico.add();
    const { senders } = world;
    await senders.unico.send(senders.unico.payloads.ok({ processId: session.id }));
    const event = await eventOf(session.id);
    expect(event).toMatchObject({
      type: "idv.session.finished",
      outcome: "approved",
      data: {
        session: { basis: "vendor_api" },
        person: { nationalId: { type: "BR_CPF" } },
        document: { type: expect.any(String) },
        checks: expect.arrayContaining([expect.objectContaining({ kind: "liveness", result: "pass" })]),
      },
    });
    expect(JSON.stringify(event)).not.toContain(session.secretToken);
    await expectFiles(event, session.files);
  });

  it("Unico's other contract is read too, and its 410 is an errored process", async () => {
    const { senders, vendors } = world;
    const [done, failed] = [vendors.unico.add(), vendors.unico.add({ client: { status: 5 } })];
    for (const { id } of [done, failed]) await senders.unicoApi.send(senders.unicoApi.payloads.ok({ processId: id }));
    expect(await eventOf(done.id)).toMatchObject({ outcome: "approved" });
    expect(await eventOf(failed.id)).toMatchObject({ outcome: "error" });
  });
});

describe.concurrent("a link", () => {
  it("opens its file to whoever has it, in parts where they ask; a changed one opens nothing", async () => {
    const session = world.vendors.regula.add();
    await world.senders.regula.send({ sessionId: session.id });
    const [file, other] = filesOf(await eventOf(session.id));
    const url = new URL(file?.url ?? "");
    const part = await fetch(url, { headers: { range: "bytes=2-5" } });
    const whole = new Uint8Array(await (await fetch(url)).arrayBuffer());
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes 2-5/${file?.size}`);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(whole.slice(2, 6));
    const statuses: number[] = [];
    for (const [key, value] of [
      ["expires", "9999999999"],
      ["subscriber", "somebody"],
      ["signature", "AAAA"],
    ] as const) {
      const changed = new URL(url);
      changed.searchParams.set(key, value);
      statuses.push((await fetch(changed)).status);
    }
    const elsewhere = new URL(url);
    elsewhere.pathname = `/files/${other?.id}`;
    statuses.push((await fetch(elsewhere)).status, (await fetch(`${url.origin}${url.pathname}`)).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403]);
    expect((await world.gateway.admin.call(url.pathname)).status).toBe(200);
  });
});

describe.concurrent("what cannot be had", () => {
  it("without patience is delivered with what is known and says what is missing", async () => {
    const { senders, vendors } = world;
    const { sessionId } = senders.impatient.payloads.session();
    await senders.impatient.send({ sessionId });
    expect(await eventOf(sessionId)).toMatchObject({
      type: "idv.session.progress",
      outcome: "unknown",
      data: { missing: [{ what: "session", why: "gone" }] },
    });
    const session = vendors.regula.add();
    const [gone, ...others] = session.files;
    vendors.regula.faults.next({ kind: "status", status: 410 }, 1, new RegExp(`${session.id}.*${gone?.id}`));
    await senders.impatient.send({ sessionId: session.id });
    const event = await eventOf(session.id);
    expect(event.data).toMatchObject({ missing: [{ what: expect.stringMatching(/^files\//), why: "gone" }] });
    await expectFiles(event, others);
  });
});

describe.concurrent("a session whose webhook never came", () => {
  it("is pulled", async () => {
    const session = world.vendors.regula.add({ status: 1000 });
    const answer = await world.gateway.admin.call(`/api/sessions/regula/${session.id}/pull`, "POST");
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ receipt: expect.stringMatching(/^rcp_/) });
    expect(await eventOf(session.id)).toMatchObject({
      type: "idv.session.updated",
      outcome: "declined",
      data: { session: { basis: "vendor_api", decidedBy: "human" } },
    });
    expect((await world.gateway.admin.call("/api/sessions/nobody/x/pull", "POST")).status).toBe(404);
  });
});

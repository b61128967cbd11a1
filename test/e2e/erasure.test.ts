/** Erased is erased, with real queues: a search of every store finds a tombstone, whenever it is asked for and whatever comes. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { filesOf } from "./files.ts";
import { openSessionGateway, type SessionGateway } from "./session-sources.ts";

let world: SessionGateway;
beforeAll(async () => {
  world = await openSessionGateway(20_261_128);
});
afterAll(() => world.close());

type Session = ReturnType<SessionGateway["vendors"]["regula"]["add"]>;

const hook = ({ id }: Session) => world.senders.regula.send({ sessionId: id });

interface Erasure {
  status: number;
  id: string;
  kind: string;
  state: string;
  sessions: number;
  removed: Record<string, number>;
}

async function erase(path: string): Promise<Erasure> {
  const response = await world.gateway.admin.call(path, "DELETE");
  return { ...((await response.json()) as Omit<Erasure, "status">), status: response.status };
}
const eraseSession = ({ id }: Session) => erase(`/api/sessions/regula/${id}`);

/** Keys and rows name a session by its hash, which the id of its erasure ends in. */
const hashOf = ({ id }: Erasure): string => id.slice("ers_".length);

const tracesOf = ({ id, person }: Session, ...hashes: string[]) =>
  world.gateway.traces(id, person.familyName, person.documentNumber, ...hashes);

async function expectNothing(session: Session, erasure: Erasure): Promise<void> {
  expect(await tracesOf(session)).toEqual([]);
  const places = await tracesOf(session, hashOf(erasure));
  // The audit tells who erased it, of a hash too.
  expect(places.filter((place) => place !== "audit")).toEqual(["tombstones"]);
}

const expectNothingSoon = (session: Session, erasure: Erasure) =>
  vi.waitFor(() => expectNothing(session, erasure), { timeout: 20_000, interval: 200 });

describe("an erased session", () => {
  it("is found nowhere, its files neither; what comes of it afterwards is answered, and gone", async () => {
    const session = world.vendors.regula.add({ status: 2 });
    await hook(session);
    const [delivery] = await world.gateway.delivered(session.id);
    const links = delivery ? filesOf(delivery.event).map(({ url }) => url) : [];
    expect(links).not.toEqual([]);
    expect(await tracesOf(session)).not.toEqual([]);

    const erased = await eraseSession(session);
    const removed = { receipts: 1, events: 1, files: links.length };
    expect(erased).toMatchObject({ status: 200, state: "done", removed });
    await expectNothing(session, erased);
    for (const link of links) expect((await fetch(link)).status).toBe(410);

    const { answer } = await hook(session);
    expect([answer.status, answer.json["success"]]).toEqual([200, true]);
    await expectNothingSoon(session, erased);
    expect((await world.gateway.admin.call(`/api/sessions/regula/${session.id}`)).status).toBe(410);
    expect(await world.gateway.delivered(session.id)).toHaveLength(1);
  });

  it("is found nowhere either where it was under way, at whatever point", async () => {
    const sessions = Array.from({ length: 8 }, () => world.vendors.regula.add({ status: 2 }));
    const erasures = await Promise.all(
      sessions.map(async (session, index) => {
        await hook(session);
        await pause(index * 60);
        return eraseSession(session);
      }),
    );
    // Longer than what was under way takes; then nothing may come any more.
    await pause(3000);
    for (const [index, session] of sessions.entries()) {
      const erasure = erasures[index];
      if (erasure) await expectNothing(session, erasure);
    }
  });

  it("is erased once by two at once", async () => {
    const session = world.vendors.regula.add({ status: 2 });
    await hook(session);
    await world.gateway.delivered(session.id);
    const [one, other] = await Promise.all([eraseSession(session), eraseSession(session)]);
    expect([one.status, other.status]).toEqual([200, 200]);
    await expectNothing(session, one);
  });
});

it("an erased person is found nowhere, at no vendor", async () => {
  const { unicoApi } = world.senders;
  const externalId = "client-reference-of-ours";
  const ids = ["process-of-one", "process-of-two"];
  for (const processId of ids) {
    await unicoApi.send({ processId, state: "PROCESS_STATE_FINISHED", result: "expired", clientReference: externalId });
    await world.gateway.delivered(processId);
  }
  const erased = await erase(`/api/persons/${externalId}`);
  expect(erased).toMatchObject({ status: 200, kind: "person", sessions: 2 });
  expect(await world.gateway.traces(externalId, ...ids)).toEqual([]);
  // Of the person, and of each session for the person's sake.
  const places = await world.gateway.traces(hashOf(erased));
  expect(places.filter((place) => place !== "audit")).toEqual(["tombstones", "tombstones", "tombstones"]);
});

/** What a subscriber answered is kept and told; keeping it neither costs nor delays a result, and erasing reaches it. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenD1, fails, faulty, hangs } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, SECRETS, sendSeon, seonFinished } from "../senders.ts";

const ANSWER = "the subscriber's own words";
const { decisioning } = CONFIGURATION.subscribers;

let road: Road;
beforeEach(async () => {
  const subscribers = { decisioning: { ...decisioning, retry: [5] }, second: { ...decisioning, retry: [5] } };
  road = await openRoad({ ...CONFIGURATION, subscribers }, SECRETS);
});

async function deliver(...answers: (Response | Error)[]): Promise<void> {
  road.answers.push(...answers);
  await sendSeon(road, seonFinished());
  await road.drain();
}

const answersIn = async () => (await env.ARCHIVE.list({ prefix: "answers/" })).objects.map(({ key }) => key);
const states = async () => (await env.LEDGER.prepare("SELECT state, log FROM deliveries").all()).results;

type Delivery = { id: string; attempts: { attempt: number; answer?: string }[] };

async function deliveries(): Promise<Delivery[]> {
  const { items } = await (await road.admin("/api/deliveries")).json<{ items: { id: string }[] }>();
  return Promise.all(
    items.map(async ({ id }) => {
      const response = await road.admin(`/api/deliveries/${id}`);
      expect(response.status).toBe(200);
      return response.json<Delivery>();
    }),
  );
}

/** The archive, with something else done in the place of what is put under `answers/`. */
const archiveThat = (puts: (...parameters: unknown[]) => unknown) =>
  faulty(env.ARCHIVE, {
    put: (...parameters) =>
      String(parameters[0]).startsWith("answers/")
        ? puts(...parameters)
        : (Reflect.get(env.ARCHIVE, "put") as typeof puts).apply(env.ARCHIVE, parameters),
  });

describe("a subscriber's answer", () => {
  it("is told with its attempt, its first 4 KiB, and none of its headers", async () => {
    const long = "x".repeat(5000);
    await deliver(new Response(ANSWER, { status: 500, headers: { "x-marker": "MARKER" } }), new Response(long));
    road.pass(10_000);
    road.answers.push(new Response('{"taken":true}'));
    await road.drain();
    const told = await deliveries();
    const answers = told.map(({ attempts }) => attempts.map(({ answer }) => answer));
    expect(answers.toSorted((one, other) => other.length - one.length)).toEqual([
      [ANSWER, '{"taken":true}'],
      [long.slice(0, 4096)],
    ]);
    expect(JSON.stringify(told)).not.toContain("MARKER");
    const { items } = await (await road.admin("/api/events")).json<{ items: { id: string }[] }>();
    const event = await (await road.admin(`/api/events/${items[0]?.id}`)).json<{ deliveries: Delivery[] }>();
    expect(event.deliveries).toEqual(expect.arrayContaining(told));
  });

  it("shares one object with those of its batch, and an empty one none", async () => {
    await deliver(new Response("one"), new Response("two"));
    expect(await answersIn()).toEqual([expect.stringMatching(/^answers\/2026-02-03\/unique-\d+\.json$/)]);
    road.pass(1000);
    await sendSeon(road, seonFinished({ id: "session-2" }));
    road.answers.push(new Response(null), new Response(null, { status: 204 }));
    await road.drain();
    expect(await answersIn()).toHaveLength(1);
    expect((await deliveries())[0]?.attempts).toEqual([expect.not.objectContaining({ answer: expect.anything() })]);
  });

  it("stays out of ledger and queues", async () => {
    road.answers.push(new Response(ANSWER), new Response(ANSWER));
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    let batches = 0;
    // The lease is had; what came of the attempts is not written down.
    const batch = (...parameters: unknown[]) =>
      batches++ === 0 ? Reflect.apply(env.LEDGER.batch, env.LEDGER, parameters) : fails();
    await road.handOut("deliveries", { LEDGER: faulty(env.LEDGER, { batch }) });
    expect(road.waiting("retries")).toBe(1);
    expect(JSON.stringify([...road.queues])).not.toContain(ANSWER);
    road.pass(30_000);
    await road.drain();
    expect(JSON.stringify(await states())).not.toContain(ANSWER);
    expect((await deliveries()).map(({ attempts }) => attempts[0]?.answer)).toEqual([ANSWER, ANSWER]);
  });

  it.each([
    ["fails", fails],
    ["hangs", hangs],
  ])("is done without where the archive %s: the delivery is settled", async (_name, puts) => {
    road.world.bindings = { ARCHIVE: archiveThat(puts) };
    await deliver(new Response(ANSWER));
    road.world.bindings = {};
    expect(await states()).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
    expect((await deliveries()).map(({ attempts }) => "answer" in (attempts[0] ?? {}))).toEqual([false, false]);
  });
});

it.each([
  ["is written while nobody waits for it any more", hangs],
  ["is written, and said not to be", fails],
])("an answer that %s goes with its session", async (_name, then) => {
  const putThen = async (...parameters: unknown[]) => {
    await Reflect.apply(env.ARCHIVE.put, env.ARCHIVE, parameters);
    return then();
  };
  road.world.bindings = { ARCHIVE: archiveThat(putThen) };
  await deliver(new Response(ANSWER), new Response(ANSWER));
  road.world.bindings = {};
  expect(await answersIn()).toHaveLength(1);
  expect((await road.admin("/api/sessions/seon/session-1", "DELETE")).status).toBe(200);
  expect(await answersIn()).toEqual([]);
});

it("every answer to a delivery of as many attempts as there can be goes with its session", async () => {
  const subscribers = { decisioning: { ...decisioning, retry: Array<number>(100).fill(300) } };
  road = await openRoad({ ...CONFIGURATION, subscribers }, SECRETS);
  await sendSeon(road, seonFinished());
  for (let attempt = 0; attempt < 101; attempt++) {
    road.answers.push(new Response(ANSWER, { status: 500 }));
    await road.drain();
    // Longer than an open breaker waits for its next probe.
    road.pass(400_000);
  }
  expect([road.posted.length, (await answersIn()).length]).toEqual([101, 101]);
  expect((await road.admin("/api/sessions/seon/session-1", "DELETE")).status).toBe(200);
  expect(await answersIn()).toEqual([]);
});

describe("an answer to a delivery that was erased while it was attempted", () => {
  const erase = () => env.LEDGER.prepare("DELETE FROM deliveries").run();
  const put = async (...parameters: unknown[]) => {
    await erase();
    return Reflect.apply(env.ARCHIVE.put, env.ARCHIVE, parameters) as unknown;
  };

  it("is forgotten", async () => {
    road.world.bindings = { ARCHIVE: archiveThat(put) };
    await deliver(new Response(ANSWER), new Response(ANSWER));
    expect([road.posted.length, await answersIn()]).toEqual([2, []]);
  });

  it("is forgotten later where it cannot be now", async () => {
    const archive = archiveThat(put);
    road.world.bindings = { ARCHIVE: faulty(archive, { delete: fails }) };
    await deliver(new Response(ANSWER), new Response(ANSWER));
    expect(await answersIn()).toHaveLength(1);
    road.world.bindings = {};
    road.pass(30_000);
    await road.drain();
    expect([await answersIn(), road.waiting("retries"), road.posted.length]).toEqual([[], 0, 2]);
  });

  it("is kept where its delivery is only settled twice", async () => {
    let batches = 0;
    // The second batch is the first try to settle: it is done, and said not to be.
    const batch = async (...parameters: unknown[]) => {
      const done = (await Reflect.apply(env.LEDGER.batch, env.LEDGER, parameters)) as unknown;
      return batches++ === 1 ? fails() : done;
    };
    road.answers.push(new Response(ANSWER), new Response(ANSWER));
    await sendSeon(road, seonFinished());
    await road.handOut("inbound");
    await road.handOut("deliveries", { LEDGER: faulty(env.LEDGER, { batch }) });
    expect(batches).toBe(3);
    expect((await deliveries()).map(({ attempts }) => attempts[0]?.answer)).toEqual([ANSWER, ANSWER]);
  });
});

it("no delivery is told that there is none of", async () => {
  for (const id of [`dlv_${"0".repeat(64)}`, "MARKER"]) {
    const response = await road.admin(`/api/deliveries/${id}`);
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { type: "urn:gatepost:problem:unknown-delivery" },
    ]);
  }
  road.world.bindings = { LEDGER: brokenD1(env.LEDGER) };
  expect((await road.admin(`/api/deliveries/dlv_${"0".repeat(64)}`)).status).toBe(503);
});

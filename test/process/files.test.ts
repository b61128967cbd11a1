/** A session's files on their way into the company's storage: each once, none for ever, what cannot be had is named. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { dyingBindings } from "../faults.ts";
import type { Road } from "../road.ts";
import { sendRegula } from "../senders.ts";
import {
  contentOf,
  dataOf,
  openReadingRoad,
  openRegula,
  receiptStates,
  runOut,
  type RegulaAccount,
} from "./accounts.ts";

const MINUTE = 60_000;

let road: Road;
let regula: RegulaAccount;

async function open(settings: object = {}): Promise<void> {
  road = await openReadingRoad(settings);
  road.clock.at = Date.now();
  regula = openRegula(road);
}
beforeEach(() => open());

async function hook(files: readonly string[], id = "one"): Promise<void> {
  regula.sessions.set(id, { status: 2, files });
  await sendRegula(road, { sessionId: id });
}
const event = () => road.events().at(-1);
const stored = async () => (await env.ARCHIVE.list({ prefix: "files/" })).objects.length;
const rows = async () => (await env.LEDGER.prepare("SELECT * FROM files ORDER BY id").all()).results;
const askedFor = (file: string) => regula.count(new RegExp(`/${file}$`));

describe("a session's files", () => {
  it("are in R2 and in the ledger as the event tells of them, and each opens to its bytes", async () => {
    await hook(["front", "selfie"]);
    await road.drain();
    const files = dataOf(event()).files ?? [];
    expect(files).toHaveLength(2);
    expect([await stored(), (await rows()).length]).toEqual([2, 2]);
    for (const [index, name] of ["front", "selfie"].entries()) {
      const opened = await road.admin(`/files/${files[index]?.id}`);
      expect(new Uint8Array(await opened.arrayBuffer())).toEqual(contentOf(name));
    }
    expect(await rows()).toContainEqual({
      id: files[0]?.id,
      event: event()?.id,
      kind: expect.any(String),
      content_type: "image/jpeg",
      size: 1024,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("that fail are asked for again, and those that succeeded are not", async () => {
    const failing = new Set(["b", "d"]);
    regula.trouble = (path) => (failing.has(path.slice(-1)) ? new Response(null, { status: 503 }) : undefined);
    await hook(["a", "b", "c", "d"]);
    await road.drain();
    expect([road.posted.length, await stored()]).toEqual([0, 2]);
    failing.delete("b");
    road.pass(1000);
    await road.drain();
    failing.clear();
    await runOut(road);
    expect(["a", "c"].map(askedFor)).toEqual([1, 1]);
    expect(["b", "d"].map((file) => regula.seconds(new RegExp(`/${file}$`)))).toEqual([
      [0, 1],
      [0, 1, 3],
    ]);
    expect([dataOf(event()).files?.length, dataOf(event()).missing]).toEqual([4, undefined]);
  });

  it.each([
    [404, "gone"],
    [410, "gone"],
    [403, "forbidden"],
  ])("that are refused with %d are named, the others are had", async (status, why) => {
    regula.trouble = (path) => (path.endsWith("/b") ? new Response(null, { status }) : undefined);
    await hook(["a", "b", "c"]);
    await road.drain();
    expect(dataOf(event()).missing).toEqual([{ what: "files/b", why }]);
    expect([dataOf(event()).files?.length, askedFor("b")]).toEqual([2, 1]);
  });

  it("that match no glob of the source are not asked for, and are no loss", async () => {
    await open({ files: ["front*", "*.PDF"] });
    await hook(["front-1", "selfie", "Report.pdf"]);
    await road.drain();
    expect(["front-1", "selfie", "Report.pdf"].map(askedFor)).toEqual([1, 0, 1]);
    expect([dataOf(event()).files?.length, dataOf(event()).missing]).toEqual([2, undefined]);
  });
});

describe("a limit", () => {
  it("of a file's size leaves out what is larger, and keeps what is just as large", async () => {
    await open({ maxFileBytes: 1024 });
    regula.trouble = (path) => (path.endsWith("/b") ? new Response(new Uint8Array(1025)) : undefined);
    await hook(["a", "b", "c"]);
    await road.drain();
    expect(dataOf(event()).missing).toEqual([{ what: "files/b", why: "too_large" }]);
    expect([dataOf(event()).files?.length, await stored()]).toEqual([2, 2]);
  });

  it("of a session's size holds over all of its files", async () => {
    await open({ maxSessionBytes: 2500 });
    await hook(["a", "b", "c", "d"]);
    await road.drain();
    expect(dataOf(event()).missing).toEqual([
      { what: "files/c", why: "too_large" },
      { what: "files/d", why: "too_large" },
    ]);
    expect(await stored()).toBe(2);
  });

  it("of a session's size holds as well where files came in several attempts", async () => {
    await open({ maxSessionBytes: 2500 });
    let isFirst = true;
    regula.trouble = (path) => (path.endsWith("/a") && isFirst ? new Response(null, { status: 503 }) : undefined);
    await hook(["a", "b", "c"]);
    await road.drain();
    isFirst = false;
    await runOut(road);
    const sizes = (dataOf(event()).files ?? []).map(({ size }) => size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2500);
    expect(dataOf(event()).missing).toHaveLength(1);
  });
});

describe("files that are never had", () => {
  it("are named in the event when patience is over", async () => {
    await open({ patienceSeconds: 60 });
    regula.trouble = (path) => (path.endsWith("/b") ? new Response(null, { status: 503 }) : undefined);
    await hook(["a", "b"]);
    await runOut(road);
    expect(dataOf(event()).missing).toEqual([{ what: "files/b", why: "unavailable" }]);
    expect([dataOf(event()).files?.length, askedFor("a")]).toEqual([1, 1]);
  });

  it("hold the event back where the source says so", async () => {
    await open({ patienceSeconds: 0, onGiveUp: "hold" });
    regula.trouble = (path) => (path.endsWith("/b") ? new Response(null, { status: 503 }) : undefined);
    await hook(["a", "b"]);
    await road.drain();
    expect([road.posted.length, await receiptStates(env.LEDGER)]).toEqual([0, [{ state: "held", reason: "files" }]]);
  });

  it("are news when the session is read again and they can be had", async () => {
    await open({ patienceSeconds: 0 });
    regula.trouble = (path) => (path.endsWith("/b") ? new Response(null, { status: 503 }) : undefined);
    await hook(["a", "b"]);
    await road.drain();
    regula.trouble = () => undefined;
    for (let round = 0; round < 2; round++) {
      road.pass(2 * MINUTE);
      await hook(["a", "b"]);
      await road.drain();
    }
    expect(road.events().map((each) => dataOf(each).files?.length)).toEqual([1, 2]);
    expect(dataOf(event()).missing).toBeUndefined();
  });
});

/** To whom it dies before: a store or a queue. Calls to the vendor stand between those, and change nothing by themselves. */
describe("a consumer that dies between any two calls", () => {
  const MOST_STEPS = 60;

  it("leaves one event with each file once, delivered once", async () => {
    let hasLived = false;
    let step = 0;
    for (; !hasLived && step < MOST_STEPS; step++) {
      const id = `session-${step}`;
      await hook(["a", "b", "c"], id);
      const dying = dyingBindings(road.queueBindings, step);
      road.world.isDead = dying.isDead;
      await road.handOut("sessions", dying.bindings).catch(() => undefined);
      hasLived = !dying.isDead();
      road.world.isDead = () => false;
      for (let round = 0; round < 2; round++) {
        await runOut(road, 600);
        road.pass(10 * MINUTE);
        await road.sweep();
      }
      await road.drain();
      const mine = road.posted.filter((each) => each.event.subject === id);
      expect(mine, `died before step ${step}`).toHaveLength(1);
      expect(mine[0]?.event, `died before step ${step}`).toMatchObject({ outcome: "approved" });
      const { files, missing } = dataOf(mine[0]?.event);
      expect([new Set(files?.map(({ id: file }) => file)).size, files?.length, missing]).toEqual([3, 3, undefined]);
    }
    expect(hasLived).toBe(true);
    expect(step).toBeGreaterThan(10);
    expect([await stored(), (await rows()).length]).toEqual([3 * step, 3 * step]);
    expect(new Set((await receiptStates(env.LEDGER)).map(({ state }) => state))).toEqual(new Set(["event"]));
  });
});

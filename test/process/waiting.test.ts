/** A vendor that cannot answer now is asked again, as long as its source's patience lasts; one that refuses is believed. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenQueue } from "../faults.ts";
import type { Road } from "../road.ts";
import { incodeStatus, sendIncode, sendRegula } from "../senders.ts";
import {
  API_SECRETS,
  configure,
  dataOf,
  INCODE_URL,
  openReadingRoad,
  openRegula,
  receiptStates,
  runOut,
  type RegulaAccount,
} from "./accounts.ts";

const MINUTE = 60_000;

let road: Road;
let regula: RegulaAccount;

async function open(settings: object = {}, secrets: Partial<typeof API_SECRETS> = API_SECRETS): Promise<void> {
  road = await openReadingRoad(settings, {}, secrets);
  // The local R2 stamps objects with the real time, which the sweep compares.
  road.clock.at = Date.now();
  regula = openRegula(road);
  regula.sessions.set("one", { status: 2 });
}
beforeEach(() => open());

const hook = (id = "one") => sendRegula(road, { sessionId: id });
const status = (code: number, headers: Record<string, string> = {}) =>
  new Response("marker", { status: code, headers });
const told = () => road.events().map(({ outcome }) => outcome);
const missing = () => dataOf(road.events()[0]).missing;
const ledgerRow = () => env.LEDGER.prepare("SELECT state, reason, due_at - ? AS due, reads FROM receipts");

describe("a vendor that cannot answer now", () => {
  it.each<[string, () => Response | Error, string]>([
    ["409", () => status(409), "409"],
    ["429", () => status(429), "429"],
    ["500", () => status(500), "500"],
    ["a broken connection", () => new Error("reset"), "connection"],
    ["an answer that breaks off", () => brokenBody(), "interrupted"],
  ])("with %s is asked again after 1, 2, 4, 8 … seconds, at most 5 minutes apart", async (_what, answer, reason) => {
    troubleTimes(11, answer);
    await hook();
    await road.drain();
    expect(await ledgerRow().bind(road.clock.at).first()).toEqual({ state: "waiting", reason, due: 1000, reads: 1 });
    await runOut(road);
    expect(gaps()).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect([told(), await receiptStates(env.LEDGER)]).toEqual([["approved"], [{ state: "event", reason: null }]]);
  });

  it.each([
    ["seconds", () => "90"],
    ["a date", () => new Date(road.clock.at + 90_000).toUTCString()],
  ])("and says when, in %s, is asked then", async (_format, retryAfter) => {
    road.clock.at = Math.ceil(road.clock.at / 1000) * 1000;
    regula.next(status(429, { "retry-after": retryAfter() }));
    await hook();
    await runOut(road);
    expect([gaps(), told()]).toEqual([[90], ["approved"]]);
  });

  it("waits in a message of its own: what follows is not held up, and no message grows old", async () => {
    regula.sessions.set("two", { status: 2 });
    regula.trouble = (path) => (path.endsWith("one") ? status(503) : undefined);
    await hook();
    await hook("two");
    const before = new Set(road.queues.get("sessions")?.map(({ id }) => id));
    await road.drain();
    expect(road.events().map(({ subject }) => subject)).toEqual(["two"]);
    const [waiting] = road.queues.get("sessions") ?? [];
    expect([before.has(waiting?.id ?? ""), waiting?.attempts]).toEqual([false, 0]);
  });
});

describe("patience", () => {
  it("that is over ends in an event that says what is missing", async () => {
    regula.trouble = () => status(503);
    await hook();
    await runOut(road);
    expect(told()).toEqual(["unknown"]);
    expect(missing()).toEqual([{ what: "session", why: "unavailable" }]);
    expect(Math.max(...regula.seconds())).toBe(3600);
  });

  it("is not outlasted by what the vendor asks for: it is asked once more at its end, and again within seconds", async () => {
    await open({ patienceSeconds: 600 });
    regula.trouble = () => status(503, { "retry-after": "3600" });
    await hook();
    await runOut(road);
    expect(regula.seconds()).toEqual([0, 600, 602]);
    expect(missing()).toEqual([{ what: "session", why: "unavailable" }]);
  });

  it("that is over with `hold` ends in a receipt that is held", async () => {
    await open({ onGiveUp: "hold", patienceSeconds: 60 });
    regula.trouble = () => status(503);
    await hook();
    await runOut(road);
    expect([road.posted.length, await receiptStates(env.LEDGER)]).toEqual([0, [{ state: "held", reason: "session" }]]);
  });

  it("of nought is none: one question, one event", async () => {
    await open({ patienceSeconds: 0 });
    regula.trouble = () => status(503);
    await hook();
    await road.drain();
    expect([regula.asked.length, missing()]).toEqual([1, [{ what: "session", why: "unavailable" }]]);
  });

  it("that an outage of our own has used up still asks the vendor, three times", async () => {
    troubleTimes(2, () => status(503));
    await hook();
    road.pass(5 * 60 * MINUTE);
    await runOut(road);
    expect([gaps(), told()]).toEqual([[1, 2], ["approved"]]);

    regula.trouble = () => status(503);
    await sendRegula(road, { sessionId: "two" });
    road.pass(5 * 60 * MINUTE);
    await runOut(road);
    expect(regula.seconds(/two/)).toHaveLength(3);
  });

  it("that ended without an answer is no obstacle: once the vendor is well, the session is news", async () => {
    await open({ patienceSeconds: 0 });
    regula.next(status(503));
    await hook();
    await road.drain();
    road.pass(2 * MINUTE);
    await hook();
    await road.drain();
    expect(told()).toEqual(["unknown", "approved"]);
  });
});

describe("what will not change", () => {
  it.each([
    [404, "gone"],
    [410, "gone"],
    [403, "forbidden"],
    [401, "forbidden"],
    [400, "rejected"],
  ])("%d is believed at once", async (code, why) => {
    regula.trouble = () => status(code);
    await hook();
    await road.drain();
    expect([regula.asked.length, missing()]).toEqual([1, [{ what: "session", why }]]);
    expect(road.logs).toContainEqual(expect.objectContaining({ refusals: `${why} ${code}` }));
  });
});

describe("a secret that is missing", () => {
  it("is waited for, and mended by putting it", async () => {
    const { "regula-api": _missing, ...others } = API_SECRETS;
    await open({}, others);
    await hook();
    await road.drain();
    expect([regula.asked.length, (await receiptStates(env.LEDGER))[0]]).toEqual([
      0,
      { state: "waiting", reason: "secret missing" },
    ]);
    await road.admin("/api/secrets/regula-api", "PUT", { value: "given-later" });
    await runOut(road);
    expect([told(), regula.asked[0]?.headers.get("authorization")]).toEqual([["approved"], "Apikey given-later"]);
  });
});

describe("a token", () => {
  let logins: number;
  let used: string[];
  /** @param isRefused whether a token does not open the API */
  function answerForIncode(login: () => Response, isRefused: (token: string) => boolean = () => false) {
    [logins, used] = [0, []];
    road.vendors = async (request) => {
      if (!request.url.startsWith(INCODE_URL)) return undefined;
      if (request.url.endsWith("/log-in")) {
        logins++;
        // The others have come by then.
        await scheduler.wait(1);
        return login();
      }
      const token = request.headers.get("x-incode-hardware-id") ?? "";
      used.push(token);
      return isRefused(token) ? status(401) : Response.json({ overall: { status: "OK" } });
    };
  }
  const finish = (id: string) => sendIncode(road, incodeStatus("ONBOARDING_FINISHED", id));
  const numbered = () => Response.json({ token: `token-${logins}` });

  it("that is refused is renewed once; the session is read with the new one", async () => {
    answerForIncode(numbered, (token) => token === "token-1");
    await finish("interview");
    await road.drain();
    expect([logins, used, told()]).toEqual([2, ["token-1", "token-2"], ["approved"]]);
  });

  it("whose successor is refused too is no way in: forbidden, and it is not asked for a third time", async () => {
    answerForIncode(numbered, () => true);
    await finish("interview");
    await road.drain();
    expect([logins, missing()]).toEqual([2, [{ what: "score", why: "forbidden" }]]);
  });

  it("that is not to be had now is waited for, and its endpoint is not asked by each webhook", async () => {
    let isDown = true;
    answerForIncode(() => (isDown ? status(503) : numbered()));
    for (let index = 0; index < 20; index++) await finish(`interview-${index}`);
    await road.drain();
    expect([logins, new Set((await receiptStates(env.LEDGER)).map(({ reason }) => reason))]).toEqual([
      1,
      new Set(["token unavailable"]),
    ]);
    isDown = false;
    await runOut(road);
    expect([logins, told()]).toEqual([2, Array(20).fill("approved")]);
  });

  it("of one source is asked for once, however many webhooks come", async () => {
    answerForIncode(numbered);
    for (let index = 0; index < 100; index++) await finish(`interview-${index}`);
    await road.handOutAtOnce("sessions");
    await road.drain();
    expect([logins, road.events().length]).toEqual([1, 100]);
  });
});

describe("a waiting receipt", () => {
  beforeEach(async () => {
    regula.trouble = () => status(503);
    await hook();
    await road.drain();
  });
  const messages = () => road.waiting("sessions") + road.waiting("inbound");

  it("whose message was lost is found by the sweep, and goes on where it was", async () => {
    for (let round = 0; round < 4; round++) {
      road.pass(10_000);
      await road.drain();
    }
    road.queues.clear();
    road.pass(4 * MINUTE);
    expect((await road.sweep()).reconciled).toBe(0);
    road.pass(2 * MINUTE);
    expect((await road.sweep()).reconciled).toBe(1);
    await road.drain();
    expect(await ledgerRow().bind(road.clock.at).first()).toMatchObject({ reads: 6, due: 32_000 });
    regula.trouble = () => undefined;
    await runOut(road);
    expect(told()).toEqual(["approved"]);
  });

  it("that has its message is not doubled by an hour of sweeps", async () => {
    for (let minute = 0; minute < 58; minute++) {
      await road.sweep();
      await road.drain();
      expect(messages()).toBe(1);
      road.pass(MINUTE);
    }
    expect(regula.seconds().length).toBeLessThan(25);
  });

  it("whose queue stands still for an hour has a few messages, of which one goes on", async () => {
    for (let minute = 0; minute < 50; minute++) {
      road.pass(MINUTE);
      await road.sweep();
    }
    expect(messages()).toBeLessThan(12);
    const before = regula.asked.length;
    await road.drain();
    expect(messages()).toBe(1);
    // As many as are handled at a time, each with its quick repetitions.
    expect(regula.asked.length - before).toBeLessThanOrEqual(9);
    regula.trouble = () => undefined;
    await runOut(road);
    expect([road.posted.length, told()]).toEqual([1, ["approved"]]);
  });

  it("whose message comes twice, at once, has one message after", async () => {
    const [message] = road.queues.get("sessions") ?? [];
    if (!message) throw new Error("a message expected");
    road.queues.set("sessions", [message, { ...message, id: "copy" }]);
    road.pass(2000);
    await road.handOutAtOnce("sessions");
    expect(messages()).toBe(1);
  });

  it("whose next message could not be sent asks again by the old one", async () => {
    road.pass(2000);
    await road.handOut("sessions", { SESSIONS: brokenQueue });
    expect(messages()).toBe(1);
    regula.trouble = () => undefined;
    await runOut(road);
    expect(told()).toEqual(["approved"]);
  });

  it("that is to be delivered after all is not overtaken by the message that only records", async () => {
    await open({}, API_SECRETS);
    const events = { "*": { action: "record", fetch: true } };
    await configure(road, {}, { events });
    troubleTimes(2, () => status(503));
    await hook();
    await road.drain();
    await configure(road, {});
    await hook();
    await runOut(road);
    expect(told()).toEqual(["approved"]);
  });
});

/** So often it does not help to wait. */
function troubleTimes(times: number, answer: () => Response | Error): void {
  regula.trouble = () => (regula.seconds().length > times ? undefined : answer());
}

const gaps = () =>
  regula.seconds().flatMap((second, index, all) => (index === 0 ? [] : [second - (all[index - 1] ?? 0)]));

/** Announces more than it brings. */
function brokenBody(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"status":'));
    },
    pull(controller) {
      controller.error(new Error("reset"));
    },
  });
  return new Response(body);
}

/** A webhook that only points at its session: what the session says when it is read decides what the webhook becomes. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Road } from "../road.ts";
import { sendIncode, sendRegula, incodeStatus } from "../senders.ts";
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

const WINDOW = 61_000;

let road: Road;
let regula: RegulaAccount;
beforeEach(async () => {
  road = await openReadingRoad();
  regula = openRegula(road);
  regula.sessions.set("one", { status: 2 });
});

const hook = (id = "one", more: object = {}) => sendRegula(road, { sessionId: id, ...more });
const told = () =>
  road.events().map((event) => [event.type, event.outcome, ...(dataOf(event).session?.superseded ? ["old"] : [])]);
const states = async () => (await receiptStates(env.LEDGER)).map(({ state }) => state);
const unsigned = (id: string) =>
  road.request("/in/open", { method: "POST", body: JSON.stringify({ sessionId: id, status: 2, outcome: "approved" }) });
const pull = (id: string) => road.admin(`/api/sessions/regula/${id}/pull`, "POST");

describe("an id that comes again after its window", () => {
  it("is read back, and is unchanged where its session is: nothing is delivered", async () => {
    await hook();
    await road.drain();
    road.pass(WINDOW);
    await hook();
    await road.drain();
    expect(regula.count(/sessions/)).toBe(2);
    expect(told()).toEqual([["idv.session.finished", "approved"]]);
    expect(await states()).toEqual(["event", "unchanged"]);
  });

  it("is unchanged too where its session says what nobody here understands, as long as it says the same", async () => {
    for (const status of [77, 77, 78]) {
      regula.sessions.set("one", { status });
      await hook();
      await road.drain();
      road.pass(WINDOW);
    }
    expect([told().map(([, outcome]) => outcome), await states()]).toEqual([
      ["unknown", "unknown"],
      ["event", "unchanged", "event"],
    ]);
  });

  it("is an update where its session has changed, and the same verdict a third time is one again", async () => {
    for (const status of [2, 1000, 2]) {
      regula.sessions.set("one", { status });
      await hook();
      await road.drain();
      road.pass(WINDOW);
    }
    expect(told()).toEqual([
      ["idv.session.finished", "approved"],
      ["idv.session.updated", "declined"],
      ["idv.session.updated", "approved"],
    ]);
  });

  it("is an update where only its files have changed", async () => {
    for (const files of [["a"], ["a", "b"]]) {
      regula.sessions.set("one", { status: 2, files });
      await hook();
      await road.drain();
      road.pass(WINDOW);
    }
    expect(told().map(([type]) => type)).toEqual(["idv.session.finished", "idv.session.updated"]);
  });
});

describe("two webhooks of one session", () => {
  it("read in the wrong order end in the session's newest word", async () => {
    await hook("one", { event: "first" });
    road.pass(1000);
    await hook("one", { event: "second" });
    const [first, second] = road.queues.get("sessions") ?? [];
    road.queues.set("sessions", second ? [second] : []);
    await road.drain();
    regula.sessions.set("one", { status: 1000 });
    road.pass(1000);
    road.queues.set("sessions", first ? [first] : []);
    await road.drain();
    expect(told()).toEqual([
      ["idv.session.finished", "approved"],
      ["idv.session.updated", "declined"],
    ]);
    expect(await env.LEDGER.prepare("SELECT outcome FROM sessions").first()).toEqual({ outcome: "declined" });
  });

  it("of which one was read before the other was decided: it is read again, and does not undo newer news", async () => {
    await hook("one", { event: "first" });
    await hook("one", { event: "second" });
    const [slow, quick] = road.queues.get("sessions") ?? [];
    if (!slow || !quick) throw new Error("two messages expected");
    let isFirst = true;
    const answerSlowly = road.vendors;
    road.vendors = async (request) => {
      const answer = await answerSlowly?.(request);
      if (!isFirst) return answer;
      isFirst = false;
      // While this answer is on its way a reviewer declines, and the other webhook's consumer has read that already.
      regula.sessions.set("one", { status: 1000 });
      road.queues.set("sessions", [quick]);
      road.pass(1000);
      await road.handOut("sessions");
      road.pass(1000);
      return answer;
    };
    road.queues.set("sessions", [slow]);
    await road.handOut("sessions");
    await road.drain();
    // Read again there and then, not by its message's next coming.
    expect(road.logs.filter(({ outcome }) => outcome === "again")).toEqual([]);
    expect(told()).toEqual([["idv.session.updated", "declined"]]);
    expect((await states()).toSorted()).toEqual(["event", "unchanged"]);
    expect(await env.LEDGER.prepare("SELECT outcome FROM sessions").first()).toEqual({ outcome: "declined" });
  });

  it("while it says the same are one event, whatever the webhooks say", async () => {
    for (let index = 0; index < 6; index++) await hook("one", { note: `n${index}` });
    await road.handOutAtOnce("sessions");
    await runOut(road);
    expect([road.events().length, (await states()).toSorted()]).toEqual([1, ["event", ...Array(5).fill("unchanged")]]);
  });

  it("handed out at once are one event for each thing that it says, and none is lost", async () => {
    let answers = 0;
    regula.trouble = () => {
      regula.sessions.set("one", { status: 2, name: `Name ${++answers}` });
      return undefined;
    };
    for (let index = 0; index < 6; index++) await hook("one", { note: `n${index}` });
    await road.handOutAtOnce("sessions");
    await runOut(road);
    expect(road.events()).toHaveLength(6);
    expect(await states()).toEqual(Array(6).fill("event"));
    expect(told().filter(([type]) => type === "idv.session.finished")).toHaveLength(1);
    expect(told().filter((words) => words.includes("old"))).toEqual([]);
  });
});

describe("a webhook that is recorded and fetched", () => {
  const events = { internal: { action: "record", fetch: true }, "*": "deliver" };

  it("is kept with its files; nobody is told, its session does not move, and what is delivered later is delivered", async () => {
    await configure(road, {}, { events });
    regula.sessions.set("one", { status: 2, files: ["front"] });
    await hook("one", { event: "internal" });
    await road.drain();
    expect([road.posted.length, await states()]).toEqual([0, ["recorded"]]);
    expect(await env.LEDGER.prepare("SELECT count(*) AS n FROM sessions").first()).toEqual({ n: 0 });
    expect((await env.ARCHIVE.list({ prefix: "files/" })).objects).toHaveLength(1);
    const [kept] = (await env.ARCHIVE.list({ prefix: "events/" })).objects;
    const event: unknown = await (await env.ARCHIVE.get(kept?.key ?? ""))?.json();
    expect(event).toMatchObject({ outcome: "approved", data: { files: [{ size: 1024 }] } });

    await hook();
    await road.drain();
    expect(told()).toEqual([["idv.session.finished", "approved"]]);
  });

  it("is delivered once the configuration wants it so and the vendor sends it again", async () => {
    await configure(road, {}, { events });
    await hook("one", { event: "internal" });
    await road.drain();
    await configure(road, {});
    await hook("one", { event: "internal" });
    await road.drain();
    expect(told()).toEqual([["idv.session.finished", "approved"]]);
  });

  it("is only recorded without `fetch`, and its vendor is not asked", async () => {
    await configure(road, {}, { events: { internal: "record", "*": "deliver" } });
    await hook("one", { event: "internal" });
    await road.drain();
    expect([regula.asked.length, road.posted.length, await states()]).toEqual([0, 0, ["recorded"]]);
  });
});

describe("a source whose configuration changes on the way", () => {
  it("reads back what came before it did so: the message is forwarded", async () => {
    await configure(road, null);
    await hook();
    expect([road.waiting("inbound"), road.waiting("sessions")]).toEqual([1, 0]);
    await configure(road, {});
    await road.handOut("inbound");
    expect([road.waiting("inbound"), road.waiting("sessions")]).toEqual([0, 1]);
    await road.drain();
    expect(told()).toEqual([["idv.session.finished", "approved"]]);
  });

  it("that reads back no more processes what was to be read without", async () => {
    await hook();
    await configure(road, null);
    await road.drain();
    expect(regula.asked).toEqual([]);
    expect(dataOf(road.events()[0]).missing).toEqual([{ what: "session", why: "not_configured" }]);
  });

  it("that is gone, or of another vendor, loses nothing", async () => {
    await hook();
    await configure(road, {}, { vendor: "unico", session: undefined });
    await road.drain();
    expect([regula.asked.length, told()]).toEqual([0, [["idv.session.progress", "unknown"]]]);
  });
});

describe("a webhook that nobody proved", () => {
  it("says what the vendor's API says, and rests on that", async () => {
    regula.sessions.set("one", { status: 1 });
    await unsigned("one");
    await road.drain();
    expect(told()).toEqual([["idv.session.finished", "declined"]]);
    expect(dataOf(road.events()[0]).session?.basis).toBe("vendor_api");
  });

  it("of a session that the vendor does not confirm is unknown, and rests on nothing", async () => {
    await unsigned("invented");
    await road.drain();
    expect(told()).toEqual([["idv.session.progress", "unknown"]]);
    expect(dataOf(road.events()[0]).session?.basis).toBe("none");
  });
});

describe("a pull", () => {
  it("of a session that the vendor does not know is held: nobody is told", async () => {
    expect((await pull("invented")).status).toBe(202);
    await road.drain();
    expect([road.posted.length, await receiptStates(env.LEDGER)]).toEqual([
      0,
      [{ state: "held", reason: "not_confirmed" }],
    ]);
  });

  it("and another are two receipts, the second unchanged; one after a change is an update", async () => {
    for (const status of [2, 2, 1000]) {
      regula.sessions.set("one", { status });
      await pull("one");
      await road.drain();
      road.pass(1000);
    }
    expect(await road.receipts()).toHaveLength(3);
    expect(await states()).toEqual(["event", "unchanged", "event"]);
    expect(told()).toEqual([
      ["idv.session.finished", "approved"],
      ["idv.session.updated", "declined"],
    ]);
  });

  it("and a webhook of the same session are no news to each other", async () => {
    await hook();
    await road.drain();
    road.pass(5000);
    await pull("one");
    await road.drain();
    road.pass(WINDOW);
    await hook();
    await road.drain();
    expect((await states()).toSorted()).toEqual(["event", "unchanged", "unchanged"]);
    expect(told()).toEqual([["idv.session.finished", "approved"]]);
  });

  it("of a source that reads nothing back any more is held", async () => {
    await pull("one");
    await configure(road, null);
    await road.drain();
    expect([road.posted.length, await states()]).toEqual([0, ["held"]]);
  });
});

describe("what a vendor is told and tells", () => {
  it("is in no log, no error and no value of KV", async () => {
    road.clock.at = Date.now();
    regula.sessions.set("marker-session", { status: 2, name: "Marker Person", files: ["marker-file"] });
    const ofRegula = road.vendors;
    road.vendors = async (request) => {
      if (!request.url.startsWith(INCODE_URL)) return ofRegula?.(request);
      if (request.url.endsWith("/log-in")) return Response.json({ token: "marker-incode-token" });
      return Response.json({ overall: { status: "OK" }, note: "marker-score" });
    };
    let broken = 2;
    regula.trouble = (path) =>
      broken-- > 0 ? new Response(`marker-body ${path}`, { status: broken > 0 ? 500 : 403 }) : undefined;
    await hook("marker-session");
    await sendIncode(road, incodeStatus("ONBOARDING_FINISHED", "marker-interview"));
    await runOut(road);
    road.pass(WINDOW);
    await hook("marker-session");
    await runOut(road);
    expect(JSON.stringify(road.events())).toContain("Marker Person");
    expect(regula.asked[0]?.headers.get("authorization")).toContain(API_SECRETS["regula-api"]);
    expect(JSON.stringify(road.logs)).not.toMatch(/marker/i);
    for (const namespace of [env.CONFIG, env.TOKENS, env.IDEMPOTENCY]) {
      const { keys } = await namespace.list();
      const values = await Promise.all(keys.map(({ name }) => namespace.get(name)));
      expect(JSON.stringify([keys, values])).not.toMatch(/marker/i);
    }
    expect((await env.TOKENS.list()).keys.length).toBeGreaterThan(0);
  });
});

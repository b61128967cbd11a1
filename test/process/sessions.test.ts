/** What a session's statements become, in whatever order and however many at a time they are processed. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { brokenQueue } from "../faults.ts";
import { openRoad, type Road } from "../road.ts";
import { CONFIGURATION, incodeStatus, SECRETS, sendIncode, sendSeon, sendUnico, seonFinished } from "../senders.ts";

let road: Road;
beforeEach(async () => {
  road = await openRoad(CONFIGURATION, SECRETS);
});

const summary = () =>
  road.events().map(({ type, outcome, data }) => {
    const { superseded } = (data as { session: { superseded?: boolean } }).session;
    return [type, outcome, ...(superseded ? ["superseded"] : [])].join(" ");
  });

const updated = (status: string, date: string) => seonFinished({ status, date, event: "idv:session_status_updated" });

describe("a session", () => {
  it("that ended and says something else is updated", async () => {
    await sendSeon(road, seonFinished());
    await road.drain();
    await sendSeon(road, seonFinished({ status: "DECLINED", date: "2026-02-03T11:00:00.000Z" }));
    await road.drain();
    expect(summary()).toEqual(["idv.session.finished approved", "idv.session.updated declined"]);
  });

  it("that says the same in other bytes says nothing new", async () => {
    await sendSeon(road, seonFinished());
    await road.drain();
    await sendSeon(road, seonFinished({ date: "2026-02-03T11:00:00.000Z" }));
    await road.drain();
    expect(summary()).toEqual(["idv.session.finished approved"]);
    expect(await env.LEDGER.prepare("SELECT state FROM receipts ORDER BY state").all()).toMatchObject({
      results: [{ state: "event" }, { state: "unchanged" }],
    });
  });

  it("whose older statement comes late has it delivered as superseded, and keeps its newer one", async () => {
    await sendSeon(road, updated("DECLINED", "2026-02-03T12:00:00.000Z"));
    await road.drain();
    await sendSeon(road, seonFinished());
    await road.drain();
    expect(summary()).toEqual(["idv.session.updated declined", "idv.session.finished approved superseded"]);
    const session = await env.LEDGER.prepare("SELECT outcome, time FROM sessions").first();
    expect(session).toEqual({ outcome: "declined", time: "2026-02-03T12:00:00.000Z" });
  });

  it("that is said with proof after it was said without is news", async () => {
    const seon = { ...CONFIGURATION.sources.seon, verify: [{ scheme: "none" }] };
    const put = (source: object) =>
      road.admin("/api/config", "PUT", { ...CONFIGURATION, sources: { ...CONFIGURATION.sources, seon: source } });
    await put(seon);
    await sendSeon(road, seonFinished());
    await road.drain();
    await put(CONFIGURATION.sources.seon);
    await sendSeon(road, seonFinished({ date: "2026-02-03T11:00:00.000Z" }));
    await road.drain();
    const bases = road.events().map(({ data }) => (data as { session: { basis: string } }).session.basis);
    expect(bases).toEqual(["none", "signature"]);
  });

  it("makes a milestone, an end and a manual decision three events", async () => {
    const events = {
      ID_VALIDATION_FINISHED: "deliver",
      ONBOARDING_FINISHED: "deliver",
      MANUAL_REVIEW_REJECTED: "deliver",
    };
    const incode = { ...CONFIGURATION.sources.incode, events };
    await road.admin("/api/config", "PUT", { ...CONFIGURATION, sources: { ...CONFIGURATION.sources, incode } });
    for (const status of Object.keys(events)) {
      await sendIncode(road, incodeStatus(status));
      await road.drain();
      road.pass(1000);
    }
    expect(summary()).toEqual([
      "idv.session.progress pending",
      "idv.session.finished unknown",
      "idv.session.updated declined",
    ]);
  });

  it("of one source is not the session of another with the same id", async () => {
    await sendUnico(road, { processId: "shared", state: "PROCESS_STATE_FINISHED", result: "expired", flow: "id" });
    await sendSeon(road, seonFinished({ id: "shared" }));
    await road.drain();
    expect(summary().sort()).toEqual(["idv.session.finished approved", "idv.session.finished expired"]);
  });
});

const STATUSES = ["APPROVED", "DECLINED"];

describe("many consumers at once", () => {
  it("decide about one session one after the other: one end, the rest updates or superseded, the newest remembered", async () => {
    const statements = Array.from({ length: 8 }, (_, index) =>
      seonFinished({
        status: STATUSES[index % 2] ?? "",
        date: `2026-02-03T10:0${index}:00.000Z`,
        name: `Name ${index}`,
      }),
    );
    for (const statement of statements) await sendSeon(road, statement);
    await road.handOutAtOnce("inbound");
    for (let round = 0; round < 10; round++) {
      road.pass(300_000);
      await road.handOutAtOnce("inbound");
    }
    await road.drain();
    expect(road.events()).toHaveLength(8);
    expect(
      summary().filter((text) => text.startsWith("idv.session.finished") && !text.endsWith("superseded")),
    ).toHaveLength(1);
    const session = await env.LEDGER.prepare("SELECT time, version FROM sessions").first<{
      time: string;
      version: number;
    }>();
    const moved = summary().filter((text) => !text.endsWith("superseded")).length;
    expect(session).toEqual({ time: "2026-02-03T10:07:00.000Z", version: moved });
  });

  it("of copies of one message make one event and one delivery", async () => {
    await sendSeon(road, seonFinished());
    const [held] = road.queues.get("inbound") ?? [];
    if (held)
      road.queues.set(
        "inbound",
        Array.from({ length: 50 }, (_, index) => ({ ...held, id: `copy-${index}` })),
      );
    await road.handOutAtOnce("inbound");
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });
});

describe("an event", () => {
  it("is the same, byte for byte, however often its receipt is processed", async () => {
    await sendSeon(road, seonFinished());
    const [held] = road.queues.get("inbound") ?? [];
    await road.drain();
    const before = await env.ARCHIVE.list({ prefix: "events/" });
    await env.LEDGER.batch(
      ["receipts", "events", "sessions", "deliveries"].map((table) => env.LEDGER.prepare(`DELETE FROM ${table}`)),
    );
    road.queues.set("inbound", held ? [{ ...held }] : []);
    road.pass(1_000_000);
    await road.drain();
    expect(road.posted).toHaveLength(2);
    expect((await env.ARCHIVE.list({ prefix: "events/" })).objects.map(({ key }) => key)).toEqual(
      before.objects.map(({ key }) => key),
    );
    expect(road.posted[1]?.event).toEqual(road.posted[0]?.event);
  });

  it("whose deliveries could not be enqueued is delivered by the message's next coming, without the sweep", async () => {
    await sendSeon(road, seonFinished());
    await road.handOut("inbound", { DELIVERIES: brokenQueue });
    road.pass(10_000);
    await road.drain();
    expect(road.posted).toHaveLength(1);
  });

  it("that cannot be read is kept, and shown as unreadable", async () => {
    const answer = await sendSeon(road, "not json at all");
    await road.drain();
    expect(answer.status).toBe(200);
    expect(await env.LEDGER.prepare("SELECT state, reason FROM receipts").first()).toEqual({
      state: "unreadable",
      reason: "not_json",
    });
    expect(road.posted).toEqual([]);
  });

  it("whose source left the configuration meanwhile is still processed", async () => {
    await sendSeon(road, seonFinished());
    const { seon: _gone, ...sources } = CONFIGURATION.sources;
    await road.admin("/api/config", "PUT", { ...CONFIGURATION, sources });
    await road.drain();
    expect(summary()).toEqual(["idv.session.finished approved"]);
  });

  it("of a test source reaches only subscribers that ask for tests", async () => {
    const seon = { ...CONFIGURATION.sources.seon, environment: "test" };
    const [decisioning] = [CONFIGURATION.subscribers.decisioning];
    await road.admin("/api/config", "PUT", {
      sources: { seon },
      subscribers: { decisioning, tests: { ...decisioning, filter: { environment: "test" } } },
    });
    await sendSeon(road, seonFinished());
    await road.drain();
    const { results } = await env.LEDGER.prepare("SELECT subscriber FROM deliveries").all();
    expect(results).toEqual([{ subscriber: "tests" }]);
  });

  it("tells nothing of a person to the log", async () => {
    await sendSeon(road, seonFinished({ name: "Marker Person" }));
    await road.drain();
    expect(JSON.stringify(road.logs)).not.toMatch(/Marker|cust-881|session-1/);
  });
});

describe("large bodies", () => {
  it("are processed a few at a time, each one all the same", async () => {
    const name = "x".repeat(900_000);
    for (let index = 0; index < 12; index++) await sendSeon(road, seonFinished({ id: `large-${index}`, name }));
    await road.handOut("inbound");
    await road.drain();
    expect(road.events()).toHaveLength(12);
  });
});

describe("a last word", () => {
  it("is never lost to an older one that said the same, however they are processed", async () => {
    const words = ["APPROVED", "DECLINED", "APPROVED"];
    for (const [index, status] of words.entries()) {
      await sendSeon(road, seonFinished({ status, date: `2026-02-03T10:0${index}:00.000Z` }));
    }
    await road.handOutAtOnce("inbound");
    for (let round = 0; round < 5; round++) {
      road.pass(300_000);
      await road.handOutAtOnce("inbound");
    }
    await road.drain();
    const told = road
      .events()
      .filter(({ data }) => !(data as { session: { superseded?: boolean } }).session.superseded);
    expect(told.at(-1)?.outcome).toBe("approved");
    expect(await env.LEDGER.prepare("SELECT time FROM sessions").first()).toEqual({ time: "2026-02-03T10:02:00.000Z" });
  });
});

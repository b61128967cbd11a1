import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { EventEntry, ReceiptOutcome } from "../../src/core/ledger.ts";
import { firstSequence } from "../../src/core/sequence.ts";
import type { SessionState } from "../../src/core/standing.ts";
import type { AttemptResult, DeliverTask } from "../../src/core/tasks.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createCursorLedger } from "../../src/stores/ledger/cursors.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createDeliveringLedger } from "../../src/stores/ledger/delivering.ts";
import { createProcessingLedger } from "../../src/stores/ledger/processing.ts";
import { applySchema, VERSIONS } from "../../src/stores/ledger/schema.ts";
import { createSearchLedger } from "../../src/stores/ledger/searching.ts";
import { brokenD1, faulty } from "../faults.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const LEASE_MS = 360_000;

const database = createLedgerDatabase(env.LEDGER, { isApplied: false });
const processing = createProcessingLedger(database);
const delivering = createDeliveringLedger(database);

beforeEach(async () => {
  await reset();
  await applySchema(env.LEDGER, { isApplied: false });
});

const state = (version: number, digest: string): SessionState => ({
  version,
  digest,
  time: "2026-11-17T08:00:00.000Z",
  ended: true,
});

/** The event `name`, decided while its session was at `version`. */
function entryOf(name: string, version = 0, changes: Partial<EventEntry> = {}): EventEntry {
  return {
    state: "event",
    source: "seon-live",
    session: "session",
    receipt: `rcp_${name}`,
    receivedAt: NOW,
    event: `evt_${name}`,
    type: "idv.session.finished",
    outcome: "approved",
    object: `events/${name}`,
    config: "0123456789abcdef",
    body: "body",
    generation: 0,
    facts: { vendor: "seon", environment: "live", basis: "signature", sequence: name, size: 2 },
    superseded: false,
    time: "2026-11-17T08:00:00.000Z",
    move: { expectedVersion: version, next: state(version + 1, name) },
    deliveries: ["one", "two"].map((subscriber) => ({ id: `dlv_${name}_${subscriber}`, subscriber })),
    files: [],
    ...changes,
  };
}

const outcomeOf = (name: string, changes: Partial<ReceiptOutcome> = {}): ReceiptOutcome => ({
  source: "seon-live",
  session: "session",
  receipt: `rcp_${name}`,
  receivedAt: NOW,
  body: "body",
  generation: 0,
  state: "recorded",
  ...changes,
});

const named = (...names: string[]) =>
  names.map((name) => {
    const { state: _state, ...entry } = outcomeOf(name);
    return entry;
  });

const countOf = async (table: string) =>
  (await env.LEDGER.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n;
const sessionOf = async (session = "session") =>
  (await processing.past([], [{ source: "seon-live", session, receipt: "", receivedAt: NOW }])).sessions.get(
    `seon-live/${session}`,
  );
const receiptOf = async (name: string) => (await processing.past([`rcp_${name}`], [])).receipts.get(`rcp_${name}`);

const taskOf = (delivery: string, attempt = 1): DeliverTask => ({
  v: 1,
  kind: "deliver",
  delivery,
  sequence: delivery.split("_")[1] ?? "",
  event: "evt_a",
  object: "events/a",
  owedAt: NOW,
  subscriber: delivery.endsWith("one") ? "one" : "two",
  attempt,
});
const lease = async (tasks: DeliverTask[], holder: string, now = NOW) => {
  const { taken, busy } = await delivering.lease(tasks, holder, now);
  return { taken: [...taken.keys()].sort(), busy: [...busy].sort() };
};
const settle = (task: DeliverTask, result: Partial<AttemptResult> = {}) =>
  delivering.settle([{ task, state: "delivered", at: NOW, ...result }]);
const deliveryOf = (id: string) => env.LEDGER.prepare("SELECT * FROM deliveries WHERE id = ?").bind(id).first();

describe("the schema", () => {
  it("is applied once, however often and by however many isolates at once", async () => {
    await reset();
    const applications = Array.from({ length: 10 }, () => applySchema(env.LEDGER, { isApplied: false }));
    await Promise.all(applications);
    await applySchema(env.LEDGER, { isApplied: false });
    const versions = await countOf("schema_versions");
    expect(versions).toBeGreaterThan(0);
    for (const table of ["receipts", "sessions", "events", "deliveries", "files", "cursors"])
      expect(await countOf(table)).toBe(0);
    await applySchema(env.LEDGER, { isApplied: false });
    expect(await countOf("schema_versions")).toBe(versions);
  });

  it("keeps what is there", async () => {
    await processing.commit([entryOf("a")], NOW);
    await applySchema(env.LEDGER, { isApplied: false });
    expect(await sessionOf()).toEqual(state(1, "a"));
  });

  it("of before searches carries over what it holds", async () => {
    await reset();
    const [event, hash] = ["e".repeat(32), "d".repeat(32)];
    const run = (...statements: string[]) => env.LEDGER.batch(statements.map((sql) => env.LEDGER.prepare(sql)));
    await run(
      "CREATE TABLE schema_versions (version INTEGER PRIMARY KEY)",
      "INSERT INTO schema_versions (version) VALUES (0), (1)",
      ...VERSIONS.slice(0, 2).flat(),
      `INSERT INTO receipts (id, source, state, event, received_at) VALUES ('rcp_a', 'seon', 'event', 'evt_${event}', ${NOW})`,
      `INSERT INTO receipts (id, source, state, received_at, due_at) VALUES ('rcp_b', 'seon', 'waiting', ${NOW}, ${NOW})`,
      `INSERT INTO events (id, source, session, type, outcome, object, sequence, time)
       VALUES ('evt_${event}', 'seon', 's', 'idv.session.finished', 'approved', 'events/a', '01A', 'time')`,
      `INSERT INTO deliveries (id, event, object, subscriber, state, attempts, due_at)
       VALUES ('dlv_${hash}', 'evt_${event}', 'events/a', 'one', 'retrying', 2, ${NOW})`,
    );
    const memory = { isApplied: false };
    await applySchema(env.LEDGER, memory);
    const search = createSearchLedger(createLedgerDatabase(env.LEDGER, memory));
    expect(await search.findEvent(`evt_${event}`)).toMatchObject({
      summary: { sequence: "01A", receipt: "rcp_a", outcome: "approved" },
      receipt: { id: "rcp_a", state: "event" },
      deliveries: [{ id: `dlv_${event}${hash}`, state: "retrying", attemptCount: 2, attempts: [] }],
    });
    expect((await search.listReceipts({}, 10)).items.map(({ id }) => id)).toEqual(["rcp_a", "rcp_b"]);
    // A message about the delivery's former id finds nothing; the sweep sends another.
    expect(await delivering.takeOverdue(NOW + 1, NOW, 1)).toMatchObject([
      { delivery: `dlv_${event}${hash}`, attempt: 3 },
    ]);
  });

  it("is not taken for applied where the database is out of reach", async () => {
    const memory = { isApplied: false };
    await expect(applySchema(brokenD1(env.LEDGER), memory)).rejects.toBeInstanceOf(Unavailable);
    expect(memory.isApplied).toBe(false);
  });

  it("is looked at once per isolate", async () => {
    const memory = { isApplied: false };
    await applySchema(env.LEDGER, memory);
    await applySchema(brokenD1(env.LEDGER), memory);
    expect(memory.isApplied).toBe(true);
  });
});

describe("a committed event", () => {
  it("is known with its receipt, its session and its deliveries", async () => {
    expect(await processing.commit([entryOf("a")], NOW)).toEqual(new Set(["rcp_a"]));
    expect(await receiptOf("a")).toMatchObject({ state: "event", event: "evt_a" });
    expect(await sessionOf()).toEqual(state(1, "a"));
    expect(await deliveryOf("dlv_a_one")).toMatchObject({
      state: "pending",
      attempts: 0,
      due_at: NOW,
      subscriber: "one",
    });
    expect(await countOf("events")).toBe(1);
  });

  it("committed again is not committed, and changes nothing", async () => {
    await processing.commit([entryOf("a")], NOW);
    await settle(taskOf("dlv_a_one"));
    expect(await processing.commit([entryOf("a")], NOW + 1)).toEqual(new Set());
    expect(await deliveryOf("dlv_a_one")).toMatchObject({ state: "delivered" });
    expect([await countOf("events"), await countOf("deliveries"), await sessionOf()]).toEqual([1, 2, state(1, "a")]);
  });

  it("decided against an older state of its session is none, and leaves no trace", async () => {
    await processing.commit([entryOf("a")], NOW);
    expect(await processing.commit([entryOf("b")], NOW)).toEqual(new Set());
    expect(await receiptOf("b")).toBeUndefined();
    expect([await countOf("events"), await countOf("deliveries"), await sessionOf()]).toEqual([1, 2, state(1, "a")]);
  });

  it("of ten decided at once about one session is one", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    const committed = await Promise.all(names.map((name) => processing.commit([entryOf(name)], NOW)));
    const winners = committed.flatMap((set) => [...set]);
    expect(winners).toHaveLength(1);
    expect([await countOf("events"), await countOf("deliveries"), await countOf("receipts")]).toEqual([1, 2, 1]);
    expect(await sessionOf()).toEqual(state(1, (winners[0] ?? "").slice("rcp_".length)));
  });

  it("follows another of its batch, in order", async () => {
    const committed = await processing.commit([entryOf("a", 0), entryOf("b", 1), entryOf("c", 5)], NOW);
    expect(committed).toEqual(new Set(["rcp_a", "rcp_b"]));
    expect(await sessionOf()).toEqual(state(2, "b"));
  });

  it("that does not move its session leaves it as it is, and still needs it to be so", async () => {
    const still = (version: number) => ({ move: { expectedVersion: version, next: undefined } });
    await processing.commit([entryOf("a"), entryOf("b", 1, still(1))], NOW);
    expect([await sessionOf(), await countOf("events")]).toEqual([state(1, "a"), 2]);
    expect(await processing.commit([entryOf("c", 0, still(0))], NOW)).toEqual(new Set());
  });

  it("of another session or source has nothing to do with it", async () => {
    await processing.commit([entryOf("a")], NOW);
    const others = [entryOf("b", 0, { session: "other" }), entryOf("c", 0, { source: "other" })];
    expect(await processing.commit(others, NOW)).toEqual(new Set(["rcp_b", "rcp_c"]));
    expect(await sessionOf()).toEqual(state(1, "a"));
  });

  it("without a subscriber is an event all the same", async () => {
    expect(await processing.commit([entryOf("a", 0, { deliveries: [] })], NOW)).toEqual(new Set(["rcp_a"]));
  });
});

describe("a receipt that made no event", () => {
  it.each(["recorded", "unreadable", "dead"] as const)("%s may become an event later", async (before) => {
    await processing.commit([outcomeOf("a", { state: before, reason: "why" })], NOW);
    expect(await receiptOf("a")).toMatchObject({ state: before, event: undefined });
    expect(await processing.commit([entryOf("a")], NOW)).toEqual(new Set(["rcp_a"]));
    expect(await receiptOf("a")).toMatchObject({ state: "event", event: "evt_a" });
  });

  it("that did make one, or said nothing new, is never anything else again", async () => {
    await processing.commit([entryOf("a"), outcomeOf("b", { state: "unchanged" })], NOW);
    await processing.commit([outcomeOf("a", { state: "dead" }), outcomeOf("b", { state: "dead" })], NOW);
    expect((await receiptOf("a"))?.state).toBe("event");
    expect((await receiptOf("b"))?.state).toBe("unchanged");
    expect(await processing.commit([entryOf("b", 1)], NOW)).toEqual(new Set());
  });

  it("unchanged is so only against the state that it was compared with, and moves the session's time", async () => {
    await processing.commit([entryOf("a")], NOW);
    const later = { ...state(2, "a"), time: "2026-11-17T09:00:00.000Z" };
    const unchanged = (name: string, expectedVersion: number) =>
      processing.commit([outcomeOf(name, { state: "unchanged", move: { expectedVersion, next: later } })], NOW);
    expect(await unchanged("b", 0)).toEqual(new Set());
    expect([await receiptOf("b"), await sessionOf()]).toEqual([undefined, state(1, "a")]);
    expect(await unchanged("b", 1)).toEqual(new Set(["rcp_b"]));
    expect(await sessionOf()).toEqual(later);
    expect(await unchanged("b", 1)).toEqual(new Set());
  });

  it("is told apart from one that the ledger has never heard of", async () => {
    await processing.commit([outcomeOf("a")], NOW);
    expect(await processing.takeUnfinished(named("a", "b", "c"), NOW, NOW)).toEqual(new Set(["rcp_b", "rcp_c"]));
    expect(await processing.takeUnfinished(named(), NOW, NOW)).toEqual(new Set());
  });
});

describe("a receipt that waits", () => {
  const waiting = (reads: number, dueAt = NOW, changes: Partial<ReceiptOutcome> = {}) =>
    processing.commit([outcomeOf("a", { state: "waiting", reason: "503", dueAt, reads, ...changes })], NOW);
  const take = async (before: number, now = before) => [...(await processing.takeUnfinished(named("a"), before, now))];

  it("is known with when it is due and how often its vendor was asked, and becomes an event", async () => {
    expect(await waiting(2, NOW + 4000)).toEqual(new Set(["rcp_a"]));
    expect(await receiptOf("a")).toEqual({ state: "waiting", event: undefined, dueAt: NOW + 4000, reads: 2 });
    expect(await processing.commit([entryOf("a")], NOW)).toEqual(new Set(["rcp_a"]));
    expect(await receiptOf("a")).toMatchObject({ state: "event", event: "evt_a", dueAt: undefined });
    expect(await take(NOW + 9000)).toEqual([]);
  });

  it("is put off by one of those who asked at the same time, and by no message that is older", async () => {
    const committed = await Promise.all(Array.from({ length: 5 }, () => waiting(2)));
    expect(committed.filter((each) => each.size > 0)).toHaveLength(1);
    expect(await waiting(1, NOW + 1)).toEqual(new Set());
    expect(await waiting(3, NOW + 2)).toEqual(new Set(["rcp_a"]));
    expect(await receiptOf("a")).toMatchObject({ dueAt: NOW + 2, reads: 3 });
  });

  it("waits anew, from the first time on, after it was held", async () => {
    await waiting(7);
    await processing.commit([outcomeOf("a", { state: "held", reason: "session" })], NOW);
    expect(await receiptOf("a")).toEqual({ state: "held", event: undefined, dueAt: undefined, reads: 0 });
    expect(await take(NOW + 9000)).toEqual([]);
    expect(await waiting(1)).toEqual(new Set(["rcp_a"]));
  });

  it("never waits again once it is an event", async () => {
    await processing.commit([entryOf("a")], NOW);
    expect(await waiting(1)).toEqual(new Set());
    expect((await receiptOf("a"))?.state).toBe("event");
  });

  it("is taken up when it is overdue, once, and again only when it is overdue again", async () => {
    await waiting(1, NOW);
    expect(await take(NOW)).toEqual([]);
    expect(await take(NOW + 1, NOW + 1000)).toEqual(["rcp_a"]);
    expect(await take(NOW + 1, NOW + 1000)).toEqual([]);
    expect(await take(NOW + 1001)).toEqual(["rcp_a"]);
    expect(await processing.takeUnfinished(named("b"), NOW + 9000, NOW)).toEqual(new Set(["rcp_b"]));
  });
});

describe("a session's files", () => {
  const file = (id: string) => ({ id, kind: "selfie" as const, contentType: "image/jpeg", size: 3, sha256: "ab" });

  it("are known with their event, once", async () => {
    const entry = entryOf("a", 0, { files: [file("one"), file("two")] });
    await processing.commit([entry], NOW);
    await processing.commit([entry], NOW);
    const { results } = await env.LEDGER.prepare("SELECT * FROM files ORDER BY id").all();
    const row = { event: "evt_a", kind: "selfie", content_type: "image/jpeg", size: 3, sha256: "ab" };
    expect(results).toEqual([
      { id: "one", ...row },
      { id: "two", ...row },
    ]);
  });

  it("of an event that is not committed are not known", async () => {
    await processing.commit([entryOf("a")], NOW);
    expect(await processing.commit([entryOf("b", 0, { files: [file("one")] })], NOW)).toEqual(new Set());
    expect(await countOf("files")).toBe(0);
  });
});

describe("a lease", () => {
  beforeEach(() => processing.commit([entryOf("a")], NOW));
  const [one, two] = [taskOf("dlv_a_one"), taskOf("dlv_a_two")];

  it("is taken by the first, and busy for the second", async () => {
    expect(await lease([one, two], "first")).toEqual({ taken: ["dlv_a_one", "dlv_a_two"], busy: [] });
    expect(await lease([one], "second")).toEqual({ taken: [], busy: ["dlv_a_one"] });
  });

  it("of ten who want it at once is taken by one", async () => {
    const holders = Array.from({ length: 10 }, (_, index) => `holder-${index}`);
    const leases = await Promise.all(holders.map((holder) => lease([one], holder)));
    expect(leases.filter(({ taken }) => taken.length > 0)).toHaveLength(1);
    expect(leases.filter(({ busy }) => busy.length > 0)).toHaveLength(9);
  });

  it("is still its holder's when asked for again", async () => {
    await lease([one], "first");
    expect(await lease([one], "first", NOW + 1)).toEqual({ taken: ["dlv_a_one"], busy: [] });
  });

  it("ends after six minutes, and not before", async () => {
    await lease([one], "first");
    expect(await lease([one], "second", NOW + LEASE_MS - 1)).toEqual({ taken: [], busy: ["dlv_a_one"] });
    expect(await lease([one], "second", NOW + LEASE_MS)).toEqual({ taken: ["dlv_a_one"], busy: [] });
    expect(await lease([one], "first", NOW + LEASE_MS)).toEqual({ taken: [], busy: ["dlv_a_one"] });
  });

  it("is given back by its holder, and by nobody else", async () => {
    await lease([one], "first");
    await delivering.release([taskOf("dlv_a_one")], "second");
    expect((await lease([one], "second")).busy).toEqual(["dlv_a_one"]);
    await delivering.release([taskOf("dlv_a_one")], "first");
    expect((await lease([one], "second")).taken).toEqual(["dlv_a_one"]);
  });

  it("is neither taken nor busy for what is settled, already attempted, not yet due to be, or unknown", async () => {
    const nothing = { taken: [], busy: [] };
    await settle(one, { state: "retrying", dueAt: NOW + 5000 });
    expect(await lease([one], "first")).toEqual(nothing);
    expect(await lease([taskOf("dlv_a_one", 3)], "first")).toEqual(nothing);
    expect((await lease([taskOf("dlv_a_one", 2)], "first")).taken).toEqual(["dlv_a_one"]);
    await settle(two);
    expect(await lease([two, taskOf("dlv_unknown")], "first")).toEqual(nothing);
  });

  it("of two messages about one delivery is taken once", async () => {
    expect(await lease([one, one], "first")).toEqual({ taken: ["dlv_a_one"], busy: [] });
  });
});

describe("what the ledger costs", () => {
  it("is ten rows written for a webhook with one subscriber", async () => {
    let written = 0;
    const counting = faulty(env.LEDGER, {
      batch: async (statements) => {
        const results = await env.LEDGER.batch(statements as D1PreparedStatement[]);
        for (const { meta } of results) written += meta.rows_written;
        return results;
      },
    });
    const counted = createLedgerDatabase(counting, { isApplied: true });
    const deliveries = [{ id: "dlv_a_one", subscriber: "one" }];
    const facts = { ...entryOf("a").facts, subject: "session-1" };
    await createProcessingLedger(counted).commit([entryOf("a", 0, { facts, external: "e", deliveries })], NOW);
    const task = taskOf("dlv_a_one");
    await createDeliveringLedger(counted).lease([task], "first", NOW);
    await createDeliveringLedger(counted).settle([{ task, state: "delivered", at: NOW, status: 200, ms: 12 }]);
    expect(written).toBe(10);
  });
});

describe("a receipt's facts", () => {
  const factsOf = (name: string) =>
    env.LEDGER.prepare("SELECT sequence, vendor, basis, size, subject, object FROM receipts WHERE id = ?")
      .bind(`rcp_${name}`)
      .first();
  const facts = { ...entryOf("a").facts, sequence: "01SEQUENCE", subject: "session-1" };
  const known = { sequence: "01SEQUENCE", vendor: "seon", basis: "signature", size: 2, subject: "session-1" };

  it("are learnt when somebody opens it, and not forgotten by those who have not", async () => {
    await processing.takeUnfinished(named("a"), NOW, NOW);
    const object = "receipts/seon-live/session/body.0";
    expect(await factsOf("a")).toMatchObject({ vendor: null, object, sequence: `${firstSequence(NOW)}A` });
    await processing.commit([outcomeOf("a", { facts, state: "waiting", reads: 1 })], NOW);
    expect(await factsOf("a")).toEqual({ ...known, object });
    await processing.commit([outcomeOf("a", { state: "dead" })], NOW);
    expect(await factsOf("a")).toEqual({ ...known, object });
    await processing.commit([entryOf("a", 0, { facts })], NOW);
    expect(await factsOf("a")).toEqual({ ...known, object });
  });
});

describe("a result", () => {
  beforeEach(() => processing.commit([entryOf("a")], NOW));
  const one = taskOf("dlv_a_one");

  it("is written down, and its lease ends", async () => {
    await lease([one], "first");
    await settle(one, { state: "retrying", status: 503, reason: "status_503", dueAt: NOW + 5000 });
    expect(await deliveryOf("dlv_a_one")).toMatchObject({
      state: "retrying",
      attempts: 1,
      status: 503,
      reason: "status_503",
      due_at: NOW + 5000,
      settled_at: NOW,
      lease_holder: null,
      lease_until: 0,
    });
  });

  it("that is written down twice, or late, changes nothing", async () => {
    await settle(one, { state: "retrying", dueAt: NOW + 5000 });
    await settle(taskOf("dlv_a_one", 2), { state: "delivered", status: 200 });
    const before = await deliveryOf("dlv_a_one");
    await settle(one, { state: "dead", reason: "late" });
    await settle(taskOf("dlv_a_one", 2), { state: "dead" });
    await settle(taskOf("dlv_a_one", 3), { state: "dead" });
    expect(await deliveryOf("dlv_a_one")).toEqual(before);
    expect(before).toMatchObject({ state: "delivered", attempts: 2, due_at: null });
  });

  it("of an attempt that has one changes nothing while the delivery is still owed", async () => {
    await settle(one, { state: "retrying", status: 503, dueAt: NOW + 5000 });
    const before = await deliveryOf("dlv_a_one");
    await settle(one, { state: "retrying", status: 500, dueAt: NOW + 9000 });
    await settle(one, { state: "dead", reason: "late" });
    expect(await deliveryOf("dlv_a_one")).toEqual(before);
  });

  it("is kept of each attempt, of the last hundred and one", async () => {
    const logOf = async () => JSON.parse((await deliveryOf("dlv_a_one"))?.["log"] as string) as object[];
    expect(await logOf()).toEqual([]);
    const again = { state: "retrying", status: 503, reason: "status_503", ms: 5, dueAt: NOW } as const;
    for (let made = 1; made <= 104; made++) await settle(taskOf("dlv_a_one", made), again);
    await settle(taskOf("dlv_a_one", 104), again);
    await settle(taskOf("dlv_a_one", 105));
    const log = await logOf();
    expect(log.map((each) => (each as { attempt: number }).attempt)).toEqual(
      Array.from({ length: 101 }, (_, n) => n + 5),
    );
    expect([log[0], log.at(-1)]).toEqual([
      { attempt: 5, at: NOW, ms: 5, status: 503, reason: "status_503" },
      { attempt: 105, at: NOW },
    ]);
  });

  it("of an unknown delivery is none", async () => {
    await settle(taskOf("dlv_unknown"));
    expect(await countOf("deliveries")).toBe(2);
  });

  it("of a delivery that was buried stays buried", async () => {
    await delivering.bury(taskOf("dlv_a_one"), "failed", NOW);
    await settle(one);
    expect(await deliveryOf("dlv_a_one")).toMatchObject({ state: "dead", reason: "failed", due_at: null });
    await settle(taskOf("dlv_a_two"));
    await delivering.bury(taskOf("dlv_a_two"), "failed", NOW);
    expect(await deliveryOf("dlv_a_two")).toMatchObject({ state: "delivered" });
  });
});

describe("what is owed and has no message", () => {
  beforeEach(() => processing.commit([entryOf("a")], NOW));
  const overdue = async (before: number, now = before, limit = 10) => {
    const tasks = await delivering.takeOverdue(before, now, limit);
    expect(tasks.every(({ owedAt }) => owedAt === now)).toBe(true);
    return tasks
      .map((task) => ({ ...task, owedAt: NOW }))
      .sort((left, right) => (left.delivery < right.delivery ? -1 : 1));
  };

  it("is taken up as the attempt that is due, once, and again only when it is overdue again", async () => {
    expect(await overdue(NOW)).toEqual([]);
    expect(await overdue(NOW + 1, NOW + 1000)).toEqual([taskOf("dlv_a_one"), taskOf("dlv_a_two")]);
    expect(await overdue(NOW + 1, NOW + 1000)).toEqual([]);
    expect(await overdue(NOW + 1001)).toHaveLength(2);
  });

  it("is what is to be tried again, by its next attempt", async () => {
    await settle(taskOf("dlv_a_one"), { state: "retrying", dueAt: NOW + 60_000 });
    await settle(taskOf("dlv_a_two"));
    expect(await overdue(NOW + 60_000)).toEqual([]);
    expect(await overdue(NOW + 60_001)).toEqual([taskOf("dlv_a_one", 2)]);
  });

  it("is not what somebody is attempting right now", async () => {
    await lease([taskOf("dlv_a_one")], "first");
    expect(await overdue(NOW + 1)).toEqual([taskOf("dlv_a_two")]);
    expect((await overdue(NOW + LEASE_MS + 1)).map(({ delivery }) => delivery)).toContain("dlv_a_one");
  });

  it("is taken in bounded numbers, the longest due first", async () => {
    await settle(taskOf("dlv_a_one"), { state: "retrying", dueAt: NOW - 1000 });
    expect(await overdue(NOW + 1, NOW + 1, 1)).toEqual([taskOf("dlv_a_one", 2)]);
    expect(await overdue(NOW + 1, NOW + 1, 1)).toEqual([taskOf("dlv_a_two")]);
  });

  it("of an interrupted consumer is what nobody has attempted", async () => {
    const name = "b".repeat(32);
    const [one, two] = [taskOf(`dlv_${name}_one`), { ...taskOf(`dlv_${name}_two`), event: `evt_${name}` }];
    await processing.commit([entryOf(name, 1)], NOW);
    await settle(one, { state: "retrying", dueAt: NOW });
    expect(await processing.unattempted([one.delivery, two.delivery, "dlv_unknown"], NOW)).toEqual([
      { ...two, object: `events/${name}` },
    ]);
  });
});

describe("a cursor", () => {
  it("stands where it was left, until it is lifted", async () => {
    const cursors = createCursorLedger(database);
    expect(await cursors.read("walk")).toBeUndefined();
    await cursors.write("walk", "a");
    await cursors.write("walk", "b");
    await cursors.write("other", "c");
    expect(await cursors.read("walk")).toBe("b");
    await cursors.write("walk", undefined);
    expect([await cursors.read("walk"), await cursors.read("other")]).toEqual([undefined, "c"]);
  });
});

describe("a ledger out of reach", () => {
  it("is one kind of failure, whatever was asked", async () => {
    const broken = createLedgerDatabase(brokenD1(env.LEDGER), { isApplied: true });
    const [process, deliver] = [createProcessingLedger(broken), createDeliveringLedger(broken)];
    const calls = [
      () => process.past([], []),
      () => process.commit([entryOf("a")], NOW),
      () => process.takeUnfinished(named("a"), NOW, NOW),
      () => deliver.lease([taskOf("dlv_a_one")], "first", NOW),
      () => deliver.settle([{ task: taskOf("dlv_a_one"), state: "delivered", at: NOW }]),
      () => deliver.takeOverdue(NOW, NOW, 1),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(Unavailable);
  });
});

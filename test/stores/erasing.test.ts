/** The ledger's part in erasure: found by indexes, however much there is, and nothing that is needed later is lost with the rows. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { erasePerson, eraseSession, type EraseDeps } from "../../src/erase/erase.ts";
import { createArchiveEraser } from "../../src/stores/archive-eraser.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createErasingLedger } from "../../src/stores/ledger/erasing.ts";
import { createExpiringLedger } from "../../src/stores/ledger/expiring.ts";
import { createHoldingLedger } from "../../src/stores/ledger/holding.ts";
import { applySchema } from "../../src/stores/ledger/schema.ts";
import { faulty } from "../faults.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const SESSION = { source: "seon", session: "1".repeat(32), subject: "session-1" };
const EVENT = "e".repeat(32);

beforeEach(async () => {
  await reset();
  await applySchema(env.LEDGER, { isApplied: false });
});

/** An event of the session, with one delivery whose attempts left answers. */
async function fill(answers: readonly (string | undefined)[]): Promise<void> {
  const log = JSON.stringify(answers.map((answer, index) => ({ attempt: index + 1, at: NOW, answer })));
  await env.LEDGER.batch([
    env.LEDGER.prepare(
      `INSERT INTO events (sequence, id, receipt, source, type, outcome, session, subject, external, object, time, received_at, superseded)
       VALUES ('01', ?, 'rcp_1', ?, 'idv.session.finished', 'approved', ?, ?, 'person', 'object', 'time', ?, 0)`,
    ).bind(`evt_${EVENT}`, SESSION.source, SESSION.session, SESSION.subject, NOW),
    env.LEDGER.prepare(
      `INSERT INTO deliveries (id, event, sequence, object, subscriber, state, log) VALUES (?, ?, '01', 'object', 'one', 'dead', ?)`,
    ).bind(`dlv_${EVENT}${"a".repeat(32)}`, `evt_${EVENT}`, log),
  ]);
}

function depsOf(forget: EraseDeps["answers"]["forget"]): EraseDeps {
  const ledger = createErasingLedger(createLedgerDatabase(env.LEDGER, { isApplied: true }));
  return { ledger, archive: createArchiveEraser(env.ARCHIVE), answers: { forget }, now: () => NOW };
}

describe("what subscribers answered", () => {
  it("is forgotten by the names that the deliveries had for it", async () => {
    const forgotten: string[] = [];
    await fill(["answers/1", undefined, "answers/2", "answers/1"]);
    const erased = await eraseSession(
      SESSION,
      "admin",
      depsOf(async (names) => void forgotten.push(...names)),
    );
    expect(erased).toMatchObject({ ok: true, erasure: { unfinished: 0, removed: { deliveries: 1 } } });
    expect(forgotten.toSorted()).toEqual(["answers/1", "answers/2"]);
  });

  it("is still known where it could not be forgotten at once, though the deliveries are gone", async () => {
    await fill(["answers/1"]);
    const failing = depsOf(() => Promise.reject(new Error("injected failure")));
    expect(await erasePerson("person", "admin", failing)).toMatchObject({ erasure: { unfinished: 1 } });
    const forgotten: string[] = [];
    await erasePerson(
      "person",
      "admin",
      depsOf(async (names) => void forgotten.push(...names)),
    );
    expect(forgotten).toEqual(["answers/1"]);
    const row = await env.LEDGER.prepare("SELECT answers FROM tombstones WHERE kind = 'session'").first();
    expect(row).toEqual({ answers: null });
  });
});

describe("a person erased again", () => {
  const erasing = () => createErasingLedger(createLedgerDatabase(env.LEDGER, { isApplied: true }));
  const tombstoneOf = (subject: string) =>
    env.LEDGER.prepare("SELECT erased_at, erased_by, finished_at, check_at FROM tombstones WHERE subject = ?")
      .bind(subject)
      .first();

  it("stays erased until the later moment, whoever goes on with the earlier erasure", async () => {
    const ledger = erasing();
    await ledger.erasePerson("person", "second", NOW + 1000);
    await fill([]);
    expect(await ledger.erasePerson("person", "first", NOW)).toEqual({ ok: true, isAll: true });
    const earlier = { subject: "person", kind: "person", source: undefined, erasedBy: "first" } as const;
    const nothing = { receipts: 0, events: 0, files: 0, deadLetters: 0 };
    await ledger.record({ ...earlier, erasedAt: NOW, checkAt: NOW }, nothing, true, NOW, undefined);
    const later = { erased_at: NOW + 1000, erased_by: "second", finished_at: null, check_at: NOW + 1000 };
    expect(await tombstoneOf("person")).toEqual(later);
    expect(await tombstoneOf(SESSION.session)).toMatchObject({ erased_by: "second" });
  });
});

describe("a person with thousands of sessions", () => {
  const most = (count: number) => `
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}), named AS (SELECT i, format('%032d', i) AS hex FROM n)`;
  const insertMany = async (count: number) => {
    await env.LEDGER.batch([
      env.LEDGER.prepare(
        `${most(count)} INSERT INTO events (sequence, id, receipt, source, type, outcome, session, subject, external, object, time, received_at, superseded)
         SELECT hex, 'evt_' || hex, 'rcp_' || hex, 'seon', 'idv.session.finished', 'approved', hex, 's' || i, 'person', 'object', 'time', ${NOW}, 0 FROM named`,
      ),
      env.LEDGER.prepare(
        `${most(count)} INSERT INTO deliveries (id, event, sequence, object, subscriber, state, log)
         SELECT 'dlv_' || hex || hex, 'evt_' || hex, hex, 'object', 'one', 'dead', json_array(json_object('attempt', 1, 'answer', 'answers/' || i)) FROM named`,
      ),
    ]);
  };
  const countOf = async (table: string) =>
    (await env.LEDGER.prepare(`SELECT count(*) AS count FROM ${table}`).first<{ count: number }>())?.count;
  const erasingWith = (batch: (statements: unknown) => Promise<unknown>) =>
    createErasingLedger(createLedgerDatabase(faulty(env.LEDGER, { batch }), { isApplied: true }));

  it("is erased in rounds of a bounded size, each of which reads in proportion to what it takes", async () => {
    await insertMany(1200);
    const read: number[] = [];
    const ledger = erasingWith(async (statements) => {
      const results = await env.LEDGER.batch(statements as D1PreparedStatement[]);
      // Those that look for holds look at every session, and so does the last.
      const taken = results.slice(3, -1);
      read.push(taken.reduce((sum, { meta }) => sum + meta.rows_read, 0));
      return results;
    });
    const left: (number | undefined)[] = [];
    for (let isAll = false; !isAll;) {
      const taken = await ledger.erasePerson("person", "admin", NOW);
      isAll = !taken.ok || taken.isAll;
      left.push(await countOf("deliveries"));
    }
    expect(left).toEqual([700, 200, 0]);
    expect(Math.max(...read)).toBeLessThan(60 * 500);
    const told = await ledger.find("person");
    expect(told).toMatchObject({ sessions: 1200, removed: { deliveries: 1200 } });
  });
});

/** Every statement that a call makes, as D1 would go about it. */
async function plansOf(
  call: (database: ReturnType<typeof createLedgerDatabase>) => Promise<unknown>,
): Promise<string[]> {
  const statements: string[] = [];
  const prepare = (sql: unknown) => {
    statements.push(sql as string);
    return env.LEDGER.prepare(sql as string);
  };
  await call(createLedgerDatabase(faulty(env.LEDGER, { prepare }), { isApplied: true }));
  const plans = statements.map(async (sql) => {
    const count = new Set(sql.match(/\?\d+/g)).size || (sql.match(/\?/g) ?? []).length;
    const { results } = await env.LEDGER.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...Array<string>(count).fill("[]"))
      .all<{ detail: string }>();
    return results.map(({ detail }) => detail);
  });
  return (await Promise.all(plans)).flat();
}

const TABLES = /^SCAN (receipts|r|events|e|deliveries|d|files|f|sessions|tombstones|t|each|holds|h)\b/;

describe("no table is read from end to end", () => {
  const ITEM = { key: "k", id: "i", source: "s", session: "1", isHollow: false };
  it.each<[string, Parameters<typeof plansOf>[0]]>([
    ["to erase a session", (database) => createErasingLedger(database).eraseSession(SESSION, "admin", NOW)],
    ["to erase a person", (database) => createErasingLedger(database).erasePerson("person", "admin", NOW)],
    ["to tell of an erasure", (database) => createErasingLedger(database).find("subject")],
    ["to go on with an erasure", (database) => createErasingLedger(database).unfinishedOf("person", 1)],
    ["to find what is due", (database) => createErasingLedger(database).due(NOW, 1)],
    ["to look again", (database) => createErasingLedger(database).revisit([SESSION], NOW)],
    ["to hold a session", (database) => createHoldingLedger(database).hold(SESSION, "admin", NOW)],
    ["to tell of a session's fate", (database) => createHoldingLedger(database).fateOf(SESSION)],
    ["to tell of a file's fate", (database) => createHoldingLedger(database).fateOfFile("file", "session")],
    ["to judge receipts", (database) => createExpiringLedger(database).judge("receipts", [ITEM])],
    ["to judge events", (database) => createExpiringLedger(database).judge("events", [ITEM])],
    ["to judge files", (database) => createExpiringLedger(database).judge("files", [ITEM])],
    ["to forget receipts", (database) => createExpiringLedger(database).forget("receipts", [ITEM])],
    ["to forget events", (database) => createExpiringLedger(database).forget("events", [ITEM])],
  ])("%s", async (_what, call) => {
    const plans = await plansOf(call);
    expect(plans.filter((step) => TABLES.test(step))).toEqual([]);
    expect(plans.filter((step) => step.startsWith("SEARCH"))).not.toEqual([]);
  });
});

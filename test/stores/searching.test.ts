/** The ledger is searched: every filter, alone and with others, against a model; by position; through indexes only. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Position } from "../../src/core/cursor.ts";
import { EVENT_TYPES } from "../../src/core/event.ts";
import { hashSubscriber } from "../../src/core/ids.ts";
import { DELIVERY_STATES, RECEIPT_STATES } from "../../src/core/ledger.ts";
import { OUTCOMES } from "../../src/core/outcome.ts";
import type { Page } from "../../src/core/search.ts";
import { firstSequence } from "../../src/core/sequence.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import {
  boundQuery,
  MOST_EXAMINED,
  pageQuery,
  readPage,
  type Clause,
  type Walk,
} from "../../src/stores/ledger/paging.ts";
import { LEASE, LEASED, PUT_OFF, RELEASE, SETTLE, TAKE_OVERDUE } from "../../src/stores/ledger/delivering.ts";
import { NOTE_DEAD } from "../../src/stores/ledger/noting.ts";
import { PUT_BACK } from "../../src/stores/ledger/putting-back.ts";
import { DUE, RUNNING, STEP } from "../../src/stores/ledger/replaying.ts";
import { applySchema } from "../../src/stores/ledger/schema.ts";
import {
  createSearchLedger,
  FIND_DELIVERY,
  FIND_EVENT,
  FIND_RECEIPT,
  FIND_SESSION,
} from "../../src/stores/ledger/searching.ts";
import { LAST_SUCCESS, RELEASE_HELD } from "../../src/stores/ledger/subscribers.ts";
import { deliveryWalk, eventWalk, receiptWalk, replayWalk } from "../../src/stores/ledger/walks.ts";
import { faulty } from "../faults.ts";
import {
  expectedDeliveries,
  expectedEvents,
  expectedReceipts,
  pastReceipt,
  SOURCES,
  START,
  store,
  SUBSCRIBERS,
  type PastReceipt,
} from "./history.ts";

const search = createSearchLedger(createLedgerDatabase(env.LEDGER, { isApplied: false }));
const RECEIPTS = 90;
const END = START + (RECEIPTS / 3) * 1000;

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let past: PastReceipt[] = [];

async function begin(): Promise<void> {
  await reset();
  await applySchema(env.LEDGER, { isApplied: false });
  const dice = seeded(7);
  past = [];
  for (let index = 0; index < RECEIPTS; index++) past.push(await pastReceipt(index, dice));
  await store(env.LEDGER, past);
}

/** The ids of all pages, as one who follows the cursor sees them. */
async function follow<Item extends { id: string }>(
  page: (after: Position | undefined) => Promise<Page<Item>>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const ids: string[] = [];
  let after: Position | undefined;
  do {
    const { items, next } = await page(after);
    ids.push(...items.map(({ id }) => id));
    after = next;
    if (after) await between();
  } while (after);
  return ids;
}

const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });
const time = fc.option(fc.integer({ min: START - 2000, max: END + 2000 }), { nil: undefined, freq: 2 });
const limit = fc.integer({ min: 1, max: 40 });

describe("a list", () => {
  beforeAll(begin);

  it("of events holds what every filter lets through, newest first, each once", async () => {
    const filters = fc.record({
      source: maybe(SOURCES),
      type: maybe(EVENT_TYPES),
      outcome: maybe(OUTCOMES),
      subject: maybe(["session-1", "session-2", "nobody"]),
      external: maybe(["external-1", "external-2", "nobody"]),
      subscriber: maybe(SUBSCRIBERS),
      state: maybe(DELIVERY_STATES),
      from: time,
      to: time,
    });
    await fc.assert(
      fc.asyncProperty(filters, limit, async (filter, most) => {
        const ids = await follow((after) => search.listEvents(filter, most, after));
        expect(ids).toEqual(expectedEvents(past, filter));
      }),
      { seed: 1, numRuns: 120 },
    );
  });

  it.each([
    ["source", { source: "seon-live" }],
    ["type", { type: "idv.session.finished" }],
    ["outcome", { outcome: "approved" }],
    ["session", { subject: "session-1" }],
    ["external id", { external: "external-1" }],
    ["subscriber", { subscriber: "crm" }],
    ["state", { state: "dead" }],
    ["state that most are in", { state: "delivered" }],
    ["time", { from: START + 5000, to: START + 20_000 }],
  ] as const)("of events by %s alone holds some and not all", async (_name, filter) => {
    const ids = await follow((after) => search.listEvents(filter, 7, after));
    expect(ids).toEqual(expectedEvents(past, filter));
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.length).toBeLessThan(expectedEvents(past, {}).length);
  });

  it("of events to be replayed holds the same, oldest first", async () => {
    const filters = fc.record({
      source: maybe(SOURCES),
      type: maybe(EVENT_TYPES),
      subject: maybe(["session-1", "nobody"]),
      external: maybe(["external-1", "nobody"]),
      subscriber: maybe(SUBSCRIBERS),
      state: maybe(DELIVERY_STATES),
      from: fc.integer({ min: START - 2000, max: END }),
      to: fc.integer({ min: START, max: END + 2000 }),
    });
    const subscribers = maybe([["crm"]]);
    await fc.assert(
      fc.asyncProperty(filters, subscribers, limit, async (filter, named, most) => {
        const hash = filter.subscriber && (await hashSubscriber(filter.subscriber));
        const ids = await follow(async (after) => {
          const walk = replayWalk({ filter, subscribers: named }, hash, after);
          const { rows, ...more } = await readPage(env.LEDGER, walk, most);
          return { items: rows, ...more };
        });
        expect(ids).toEqual(expectedEvents(past, filter).toReversed());
      }),
      { seed: 4, numRuns: 120 },
    );
  });

  it("of receipts likewise, whatever became of them", async () => {
    const filters = fc.record({
      source: maybe(SOURCES),
      subject: maybe(["session-1", "nobody"]),
      external: maybe(["external-1", "nobody"]),
      state: maybe(RECEIPT_STATES),
      from: time,
      to: time,
    });
    await fc.assert(
      fc.asyncProperty(filters, limit, async (filter, most) => {
        const ids = await follow((after) => search.listReceipts(filter, most, after));
        expect(ids).toEqual(expectedReceipts(past, filter));
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it("of deliveries likewise, those of one event together", async () => {
    const events = past.flatMap(({ event }) => (event ? [event.id] : []));
    const filters = fc.record({
      source: maybe(SOURCES),
      event: fc.option(fc.constantFrom(...events), { nil: undefined, freq: 1 }),
      subscriber: maybe(SUBSCRIBERS),
      state: maybe(DELIVERY_STATES),
      from: time,
      to: time,
    });
    await fc.assert(
      fc.asyncProperty(filters, limit, async (filter, most) => {
        const ids = await follow((after) => search.listDeliveries(filter, most, after));
        expect(ids).toEqual(expectedDeliveries(past, filter));
      }),
      { seed: 3, numRuns: 80 },
    );
  });

  it("has no cursor on its last page, even a full one", async () => {
    const all = expectedEvents(past, {}).length;
    expect((await search.listEvents({}, all)).next).toBeUndefined();
    expect((await search.listEvents({}, all - 1)).next).toBeDefined();
  });
});

describe("while receipts come in", () => {
  it("a list that is being read neither repeats nor hides what was there", async () => {
    await begin();
    const dice = seeded(11);
    let index = RECEIPTS;
    const before = {
      events: expectedEvents(past, {}),
      deliveries: expectedDeliveries(past, {}),
      receipts: expectedReceipts(past, {}),
    };
    const more = async () => {
      // One now, and one that was long on the way and stands between older ones.
      const [newer, late] = [await pastReceipt(index++, dice), await pastReceipt(index++, dice)];
      const at = START + 500;
      await store(env.LEDGER, [
        newer,
        { ...late, at, sequence: firstSequence(at) + late.id.slice(4, 20).toUpperCase() },
      ]);
    };
    const seen = {
      events: await follow((after) => search.listEvents({}, 9, after), more),
      deliveries: await follow((after) => search.listDeliveries({}, 9, after), more),
      receipts: await follow((after) => search.listReceipts({}, 9, after), more),
    };
    for (const kind of ["events", "deliveries", "receipts"] as const) {
      expect(new Set(seen[kind]).size).toBe(seen[kind].length);
      expect(seen[kind].filter((id) => before[kind].includes(id))).toEqual(before[kind]);
    }
  });
});

/** @param count of events, one delivery each, in bulk: the first ones, and so the last to be found, are declined */
async function fill(count: number, declined: number): Promise<void> {
  await reset();
  await applySchema(env.LEDGER, { isApplied: false });
  const [rare, usual] = await Promise.all(["rare", "crm"].map(hashSubscriber));
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;
  await env.LEDGER.batch(
    [
      `INSERT INTO events (id, sequence, receipt, source, type, outcome, session, object, time, received_at, superseded)
       ${numbers} SELECT printf('evt_%032x', i), printf('%010d0000000000000000', i), printf('rcp_%032x', i), iif(i < ${declined}, 'rare', 'seon-live'),
         'idv.session.finished', iif(i < ${declined}, 'declined', 'approved'), 'session', 'object', 'time', i, 0 FROM n`,
      `INSERT INTO receipts (id, source, state, event, received_at, sequence)
       ${numbers} SELECT printf('rcp_%032x', i), iif(i < ${declined}, 'rare', 'seon-live'), 'event', printf('evt_%032x', i), i,
         printf('%010d0000000000000000', i) FROM n`,
      `INSERT INTO deliveries (id, event, sequence, object, subscriber, state)
       ${numbers} SELECT printf('dlv_%032x', i) || iif(i < ${declined}, '${rare}', '${usual}'), printf('evt_%032x', i), printf('%010d0000000000000000', i), 'object',
         iif(i < ${declined}, 'rare', 'crm'), 'delivered' FROM n`,
    ].map((sql) => env.LEDGER.prepare(sql)),
  );
}

describe("a receipt whose event has expired", () => {
  it("is still among those that became one", async () => {
    await fill(3, 1);
    await env.LEDGER.prepare("UPDATE receipts SET event = NULL WHERE source = 'rare'").run();
    await env.LEDGER.prepare("DELETE FROM events WHERE source = 'rare'").run();
    const { items } = await search.listReceipts({ state: "event" }, 50);
    expect(items.map(({ source }) => source).sort()).toEqual(["rare", "seon-live", "seon-live"]);
  });
});

describe("a long search", () => {
  it("stops after ten thousand candidates, and its cursor goes on from there", async () => {
    await fill(MOST_EXAMINED + 50, 60);
    const pages = {
      events: (after?: Position) => search.listEvents({ outcome: "declined" }, 50, after),
      receipts: (after?: Position) => search.listReceipts({ source: "rare" }, 50, after),
      deliveries: (after?: Position) => search.listDeliveries({ subscriber: "rare" }, 50, after),
    };
    for (const page of Object.values(pages)) {
      const first = await page();
      expect([first.items.length, first.next !== undefined]).toEqual([10, true]);
      const second = await page(first.next);
      expect([second.items.length, second.next]).toEqual([50, undefined]);
    }
    const none = await search.listEvents({ outcome: "review" }, 50);
    expect([none.items.length, none.next !== undefined]).toEqual([0, true]);
    expect(await search.listEvents({ outcome: "review" }, 50, none.next)).toEqual({ items: [] });
  });

  it("for a replay repeats nothing, though an older event comes in while it looks", async () => {
    await fill(MOST_EXAMINED, 1);
    const late = env.LEDGER.prepare(
      `INSERT INTO events (id, sequence, receipt, source, type, outcome, session, object, time, received_at, superseded)
       VALUES ('evt_late', '00000000000', '', 'late', 'idv.session.finished', 'approved', '', 'object', 'time', 0, 0)`,
    );
    // After the page, and before its bound.
    const first = (bound: D1PreparedStatement) => async () => {
      await late.run();
      return bound.first();
    };
    const database = faulty(env.LEDGER, {
      prepare: (sql) => {
        const prepared = env.LEDGER.prepare(String(sql));
        return faulty(prepared, {
          bind: (...values) => {
            const bound = prepared.bind(...values);
            return faulty(bound, { first: first(bound) });
          },
        });
      },
    });
    const walk = (after?: Position) =>
      replayWalk({ filter: { from: 0, to: END }, subscribers: ["crm"] }, undefined, after);
    const page = await readPage(database, walk(), MOST_EXAMINED + 1);
    expect([page.rows.length, page.next]).toMatchObject([MOST_EXAMINED, { id: page.rows.at(-1)?.id }]);
    expect((await readPage(env.LEDGER, walk(page.next), 50)).rows).toEqual([]);
  });

  it("reads no more rows than it gives out where its index leads to them", async () => {
    const { sql, values } = pageQuery(eventWalk({}, undefined), 50);
    const { meta } = await env.LEDGER.prepare(sql)
      .bind(...values)
      .all();
    // Each with its delivery.
    expect(meta.rows_read).toBeLessThan(250);
  });
});

const planOf = async ({ sql, values }: Clause): Promise<string[]> => {
  const { results } = await env.LEDGER.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail);
};

describe("the plan of a query", () => {
  beforeAll(begin);
  const before = { sequence: firstSequence(START + 9000), id: "evt_5" };
  const delivery = { ...before, id: `dlv_${"5".repeat(64)}` };
  const period = { from: START, to: END };
  const hash = () => hashSubscriber("crm");
  const replayOf = (filter: object) => replayWalk({ filter: { ...period, ...filter } }, undefined, before);

  const walks: [string, string, () => Promise<Walk<never>> | Walk<never>][] = [
    ["events", "PRIMARY KEY", () => eventWalk({}, undefined)],
    ["events of a period", "PRIMARY KEY", () => eventWalk(period, undefined, before)],
    [
      "events of a source",
      "PRIMARY KEY",
      () => eventWalk({ source: "a", type: EVENT_TYPES[0], outcome: "error" }, undefined),
    ],
    [
      "events of a session",
      "events_subject",
      () => eventWalk({ subject: "a", source: "b", ...period }, undefined, before),
    ],
    [
      "events of a person",
      "events_external",
      () => eventWalk({ external: "a", subject: "b", ...period }, undefined, before),
    ],
    ["events of a subscriber", "PRIMARY KEY", async () => eventWalk({ subscriber: "crm" }, await hash(), before)],
    [
      "events by a rare state",
      "deliveries_unwell",
      async () => eventWalk({ subscriber: "crm", state: "dead", ...period }, await hash(), before),
    ],
    [
      "events by a state that hardly any is in",
      "deliveries_unwell",
      () => eventWalk({ state: "cancelled" }, undefined),
    ],
    ["events by a common state", "PRIMARY KEY", () => eventWalk({ state: "delivered" }, undefined, before)],
    ["a replay of what died", "deliveries_unwell", () => replayOf({ state: "dead", source: "a" })],
    ["a replay of what was delivered", "PRIMARY KEY", () => replayOf({ state: "delivered" })],
    [
      "a replay to a subscriber",
      "PRIMARY KEY",
      () => replayWalk({ filter: { ...period, outcome: "approved" }, subscribers: ["crm"] }, undefined, before),
    ],
    ["a replay of a session", "events_subject", () => replayOf({ state: "dead", subject: "a" })],
    ["a replay of a person", "events_external", () => replayOf({ state: "dead", external: "a" })],
    [
      "a replay for one subscriber",
      "deliveries_unwell",
      async () => replayWalk({ filter: { ...period, state: "dead", subscriber: "crm" } }, await hash(), before),
    ],
    ["receipts", "COVERING INDEX receipts_eventless", () => receiptWalk({})],
    ["receipts of a session", "receipts_subject", () => receiptWalk({ subject: "a", source: "b", ...period }, before)],
    [
      "receipts of a session that became an event",
      "events_subject",
      () => receiptWalk({ subject: "a", state: "event" }),
    ],
    ["receipts of a person", "receipts_external", () => receiptWalk({ external: "a", subject: "b" })],
    ["receipts that became an event", "PRIMARY KEY", () => receiptWalk({ state: "event" })],
    [
      "receipts of a period",
      "COVERING INDEX receipts_eventless",
      () => receiptWalk({ source: "a", state: "dead", ...period }, before),
    ],
    ["deliveries", "PRIMARY KEY", () => deliveryWalk({}, undefined)],
    ["deliveries by a common state, newest", "PRIMARY KEY", () => deliveryWalk({ state: "delivered" }, undefined)],
    ["deliveries by a common state", "PRIMARY KEY", () => deliveryWalk({ state: "delivered" }, undefined, delivery)],
    ["deliveries of an event", "events_id", () => deliveryWalk({ event: "evt_a" }, undefined, delivery)],
    [
      "deliveries of a subscriber",
      "PRIMARY KEY",
      async () => deliveryWalk({ subscriber: "crm", source: "a", ...period }, await hash(), delivery),
    ],
    ["dead deliveries", "deliveries_unwell", () => deliveryWalk({ state: "dead", ...period }, undefined, delivery)],
  ];

  it.each(walks)("for %s leads by %s, scans no table and sorts nothing", async (_name, index, walk) => {
    const made = await walk();
    for (const query of [pageQuery(made, 50), boundQuery(made)]) {
      const plan = await planOf(query);
      // Candidates are scanned as they are made, not gathered first.
      const lazy = plan.flatMap((step) => (step.startsWith("CO-ROUTINE ") ? [step.replace("CO-ROUTINE", "SCAN")] : []));
      const dear = plan.filter(
        (step) => /TEMP B-TREE|MATERIALIZE|AUTOMATIC/.test(step) || (step.startsWith("SCAN") && !lazy.includes(step)),
      );
      expect({ dear, plan }).toEqual({ dear: [], plan });
      expect(plan.filter((step) => step.startsWith("SEARCH") && step.includes(index))).not.toEqual([]);
    }
  });

  it.each(Object.entries({ ...FIND_EVENT, FIND_DELIVERY, FIND_RECEIPT }))(
    "for one thing (%s) is a look-up",
    async (_name, sql) => {
      const plan = await planOf({ sql, values: ["id"] });
      expect(plan.filter((step) => !step.startsWith("SEARCH"))).toEqual([]);
    },
  );

  it.each(Object.entries({ LEASE, LEASED, PUT_OFF, RELEASE, SETTLE, TAKE_OVERDUE, NOTE_DEAD }))(
    "for a delivery on its road (%s) looks it up where it stands",
    async (_name, sql) => {
      const count = Math.max(...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)));
      const plan = await planOf({ sql, values: Array<number>(count).fill(1) });
      expect(plan.filter((step) => step.startsWith("SCAN") && !step.includes("VIRTUAL TABLE"))).toEqual([]);
      expect(plan.filter((step) => step.includes("deliveries USING PRIMARY KEY (sequence=? AND id=?)"))).toHaveLength(
        1,
      );
    },
  );

  it("for what is held for a subscriber, or what it last took, looks at no row of another one's", async () => {
    const held = await planOf({ sql: RELEASE_HELD, values: ["name", "hash", 1, 1] });
    expect(held.filter((step) => step.includes("USING COVERING INDEX deliveries_unwell (state=?)"))).toHaveLength(1);
    const last = await planOf({ sql: LAST_SUCCESS, values: ["hash"] });
    expect(last.filter((step) => step.includes("d USING PRIMARY KEY (sequence=? AND id=?)"))).toHaveLength(1);
  });

  it.each(Object.entries({ PUT_BACK, STEP }))(
    "for what is put back (%s) looks each up where it stands",
    async (_name, sql) => {
      const count = Math.max(...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)));
      const plan = await planOf({ sql, values: Array<number>(count).fill(1) });
      const scans = plan.filter(
        (step) => step.startsWith("SCAN") && !step.includes("VIRTUAL TABLE") && !step.includes("CONSTANT ROW"),
      );
      expect({ scans, plan }).toEqual({ scans: [], plan });
      expect(plan.filter((step) => step.includes("e USING PRIMARY KEY (sequence=? AND id=?)"))).toHaveLength(1);
    },
  );

  it("for what is due, or runs, reads an index of nothing else", async () => {
    expect(await planOf({ sql: DUE, values: [1] })).toEqual(
      expect.arrayContaining([expect.stringMatching(/SEARCH deliveries USING (COVERING )?INDEX deliveries_due/)]),
    );
    expect(await planOf({ sql: RUNNING, values: [] })).toEqual([expect.stringContaining("INDEX replays_running")]);
  });

  it("for a session is a look-up", async () => {
    const plan = await planOf({ sql: FIND_SESSION, values: ["source", "session"] });
    expect(plan.filter((step) => !step.startsWith("SEARCH"))).toEqual([]);
  });
});

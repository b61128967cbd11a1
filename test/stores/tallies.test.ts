/** Counts in the ledger's own table, against the real local D1. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Count } from "../../src/core/tally.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createTallyLedger } from "../../src/stores/ledger/tallies.ts";
import { fails, faulty, hangs } from "../faults.ts";

const NOW = Date.parse("2026-02-03T10:20:30.000Z");
const ledgerOf = (database: D1Database) => createTallyLedger(createLedgerDatabase(database, { isApplied: false }));

let tallies: ReturnType<typeof createTallyLedger>;
beforeEach(async () => {
  await reset();
  tallies = ledgerOf(env.LEDGER);
});

const received = (source: string, word: string, count: number): Count => ({ kind: "received", source, word, count });

const SPANS = ["minute", "hour", "ever"] as const;
const BEGINNING = NOW - (NOW % HOUR_MS);

/** As the sweep does each minute, until there is nothing left to do. */
async function rollAllUp(now: number): Promise<void> {
  for (let run = 0; run < 10; run++) await tallies.rollUp(now);
}

const sumsOf = async (from = 0) =>
  Promise.all(SPANS.map(async (span) => (await tallies.sum(span, from)).map(({ count }) => count)));

async function rowsOf(span: string): Promise<number> {
  const { results } = await env.LEDGER.prepare("SELECT at FROM tallies WHERE span = ?").bind(span).all();
  return results.length;
}

/** The ledger, with what its statements have written so far. */
function countingRows() {
  const written = { rows: 0 };
  const counted = (statement: D1PreparedStatement): D1PreparedStatement =>
    faulty(statement, {
      bind: (...values) => counted(statement.bind(...values)),
      run: async () => {
        const result = await statement.run();
        written.rows += result.meta.rows_written;
        return result;
      },
    });
  return { written, database: faulty(env.LEDGER, { prepare: (sql) => counted(env.LEDGER.prepare(String(sql))) }) };
}

describe("counts", () => {
  it.each(["before their hours are over", "after"])(
    "add up in their minute, their hour and for ever, %s",
    async (when) => {
      await tallies.add([received("seon", "accepted", 3), received("-", "unknown_source", 1)], NOW);
      await tallies.add([received("seon", "accepted", 4)], NOW + MINUTE_MS);
      await tallies.add([received("seon", "accepted", 5)], NOW + HOUR_MS);
      if (when === "after") await rollAllUp(NOW + 3 * HOUR_MS);
      const accepted = async (...asked: Parameters<typeof tallies.sum>) =>
        (await tallies.sum(...asked)).find(({ word }) => word === "accepted")?.count;
      expect(await accepted("minute", NOW - (NOW % MINUTE_MS))).toBe(12);
      expect(await accepted("minute", NOW - (NOW % MINUTE_MS) + 1)).toBe(9);
      expect(await accepted("hour", BEGINNING)).toBe(12);
      expect(await accepted("hour", BEGINNING + 1)).toBe(5);
      expect(await accepted("hour", BEGINNING + HOUR_MS + 1)).toBeUndefined();
      expect(await tallies.sum("ever", 0)).toEqual([
        received("-", "unknown_source", 1),
        received("seon", "accepted", 12),
      ]);
    },
  );

  it("of whatever words come back as they were", async () => {
    const words = ["a b  c ", "", '"quoted" $.path', "constructor", "ünïcödé"];
    await tallies.add(
      words.map((word, index) => received("seon", word, index + 1)),
      NOW,
    );
    const sums = await tallies.sum("minute", 0);
    expect(words.map((word) => sums.find((each) => each.word === word))).toEqual(
      words.map((word, index) => received("seon", word, index + 1)),
    );
  });

  it("are one row, however many come together and whatever their minute knew before, and no index besides", async () => {
    await tallies.sum("ever", 0);
    const { written, database } = countingRows();
    const counted = createTallyLedger(createLedgerDatabase(database, { isApplied: true }));
    await counted.add([received("seon", "accepted", 3), received("seon", "repeat", 1)], NOW);
    await counted.add([received("seon", "accepted", 3), received("-", "unknown_source", 1)], NOW);
    expect(written.rows).toBe(2);
  });

  it("are forgotten after a day by the minute and after 90 days by the hour, and never altogether", async () => {
    await tallies.add([received("seon", "accepted", 1)], NOW - 91 * DAY_MS);
    await tallies.add([received("seon", "accepted", 1)], NOW - 2 * DAY_MS);
    await tallies.add([received("seon", "accepted", 1)], NOW - DAY_MS);
    await rollAllUp(NOW);
    expect(await tallies.forget(NOW)).toBe(3);
    expect(await tallies.forget(NOW)).toBe(0);
    expect(await sumsOf()).toEqual([[1], [2], [3]]);
  });

  it("are not forgotten before they are added up, however old", async () => {
    await tallies.add([received("seon", "accepted", 7)], NOW - 91 * DAY_MS);
    expect(await tallies.forget(NOW)).toBe(0);
    expect(await sumsOf()).toEqual([[7], [7], [7]]);
  });

  it("are forgotten some at a time", async () => {
    await tallies.add([received("seon", "accepted", 1)], NOW - 4 * DAY_MS);
    await rollAllUp(NOW - 2 * DAY_MS);
    await env.LEDGER.prepare(
      `WITH RECURSIVE minutes (at) AS (SELECT ?1 UNION ALL SELECT at - ?2 FROM minutes LIMIT 1199)
       INSERT INTO tallies (span, at, counts) SELECT 'minute', at, '{}' FROM minutes`,
    )
      .bind(NOW - (NOW % MINUTE_MS) - 4 * DAY_MS - MINUTE_MS, MINUTE_MS)
      .run();
    expect([await tallies.forget(NOW), await tallies.forget(NOW), await tallies.forget(NOW)]).toEqual([500, 500, 200]);
  });

  it("are not waited for where the ledger hangs", async () => {
    const hanging = faulty(env.LEDGER, { prepare: () => ({ bind: () => ({ run: hangs }) }) });
    const stuck = createTallyLedger(createLedgerDatabase(hanging, { isApplied: true }));
    await expect(stuck.add([received("seon", "accepted", 1)], NOW)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("finished hours", () => {
  it("are added up once, whatever is counted and whoever else does it meanwhile, and no sum ever says otherwise", async () => {
    const step = fc.oneof(
      fc.record({ counts: fc.integer({ min: 1, max: 9 }), late: fc.constantFrom(0, 0, 1, 70, 200) }),
      fc.record({ runs: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ minutes: fc.integer({ min: 1, max: 130 }) }),
    );
    const run = () => tallies.rollUp(now).then(() => tallies.forget(now));
    let now = NOW;
    await tallies.sum("ever", 0);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await env.LEDGER.batch([env.LEDGER.prepare("DELETE FROM tallies"), env.LEDGER.prepare("DELETE FROM cursors")]);
        now = NOW;
        let total = 0;
        for (const each of steps) {
          if ("minutes" in each) now += each.minutes * MINUTE_MS;
          else if ("runs" in each) await Promise.all(Array.from({ length: each.runs }, run));
          else {
            await tallies.add([received("seon", "accepted", each.counts)], now - each.late * MINUTE_MS);
            total += each.counts;
          }
          const [, hours, ever] = await sumsOf();
          expect([hours, ever]).toEqual(total === 0 ? [[], []] : [[total], [total]]);
        }
      }),
      { seed: 20_261_121, numRuns: 40 },
    );
  }, 60_000);

  it("are one row each, and one for ever, however many minutes they had", async () => {
    for (let minute = 0; minute < 150; minute += 10)
      await tallies.add([received("seon", "accepted", 1)], BEGINNING + minute * MINUTE_MS);
    await tallies.rollUp(BEGINNING + 150 * MINUTE_MS);
    expect([await rowsOf("minute"), await rowsOf("hour"), await rowsOf("ever")]).toEqual([15, 1, 1]);
    await rollAllUp(BEGINNING + 150 * MINUTE_MS);
    expect([await rowsOf("minute"), await rowsOf("hour"), await rowsOf("ever")]).toEqual([15, 2, 1]);
    expect(await sumsOf()).toEqual([[15], [15], [15]]);
    await env.LEDGER.prepare("DELETE FROM tallies WHERE span = 'minute' AND at >= ?")
      .bind(BEGINNING + 2 * HOUR_MS)
      .run();
    expect(await sumsOf()).toEqual([[12], [12], [12]]);
  });

  it("wait for their end, and cost nothing until then", async () => {
    await tallies.add([received("seon", "accepted", 1)], BEGINNING);
    const noBatch = faulty(env.LEDGER, { batch: fails });
    const reading = createTallyLedger(createLedgerDatabase(noBatch, { isApplied: true }));
    await reading.rollUp(BEGINNING + HOUR_MS - 1);
    await expect(reading.rollUp(BEGINNING + HOUR_MS)).rejects.toBeInstanceOf(Unavailable);
  });

  it.each([0, 1, 2])("are added up wholly or not at all where statement %i of the three fails", async (failing) => {
    await tallies.add([received("seon", "accepted", 5)], NOW);
    const broken = faulty(env.LEDGER, {
      batch: (statements) =>
        env.LEDGER.batch(
          (statements as D1PreparedStatement[]).map((each, index) =>
            index === failing ? env.LEDGER.prepare("INSERT INTO tallies (span) VALUES ('half')") : each,
          ),
        ),
    });
    const dying = createTallyLedger(createLedgerDatabase(broken, { isApplied: true }));
    await expect(dying.rollUp(NOW + HOUR_MS)).rejects.toBeInstanceOf(Unavailable);
    expect([await rowsOf("hour"), await rowsOf("ever")]).toEqual([0, 0]);
    expect(await sumsOf()).toEqual([[5], [5], [5]]);
    await rollAllUp(NOW + HOUR_MS);
    expect(await sumsOf()).toEqual([[5], [5], [5]]);
  });
});

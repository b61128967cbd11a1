/** Counts in the ledger's own table, against the real local D1. */
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Count } from "../../src/core/tally.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createTallyLedger } from "../../src/stores/ledger/tallies.ts";
import { faulty, hangs } from "../faults.ts";

const NOW = Date.parse("2026-02-03T10:20:30.000Z");
const ledgerOf = (database: D1Database) => createTallyLedger(createLedgerDatabase(database, { isApplied: false }));

let tallies: ReturnType<typeof createTallyLedger>;
beforeEach(async () => {
  await reset();
  tallies = ledgerOf(env.LEDGER);
});

const received = (source: string, word: string, count: number): Count => ({ kind: "received", source, word, count });

describe("counts", () => {
  it("add up in their minute, their hour and for ever", async () => {
    await tallies.add([received("seon", "accepted", 3), received("-", "unknown_source", 1)], NOW);
    await tallies.add([received("seon", "accepted", 4)], NOW + MINUTE_MS);
    await tallies.add([received("seon", "accepted", 5)], NOW + HOUR_MS);
    const accepted = async (...asked: Parameters<typeof tallies.sum>) =>
      (await tallies.sum(...asked)).find(({ word }) => word === "accepted")?.count;
    expect(await accepted("minute", NOW - (NOW % MINUTE_MS))).toBe(12);
    expect(await accepted("minute", NOW - (NOW % MINUTE_MS) + 1)).toBe(9);
    expect(await accepted("hour", NOW - (NOW % HOUR_MS) + 1)).toBe(5);
    expect(await tallies.sum("ever", 0)).toEqual([
      received("-", "unknown_source", 1),
      received("seon", "accepted", 12),
    ]);
  });

  it("are a row for each span, and no index besides", async () => {
    await tallies.sum("ever", 0);
    let rows = 0;
    const counting = faulty(env.LEDGER, {
      prepare: (sql) => {
        const statement = env.LEDGER.prepare(String(sql));
        return faulty(statement, {
          bind: (...values) => {
            const bound = statement.bind(...values);
            return faulty(bound, {
              run: async () => {
                const result = await bound.run();
                rows += result.meta.rows_written;
                return result;
              },
            });
          },
        });
      },
    });
    const counted = createTallyLedger(createLedgerDatabase(counting, { isApplied: true }));
    await counted.add([received("seon", "accepted", 3), received("seon", "repeat", 1)], NOW);
    expect(rows).toBe(6);
  });

  it("are forgotten after a day by the minute and after 90 days by the hour, and never altogether", async () => {
    await tallies.add([received("seon", "accepted", 1)], NOW - 91 * DAY_MS);
    await tallies.add([received("seon", "accepted", 1)], NOW - 2 * DAY_MS);
    await tallies.add([received("seon", "accepted", 1)], NOW - DAY_MS);
    expect(await tallies.forget(NOW)).toBe(3);
    expect(await tallies.forget(NOW)).toBe(0);
    const left = await Promise.all((["minute", "hour", "ever"] as const).map((span) => tallies.sum(span, 0)));
    expect(left.map((counts) => counts[0]?.count)).toEqual([1, 2, 3]);
  });

  it("are forgotten some at a time", async () => {
    const many = Array.from({ length: 2500 }, (_, index) => received(`source-${index}`, "accepted", 1));
    await tallies.add(many, NOW - 2 * DAY_MS);
    expect([await tallies.forget(NOW), await tallies.forget(NOW), await tallies.forget(NOW)]).toEqual([2000, 500, 0]);
  });

  it("are not waited for where the ledger hangs", async () => {
    const hanging = faulty(env.LEDGER, { prepare: () => ({ bind: () => ({ run: hangs }) }) });
    const stuck = createTallyLedger(createLedgerDatabase(hanging, { isApplied: true }));
    await expect(stuck.add([received("seon", "accepted", 1)], NOW)).rejects.toBeInstanceOf(Unavailable);
  });
});

/** What the ledger remembers of receipts that are to be processed anew, and whom it believes about them. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { EventEntry, LedgerEntry, ReceiptOutcome } from "../../src/core/ledger.ts";
import { createLedgerDatabase } from "../../src/stores/ledger/database.ts";
import { createProcessingLedger } from "../../src/stores/ledger/processing.ts";
import { createReprocessingLedger } from "../../src/stores/ledger/reprocessing.ts";
import { applySchema } from "../../src/stores/ledger/schema.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const RECEIPT = "rcp_a";

const database = createLedgerDatabase(env.LEDGER, { isApplied: false });
const processing = createProcessingLedger(database);
const reprocessing = createReprocessingLedger(database);

beforeEach(async () => {
  await reset();
  await applySchema(env.LEDGER, { isApplied: false });
});

const ENTRY = {
  source: "seon",
  session: "session",
  receipt: RECEIPT,
  receivedAt: NOW,
  body: "body",
  generation: 0,
  facts: { vendor: "seon", environment: "live", basis: "signature", sequence: "01", size: 2 },
} as const;

/** The receipt's event of that number, decided while its session was at `version`. */
const event = (number: number, version: number, asked?: number): EventEntry => ({
  ...ENTRY,
  state: "event",
  event: `evt_${number}`,
  revision: number > 1 ? number : undefined,
  type: "idv.session.finished",
  outcome: "approved",
  object: `events/${number}`,
  config: "0123456789abcdef",
  superseded: false,
  time: "2026-11-17T08:00:00.000Z",
  move: {
    expectedVersion: version,
    next: { version: version + 1, digest: String(number), time: "2026-11-17T08:00:00.000Z", ended: true },
  },
  deliveries: [],
  files: [],
  asked,
});
const outcome = (
  state: ReceiptOutcome["state"],
  asked: number,
  more: Partial<ReceiptOutcome> = {},
): ReceiptOutcome => ({
  ...ENTRY,
  state,
  asked,
  ...more,
});
const commit = async (entry: LedgerEntry) => (await processing.commit([entry], NOW)).has(RECEIPT);
const known = async () => (await processing.past([RECEIPT], [])).receipts.get(RECEIPT);

describe("a revision", () => {
  it("is made only of what was asked for, and once", async () => {
    expect(await commit(event(1, 0))).toBe(true);
    expect(await commit(event(2, 1, NOW))).toBe(false);
    expect(await reprocessing.ask(RECEIPT, NOW)).toBe(true);
    expect(await commit(event(2, 1, NOW + 1))).toBe(false);
    expect(await commit(event(2, 1))).toBe(false);
    expect(await commit(event(2, 1, NOW))).toBe(true);
    expect(await commit(event(2, 1, NOW))).toBe(false);
    expect(await known()).toMatchObject({ event: "evt_2", revision: 2, askedAt: undefined, askedDueAt: undefined });
  });

  it("is not made against a session that has gone on", async () => {
    await commit(event(1, 0));
    await reprocessing.ask(RECEIPT, NOW);
    expect(await commit(event(2, 0, NOW))).toBe(false);
    expect(await known()).toMatchObject({ event: "evt_1", askedAt: NOW });
  });

  it("is not taken back by one who comes late with the first", async () => {
    await commit(event(1, 0));
    await reprocessing.ask(RECEIPT, NOW);
    await commit(event(2, 1, NOW));
    expect(await commit(event(1, 0))).toBe(false);
    expect(await known()).toMatchObject({ event: "evt_2", revision: 2 });
  });

  it("leaves what was asked for meanwhile to be done", async () => {
    await commit(event(1, 0));
    await reprocessing.ask(RECEIPT, NOW);
    await reprocessing.ask(RECEIPT, NOW + 5);
    expect(await commit(event(2, 1, NOW))).toBe(false);
    expect(await known()).toMatchObject({ event: "evt_1", askedAt: NOW + 5 });
  });
});

describe("an outcome of what was asked for", () => {
  it("is written down, and takes nothing back of what was said", async () => {
    await commit(event(1, 0));
    await reprocessing.ask(RECEIPT, NOW);
    expect(await commit(outcome("held", NOW, { reason: "incomplete" }))).toBe(true);
    expect(await known()).toMatchObject({ state: "event", event: "evt_1", askedAt: undefined });
    const row = await env.LEDGER.prepare("SELECT reason, reprocessed FROM receipts").first<Record<string, string>>();
    expect(row?.["reason"]).toBeNull();
    expect(JSON.parse(row?.["reprocessed"] ?? "")).toEqual({ at: NOW, outcome: "held", reason: "incomplete" });
  });

  it("is what becomes of a receipt that has said nothing", async () => {
    await processing.commit([{ ...ENTRY, state: "unreadable", reason: "not_json" }], NOW);
    await reprocessing.ask(RECEIPT, NOW);
    expect(await commit(outcome("recorded", NOW))).toBe(true);
    expect(await known()).toMatchObject({ state: "recorded", askedAt: undefined });
    expect(await commit(outcome("held", NOW))).toBe(false);
  });

  it("waits without being forgotten, and of two who say the same number one is believed", async () => {
    await commit(event(1, 0));
    await reprocessing.ask(RECEIPT, NOW);
    const waiting = (reads: number) => commit(outcome("waiting", NOW, { reads, dueAt: NOW + reads * 1000 }));
    expect([await waiting(1), await waiting(1), await waiting(2)]).toEqual([true, false, true]);
    expect(await known()).toMatchObject({ state: "event", reads: 2, askedAt: NOW, askedDueAt: NOW + 2000 });
  });
});

describe("what was asked for", () => {
  it("is taken when it is due, once each time", async () => {
    await commit(event(1, 0));
    await reprocessing.ask(RECEIPT, NOW);
    expect(await reprocessing.takeAsked(NOW, NOW, 10)).toEqual([]);
    const taken = [{ object: "receipts/seon/session/body.0", size: 2, again: { at: NOW } }];
    expect(await reprocessing.takeAsked(NOW + 1, NOW + 10, 10)).toEqual(taken);
    expect(await reprocessing.takeAsked(NOW + 1, NOW + 10, 10)).toEqual([]);
    expect(await reprocessing.takeAsked(NOW + 11, NOW + 20, 0)).toEqual([]);
    expect(await reprocessing.takeAsked(NOW + 11, NOW + 20, 10)).toEqual(taken);
  });

  it("is found by its index, and costs those that were never asked for nothing", async () => {
    const { results } = await env.LEDGER.prepare(
      "EXPLAIN QUERY PLAN SELECT id FROM receipts WHERE asked_due_at < 1 ORDER BY asked_due_at LIMIT 1",
    ).all<{ detail: string }>();
    expect(results.map(({ detail }) => detail).join()).toContain("INDEX receipts_asked");
  });

  it("is nothing where the receipt is not known", async () => {
    expect(await reprocessing.ask("rcp_unknown", NOW)).toBe(false);
  });
});

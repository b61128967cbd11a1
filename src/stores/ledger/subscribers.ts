/** The ledger's part in the life of subscribers: how they fare, pause and resume, what is held for them. */
import { hashSubscriber } from "../../core/ids.ts";
import type { Backlog, PauseReason, SubscriberHealth, SubscriberLedger } from "../../core/subscribers.ts";
import type { LedgerDatabase } from "./database.ts";
import { notePaused } from "./noting.ts";
import { toTask, type OwedRow } from "./owed.ts";
import { IS_UNWELL } from "./rows.ts";

/** As many of the newest events are looked through for a success: a success by itself writes nothing about its subscriber. */
const EVENTS_LOOKED_AT = 200;
const DELIVERIES_COUNTED = 10_000;
/** Longer than any batch takes that did not know yet that the subscriber was resumed. */
const RESUMING_MS = 600_000;

const HEALTH = `SELECT * FROM subscribers WHERE name IN (SELECT value FROM json_each(?1))`;

/** Takes the hash of the subscriber's name, with which the id of each of its deliveries ends. */
export const LAST_SUCCESS = `
  SELECT max(d.settled_at) AS at
  FROM (SELECT sequence, id FROM events ORDER BY sequence DESC, id DESC LIMIT ${EVENTS_LOOKED_AT}) e
  CROSS JOIN deliveries d ON d.sequence = e.sequence AND d.id = 'dlv_' || substr(e.id, 5) || ?1 WHERE d.state = 'delivered'`;

const OWED = `
  SELECT subscriber, count(*) AS n FROM (SELECT subscriber FROM deliveries WHERE due_at IS NOT NULL LIMIT ${DELIVERIES_COUNTED})
  GROUP BY subscriber`;
const HELD = `
  SELECT subscriber, count(*) AS n
  FROM (SELECT subscriber FROM deliveries WHERE ${IS_UNWELL} AND state = 'held' LIMIT ${DELIVERIES_COUNTED})
  GROUP BY subscriber`;

const PAUSE = `
  INSERT INTO subscribers (name, paused_at, paused_why, paused_by) VALUES (?1, ?2, 'manual', ?3)
  ON CONFLICT (name) DO UPDATE SET paused_at = excluded.paused_at, paused_why = excluded.paused_why, paused_by = excluded.paused_by,
    resumed_at = NULL
  WHERE subscribers.paused_at IS NULL`;

const RESUME = `
  UPDATE subscribers SET paused_at = NULL, paused_why = NULL, paused_by = NULL, resumed_at = ?2, failures = 0, timeouts = 0,
    opened_at = NULL, probe_at = NULL, probes = 0, failing_since = NULL
  WHERE name = ?1`;

/** The order and the subscriber are read off the index: what is held for others costs no look at its row. */
export const RELEASE_HELD = `
  UPDATE deliveries SET state = iif(attempts = 0, 'pending', 'retrying'), due_at = ?3
  WHERE (sequence, id) IN (
    SELECT sequence, id FROM deliveries WHERE ${IS_UNWELL} AND state = 'held' AND substr(id, 37) = ?2
    ORDER BY sequence, event, id LIMIT ?4
  ) AND state = 'held' AND NOT EXISTS (SELECT 1 FROM subscribers WHERE name = ?1 AND paused_at IS NOT NULL)
  RETURNING id, event, object, subscriber, attempts, sequence`;

const FORGET_RESUMED = `UPDATE subscribers SET resumed_at = NULL WHERE name = ?1 AND resumed_at < ?2`;

interface SubscriberRow {
  name: string;
  failures: number;
  opened_at: number | null;
  probe_at: number | null;
  failing_since: number | null;
  last_failure_at: number | null;
  last_success_at: number | null;
  paused_at: number | null;
  paused_why: PauseReason | null;
  paused_by: string | null;
}

export function createSubscriberLedger(ledger: LedgerDatabase): SubscriberLedger {
  const names = (condition: string, ...values: readonly number[]) =>
    ledger.run(async (database) => {
      const known = database.prepare(`SELECT name FROM subscribers WHERE ${condition}`).bind(...values);
      return (await known.all<{ name: string }>()).results.map(({ name }) => name);
    });

  return {
    health: async (asked) => {
      const hashes = await Promise.all(asked.map(hashSubscriber));
      return ledger.run(async (database) => {
        const last = database.prepare(LAST_SUCCESS);
        const [known, ...lasts] = await database.batch([
          database.prepare(HEALTH).bind(JSON.stringify(asked)),
          ...hashes.map((hash) => last.bind(hash)),
        ]);
        const rows = new Map(((known?.results ?? []) as SubscriberRow[]).map((row) => [row.name, row]));
        return new Map(
          asked.map((name, index) => {
            const [{ at } = { at: null }] = (lasts[index]?.results ?? []) as { at: number | null }[];
            return [name, toHealth(rows.get(name), at)];
          }),
        );
      });
    },

    backlogs: () =>
      ledger.run(async (database) => {
        const [owed, held] = await database.batch<{ subscriber: string; n: number }>([
          database.prepare(OWED),
          database.prepare(HELD),
        ]);
        return countUp(owed?.results ?? [], held?.results ?? []);
      }),

    pause: (subscriber, by, now) =>
      ledger.run(async (database) => {
        await database.batch([
          database.prepare(PAUSE).bind(subscriber, now, by),
          notePaused(database, [{ subscriber, at: now }]),
        ]);
      }),

    resume: (subscriber, now) =>
      ledger.run(async (database) => {
        await database.prepare(RESUME).bind(subscriber, now).run();
      }),

    paused: (before) => names("paused_at < ?", before),
    resumed: () => names("resumed_at IS NOT NULL"),

    release: async (subscriber, limit, now) => {
      const hash = await hashSubscriber(subscriber);
      return ledger.run(async (database) => {
        const { results } = await database.prepare(RELEASE_HELD).bind(subscriber, hash, now, limit).all<OwedRow>();
        if (results.length < limit)
          await database
            .prepare(FORGET_RESUMED)
            .bind(subscriber, now - RESUMING_MS)
            .run();
        const inOrder = results.sort((left, right) => (left.sequence < right.sequence ? -1 : 1));
        return inOrder.map((row) => toTask(row, now));
      });
    },
  };
}

/** @param lastSuccess among its newest deliveries */
function toHealth(row: SubscriberRow | undefined, lastSuccess: number | null): SubscriberHealth {
  return {
    consecutiveFailures: row?.failures ?? 0,
    openedAt: row?.opened_at ?? undefined,
    probeAt: row?.probe_at ?? undefined,
    failingSince: row?.failing_since ?? undefined,
    lastFailureAt: row?.last_failure_at ?? undefined,
    lastSuccessAt: Math.max(row?.last_success_at ?? 0, lastSuccess ?? 0) || undefined,
    pausedAt: row?.paused_at ?? undefined,
    pausedWhy: row?.paused_why ?? undefined,
    pausedBy: row?.paused_by ?? undefined,
  };
}

type Counted = readonly { subscriber: string; n: number }[];

function countUp(owed: Counted, held: Counted): Map<string, Backlog> {
  const isFull = (counts: Counted) => counts.reduce((sum, { n }) => sum + n, 0) >= DELIVERIES_COUNTED;
  const isBounded = isFull(owed) || isFull(held);
  const numberOf = (counts: Counted, name: string) => counts.find(({ subscriber }) => subscriber === name)?.n ?? 0;
  const names = new Set([...owed, ...held].map(({ subscriber }) => subscriber));
  return new Map(
    [...names].map((name) => [name, { owed: numberOf(owed, name), held: numberOf(held, name), isBounded }]),
  );
}

/** The ledger's part in process: what sessions have said, which receipts are done, which deliveries are owed. */
import { sessionKeyOf, type EventEntry, type ProcessingLedger, type ReceiptState } from "../../core/ledger.ts";
import type { DeliverTask } from "../../core/tasks.ts";
import type { LedgerDatabase } from "./database.ts";

type ReceiptRow = { id: string; state: ReceiptState; event: string | null };
type SessionRow = { source: string; session: string; version: number; digest: string; time: string; ended: number };
type DeliveryRow = { id: string; event: string; object: string; subscriber: string };

const INSERT_EVENT = `
  INSERT OR IGNORE INTO events (id, source, session, type, outcome, object, sequence, time)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
  WHERE coalesce((SELECT version FROM sessions WHERE source = ?2 AND session = ?3), 0) = ?9
    AND NOT EXISTS (SELECT 1 FROM receipts WHERE id = ?10 AND state IN ('event', 'unchanged'))`;

const IS_COMMITTED = `EXISTS (SELECT 1 FROM events WHERE id = ?1 AND object = ?2)`;

const INSERT_DELIVERIES = `
  INSERT OR IGNORE INTO deliveries (id, event, object, subscriber, state, due_at)
  SELECT value ->> 'id', ?1, ?2, value ->> 'subscriber', 'pending', ?3 FROM json_each(?4) WHERE ${IS_COMMITTED}`;

const INSERT_EVENT_RECEIPT = `
  INSERT INTO receipts (id, source, state, event, received_at) SELECT ?3, ?4, 'event', ?1, ?5 WHERE ${IS_COMMITTED}
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, event = excluded.event, reason = NULL`;

const UPSERT_SESSION = `
  INSERT INTO sessions (source, session, version, digest, time, ended, outcome, event)
  SELECT ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?1 WHERE ${IS_COMMITTED}
  ON CONFLICT (source, session) DO UPDATE SET version = excluded.version, digest = excluded.digest, time = excluded.time,
    ended = excluded.ended, outcome = excluded.outcome, event = excluded.event
  WHERE sessions.version = excluded.version - 1`;

const UPSERT_OUTCOME = `
  INSERT INTO receipts (id, source, state, reason, received_at) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason
  WHERE receipts.state NOT IN ('event', 'unchanged')`;

export function createProcessingLedger(ledger: LedgerDatabase): ProcessingLedger {
  const statementsOf = (database: D1Database, entry: EventEntry, now: number): D1PreparedStatement[] => {
    const { event, object, source, session, next } = entry;
    const moved = next && [next.version, next.digest, next.time, next.ended ? 1 : 0, entry.outcome];
    return [
      database
        .prepare(INSERT_EVENT)
        .bind(
          event,
          source,
          session,
          entry.type,
          entry.outcome,
          object,
          entry.sequence,
          entry.time,
          entry.expectedVersion,
          entry.receipt,
        ),
      database.prepare(INSERT_DELIVERIES).bind(event, object, now, JSON.stringify(entry.deliveries)),
      database.prepare(INSERT_EVENT_RECEIPT).bind(event, object, entry.receipt, source, entry.receivedAt),
      ...(moved ? [database.prepare(UPSERT_SESSION).bind(event, object, source, session, ...moved)] : []),
    ];
  };

  return {
    past: (receipts, sessions) =>
      ledger.run(async (database) => {
        const [receiptRows, sessionRows] = await database.batch([
          database
            .prepare("SELECT id, state, event FROM receipts WHERE id IN (SELECT value FROM json_each(?))")
            .bind(JSON.stringify(receipts)),
          database
            .prepare(
              `SELECT s.source, s.session, s.version, s.digest, s.time, s.ended FROM json_each(?) AS wanted
               JOIN sessions s ON s.source = wanted.value ->> 'source' AND s.session = wanted.value ->> 'session'`,
            )
            .bind(JSON.stringify(sessions)),
        ]);
        const byReceipt = ((receiptRows?.results ?? []) as ReceiptRow[]).map(
          ({ id, state, event }) => [id, { state, event: event ?? undefined }] as const,
        );
        const bySession = ((sessionRows?.results ?? []) as SessionRow[]).map(
          ({ source, session, ended, ...state }) =>
            [sessionKeyOf({ source, session }), { ...state, ended: ended === 1 }] as const,
        );
        return { receipts: new Map(byReceipt), sessions: new Map(bySession) };
      }),

    commit: (events, outcomes, now) =>
      ledger.run(async (database) => {
        const groups = events.map((entry) => statementsOf(database, entry, now));
        const others = outcomes.map(({ receipt, source, state, reason, receivedAt }) =>
          database.prepare(UPSERT_OUTCOME).bind(receipt, source, state, reason ?? null, receivedAt),
        );
        const statements = [...groups.flat(), ...others];
        const results = statements.length > 0 ? await database.batch(statements) : [];
        const committed = new Set<string>();
        let position = 0;
        groups.forEach((group, index) => {
          const entry = events[index];
          if (entry && results[position]?.meta.changes === 1) committed.add(entry.event);
          position += group.length;
        });
        return committed;
      }),

    unattempted: (deliveries) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare(
            `SELECT id, event, object, subscriber FROM deliveries
             WHERE state = 'pending' AND attempts = 0 AND id IN (SELECT value FROM json_each(?))`,
          )
          .bind(JSON.stringify(deliveries))
          .all<DeliveryRow>();
        return results.map(({ id, ...row }): DeliverTask => ({
          v: 1,
          kind: "deliver",
          delivery: id,
          ...row,
          attempt: 1,
        }));
      }),

    unknownReceipts: (ids) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare("SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM receipts)")
          .bind(JSON.stringify(ids))
          .all<{ id: string }>();
        return new Set(results.map(({ id }) => id));
      }),
  };
}

/** The ledger's part in process: what sessions have said, which receipts are done, which deliveries are owed. */
import {
  sessionKeyOf,
  type Arrived,
  type EventEntry,
  type KnownReceipt,
  type ProcessingLedger,
  type ReceiptEntry,
  type ReceiptState,
  type SessionKey,
} from "../../core/ledger.ts";
import type { EventType } from "../../core/event.ts";
import type { StoredFile } from "../../core/files.ts";
import type { SessionState } from "../../core/standing.ts";
import type { LedgerDatabase } from "./database.ts";
import { FACT_COLUMNS, factsOf, factValues, LEARN_FACTS } from "./receipt-columns.ts";
import { isOpen, outcomeStatements, reprocessed } from "./receipt-outcomes.ts";
import { eventOfDelivery } from "./rows.ts";
import { isErased, type ReceiptValues } from "./erased.ts";
import { REVISIT } from "./erasing.ts";

interface ReceiptRow {
  id: string;
  state: ReceiptState;
  event: string | null;
  due_at: number | null;
  reads: number;
  revision: number | null;
  asked_at: number | null;
  asked_due_at: number | null;
  type: EventType | null;
  object: string | null;
}
type SessionRow = Omit<SessionState, "ended"> & SessionKey & { event: string; ended: number };
type DeliveryRow = { id: string; sequence: string; event: string; object: string; subscriber: string };

const INSERT_EVENT = `
  INSERT OR IGNORE INTO events (id, source, session, type, outcome, object, sequence, time, receipt, vendor, environment,
    subject, external, received_at, superseded, config, revision)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18
  WHERE ${isOpen("?10", "?9", { source: "?2", session: "?3", external: "?14", receivedAt: "?15" }, "?19")}`;

const IS_COMMITTED = `EXISTS (SELECT 1 FROM events WHERE id = ?1 AND object = ?2)`;

const INSERT_DELIVERIES = `
  INSERT OR IGNORE INTO deliveries (id, event, sequence, object, subscriber, state, due_at)
  SELECT value ->> 'id', ?1, ?5, ?2, value ->> 'subscriber', 'pending', ?3 FROM json_each(?4) WHERE ${IS_COMMITTED}`;

const INSERT_FILES = `
  INSERT OR IGNORE INTO files (id, event, kind, content_type, size, sha256)
  SELECT value ->> 'id', ?1, value ->> 'kind', value ->> 'contentType', value ->> 'size', value ->> 'sha256'
  FROM json_each(?3) WHERE ${IS_COMMITTED}`;

/** Whoever is late with an earlier event takes nothing back of a later one. */
const INSERT_EVENT_RECEIPT = `
  INSERT INTO receipts (id, source, state, event, received_at, revision, ${FACT_COLUMNS})
  SELECT ?3, ?4, 'event', ?1, ?5, ?7, ${factValues("?6", "?3")} WHERE ${IS_COMMITTED}
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, event = excluded.event, reason = NULL, due_at = NULL,
    revision = excluded.revision, ${reprocessed("?8", "'event'", "NULL", "?9")}, ${LEARN_FACTS}
  WHERE coalesce(excluded.revision, 1) >= coalesce(receipts.revision, 1)`;

const UPSERT_SESSION = `
  INSERT INTO sessions (source, session, version, digest, time, ended, outcome, event)
  SELECT ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?1 WHERE ${IS_COMMITTED}
  ON CONFLICT (source, session) DO UPDATE SET version = excluded.version, digest = excluded.digest, time = excluded.time,
    ended = excluded.ended, outcome = excluded.outcome, event = excluded.event
  WHERE sessions.version = excluded.version - 1`;

const FIND_RECEIPTS = `
  SELECT r.id, r.state, r.event, r.due_at, r.reads, r.revision, r.asked_at, r.asked_due_at, e.type, e.object
  FROM receipts r LEFT JOIN events e ON e.id = r.event WHERE r.id IN (SELECT value FROM json_each(?))`;

const FIND_SESSIONS = `
  SELECT s.source, s.session, s.version, s.digest, s.time, s.ended, s.event FROM json_each(?) AS wanted
  JOIN sessions s ON s.source = wanted.value ->> 'source' AND s.session = wanted.value ->> 'session'`;

/** Of `json_each`, whose own columns have names of their own. */
const ARRIVED_VALUES: ReceiptValues = {
  source: "(value ->> 'source')",
  session: "(value ->> 'session')",
  external: "(value ->> 'external')",
  receivedAt: "(value ->> 'receivedAt')",
};

const FIND_ERASED = `SELECT value ->> 'receipt' AS id FROM json_each(?) WHERE ${isErased(ARRIVED_VALUES)}`;

const TAKE_UNFINISHED = `
  INSERT INTO receipts (id, source, state, received_at, due_at, ${FACT_COLUMNS})
  SELECT value ->> 'id', value ->> 'source', 'waiting', value ->> 'receivedAt', ?3, ${factValues("value", "(value ->> 'id')")}
  FROM json_each(?1) WHERE NOT ${isErased(ARRIVED_VALUES)}
  ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at WHERE receipts.state = 'waiting' AND receipts.due_at < ?2
  RETURNING id`;

export function createProcessingLedger(ledger: LedgerDatabase): ProcessingLedger {
  return {
    past: (receipts, arrived) =>
      ledger.run(async (database) => {
        const arrivals = JSON.stringify(arrived.map(toArrival));
        const [receiptRows, sessionRows, erasedRows] = await database.batch([
          database.prepare(FIND_RECEIPTS).bind(JSON.stringify(receipts)),
          database.prepare(FIND_SESSIONS).bind(arrivals),
          database.prepare(FIND_ERASED).bind(arrivals),
        ]);
        const byReceipt = ((receiptRows?.results ?? []) as ReceiptRow[]).map((row) => [row.id, toKnown(row)] as const);
        const stands = ((sessionRows?.results ?? []) as SessionRow[]).map(
          ({ source, session, ended, event, ...state }) =>
            [sessionKeyOf({ source, session }), { ...state, ended: ended === 1 }, event] as const,
        );
        const erased = ((erasedRows?.results ?? []) as { id: string }[]).map(({ id }) => id);
        return {
          receipts: new Map(byReceipt),
          sessions: new Map(stands.map(([key, state]) => [key, state])),
          standing: new Map(stands.map(([key, , event]) => [key, event])),
          erased: new Set(erased),
        };
      }),

    commit: (entries, now) =>
      ledger.run(async (database) => {
        const groups = entries.map((entry) => ({
          receipt: entry.receipt,
          statements:
            entry.state === "event" ? eventStatements(database, entry, now) : outcomeStatements(database, entry, now),
        }));
        const statements = groups.flatMap((group) => group.statements);
        const results = statements.length > 0 ? await database.batch(statements) : [];
        // The first statement of a group is the guarded one; the others follow from what it did.
        const committed = new Set<string>();
        let position = 0;
        for (const group of groups) {
          if (results[position]?.meta.changes === 1) committed.add(group.receipt);
          position += group.statements.length;
        }
        return committed;
      }),

    unattempted: (deliveries, now) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare(
            `SELECT d.id, d.sequence, d.event, d.object, d.subscriber FROM json_each(?) AS wanted
             CROSS JOIN events e ON ${eventOfDelivery("wanted.value")}
             CROSS JOIN deliveries d ON d.sequence = e.sequence AND d.id = wanted.value
             WHERE d.state = 'pending' AND d.attempts = 0`,
          )
          .bind(JSON.stringify(deliveries))
          .all<DeliveryRow>();
        return results.map(({ id, ...row }) => ({
          v: 1,
          kind: "deliver",
          delivery: id,
          ...row,
          attempt: 1,
          owedAt: now,
        }));
      }),

    takeUnfinished: (receipts, before, now) =>
      ledger.run(async (database) => {
        const sessions = JSON.stringify([...new Set(receipts.map(({ session }) => session))]);
        const [taken] = await database.batch<{ id: string }>([
          database.prepare(TAKE_UNFINISHED).bind(JSON.stringify(receipts.map(toUnfinished)), before, now),
          database.prepare(REVISIT).bind(sessions, now),
        ]);
        return new Set((taken?.results ?? []).map(({ id }) => id));
      }),
  };
}

function toKnown(row: ReceiptRow): KnownReceipt {
  const { state, reads } = row;
  return {
    state,
    reads,
    event: row.event ?? undefined,
    dueAt: row.due_at ?? undefined,
    askedAt: row.asked_at ?? undefined,
    askedDueAt: row.asked_due_at ?? undefined,
    revision: state === "event" ? (row.revision ?? 1) : undefined,
    type: row.type ?? undefined,
    object: row.object ?? undefined,
  };
}

function eventStatements(database: D1Database, entry: EventEntry, now: number): D1PreparedStatement[] {
  const { event, object, source, session, type, outcome, time, receipt, receivedAt, external } = entry;
  const { revision = null, asked = null } = entry;
  const { vendor, environment, subject, sequence } = entry.facts;
  const { expectedVersion, next } = entry.move;
  const insert = database.prepare(INSERT_EVENT);
  const deliveries = database.prepare(INSERT_DELIVERIES);
  const done = database.prepare(INSERT_EVENT_RECEIPT);
  const moved = database.prepare(UPSERT_SESSION);
  const decided = [event, source, session, type, outcome, object, sequence, time, expectedVersion, receipt];
  const more = [Number(entry.superseded), entry.config, revision, asked];
  return [
    insert.bind(...decided, vendor, environment, subject ?? null, external ?? null, receivedAt, ...more),
    deliveries.bind(event, object, now, JSON.stringify(entry.deliveries), sequence),
    done.bind(event, object, receipt, source, receivedAt, JSON.stringify(factsOf(entry)), revision, asked, now),
    ...(entry.files.length > 0
      ? [database.prepare(INSERT_FILES).bind(event, object, JSON.stringify(entry.files.map(toRow)))]
      : []),
    ...(next
      ? [moved.bind(event, object, source, session, next.version, next.digest, next.time, Number(next.ended), outcome)]
      : []),
  ];
}

function toUnfinished(entry: ReceiptEntry) {
  const { receipt, source, receivedAt } = entry;
  return { id: receipt, source, receivedAt, ...factsOf(entry) };
}

const toArrival = ({ receipt, source, session, receivedAt, facts }: Arrived) => ({
  receipt,
  source,
  session,
  receivedAt,
  external: facts?.external,
});

/** A vendor's own names of its files stay out of the ledger. */
export const toRow = ({ id, kind, contentType, size, sha256 }: StoredFile) => ({ id, kind, contentType, size, sha256 });

/** The ledger's rows made anew from what the archive knows. Deliveries are not among them: nothing but the ledger knew of those. */
import type { RestoredEvent, RestoringLedger } from "../../core/ledger.ts";
import type { LedgerDatabase } from "./database.ts";
import { isErased } from "./erased.ts";
import { toRow } from "./processing.ts";
import { FACT_COLUMNS, factsOf, factValues } from "./receipt-columns.ts";

/** SQL of the number of an event among those that its receipt has made. */
const numberOf = (revision: string): string => `coalesce(${revision}, 1)`;
const NUMBER = numberOf("(value ->> 'revision')");

/** Unless something else became of the receipt, or its session has been erased. A receipt may have made several events. */
const RESTORE_EVENTS = `
  INSERT OR IGNORE INTO events (id, source, session, type, outcome, object, sequence, time, receipt, vendor, environment,
    subject, external, received_at, superseded, config, revision)
  SELECT value ->> 'event', value ->> 'source', value ->> 'session', value ->> 'type', value ->> 'outcome', value ->> 'object',
    value ->> '$.facts.sequence', value ->> 'time', value ->> 'receipt', value ->> '$.facts.vendor', value ->> '$.facts.environment',
    value ->> '$.facts.subject', value ->> 'external', value ->> 'receivedAt', value ->> 'superseded', value ->> 'config', value ->> 'revision'
  FROM json_each(?1)
  WHERE NOT EXISTS (SELECT 1 FROM receipts WHERE id = value ->> 'receipt' AND event IS NOT value ->> 'event'
      AND (event IS NULL OR ${numberOf("revision")} = ${NUMBER}))
    AND NOT ${isErased({
      source: "value ->> 'source'",
      session: "value ->> 'session'",
      external: "value ->> 'external'",
      receivedAt: "value ->> 'receivedAt'",
    })}`;

/** @param one SQL of the JSON of an event */
const isThere = (one: string): string =>
  `EXISTS (SELECT 1 FROM events WHERE id = ${one} ->> 'event' AND object = ${one} ->> 'object')`;

const RESTORE_RECEIPTS = `
  INSERT INTO receipts (id, source, state, event, received_at, reads, revision, ${FACT_COLUMNS})
  SELECT value ->> 'receipt', value ->> 'source', 'event', value ->> 'event', value ->> 'receivedAt', value ->> 'reads',
    value ->> 'revision', ${factValues("(value -> 'facts')", "(value ->> 'receipt')")}
  FROM json_each(?1) WHERE ${isThere("value")}
  ON CONFLICT (id) DO UPDATE SET event = excluded.event, revision = excluded.revision, reads = excluded.reads
  WHERE receipts.event IS NOT NULL AND ${numberOf("excluded.revision")} > ${numberOf("receipts.revision")}`;

const RESTORE_SESSIONS = `
  INSERT INTO sessions (source, session, version, digest, time, ended, outcome, event)
  SELECT value ->> 'source', value ->> 'session', value ->> '$.next.version', value ->> '$.next.digest',
    value ->> '$.next.time', value ->> '$.next.ended', value ->> 'outcome', value ->> 'event'
  FROM json_each(?1) WHERE value -> 'next' IS NOT NULL AND ${isThere("value")}
  ON CONFLICT (source, session) DO UPDATE SET version = max(sessions.version + 1, excluded.version), digest = excluded.digest,
    time = excluded.time, ended = excluded.ended, outcome = excluded.outcome, event = excluded.event
  WHERE (excluded.time, excluded.version) > (sessions.time, sessions.version)`;

const RESTORE_FILES = `
  INSERT OR IGNORE INTO files (id, event, kind, content_type, size, sha256)
  SELECT file.value ->> 'id', one.value ->> 'event', file.value ->> 'kind', file.value ->> 'contentType',
    file.value ->> 'size', file.value ->> 'sha256'
  FROM json_each(?1) AS one, json_each(one.value -> 'files') AS file WHERE ${isThere("one.value")}`;

/** Each travels with its files in one parameter, for which D1 takes 2 MB. */
const AT_ONCE = 50;

export function createRestoringLedger(ledger: LedgerDatabase): RestoringLedger {
  return {
    async restore(events) {
      const restored = { events: 0, receipts: 0, sessions: 0, files: 0 };
      for (let start = 0; start < events.length; start += AT_ONCE) {
        const rows = JSON.stringify(events.slice(start, start + AT_ONCE).map(toRestored));
        const statements = [RESTORE_EVENTS, RESTORE_RECEIPTS, RESTORE_SESSIONS, RESTORE_FILES];
        const written = await ledger.run((database) =>
          database.batch(statements.map((sql) => database.prepare(sql).bind(rows))),
        );
        const [made = 0, receipts = 0, sessions = 0, files = 0] = written.map(({ meta }) => meta.changes);
        restored.events += made;
        restored.receipts += receipts;
        restored.sessions += sessions;
        restored.files += files;
      }
      return restored;
    },
  };
}

const toRestored = (event: RestoredEvent) => ({ ...event, facts: factsOf(event), files: event.files.map(toRow) });

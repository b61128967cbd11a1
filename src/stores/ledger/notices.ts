/** Notices in the ledger: what was noted and is to be told, and the events made of it. */
import type { Note, NoticeEntry, NoticeLedger, NoticeType } from "../../core/notice.ts";
import type { LedgerDatabase } from "./database.ts";

/** As an event of a source that nobody configures. */
const INSERT_EVENT = `
  INSERT OR IGNORE INTO events (id, sequence, receipt, source, vendor, environment, type, outcome, session, object, time,
    received_at, superseded)
  VALUES (?1, ?2, '', 'gateway', 'gateway', ?3, ?4, 'unknown', '', ?5, ?6, ?7, 0)`;

const INSERT_DELIVERIES = `
  INSERT OR IGNORE INTO deliveries (id, event, sequence, object, subscriber, state, due_at)
  SELECT value ->> 'id', ?1, ?2, ?3, value ->> 'subscriber', 'pending', ?4 FROM json_each(?5)`;

const FORGET = `DELETE FROM notices WHERE id IN (SELECT value FROM json_each(?1))`;

export function createNoticeLedger(ledger: LedgerDatabase): NoticeLedger {
  return {
    noted: (limit) =>
      ledger.run(async (database) => {
        const { results } = await database
          // Deliveries die by the thousand, and come last.
          .prepare("SELECT id, type, subject, at, data FROM notices ORDER BY id DESC LIMIT ?")
          .bind(limit)
          .all<{ id: string; type: NoticeType; subject: string; at: number; data: string }>();
        return results
          .toReversed()
          .map(({ data, ...row }): Note => ({ ...row, data: JSON.parse(data) as Note["data"] }));
      }),

    isTold: (event) =>
      ledger.run(async (database) => {
        const row = await database.prepare("SELECT 1 FROM events WHERE id = ?").bind(event).first();
        return row !== null;
      }),

    tell: ({ event, object, deliveries, notes }: NoticeEntry, now) =>
      ledger.run(async (database) => {
        const { id, sequence, environment, type, time } = event;
        await database.batch([
          database.prepare(INSERT_EVENT).bind(id, sequence, environment, type, object, time, Date.parse(time)),
          database.prepare(INSERT_DELIVERIES).bind(id, sequence, object, now, JSON.stringify(deliveries)),
          database.prepare(FORGET).bind(JSON.stringify(notes)),
        ]);
      }),
  };
}

/** The audit in D1: written once, listed newest first by the time in its ids. */
import type { AuditEntry, AuditFilter, AuditLedger } from "../../core/audit.ts";
import type { Position } from "../../core/cursor.ts";
import { firstSequence, timeOf } from "../../core/sequence.ts";
import { reachingWithin } from "../reach.ts";
import type { LedgerDatabase } from "./database.ts";
import { allOf, equal, readPage, type Clause, type Walk } from "./paging.ts";

/** Somebody waits for it, and there is another place for it to wait. */
const WRITE_MS = 2000;

export function createAuditLedger(ledger: LedgerDatabase): AuditLedger {
  return {
    write: (entries) =>
      reachingWithin("ledger", WRITE_MS, () =>
        ledger.run(async (database) => {
          await database
            .prepare(
              `INSERT OR IGNORE INTO audit (id, actor, role, action, target, status)
               SELECT value ->> 'id', value ->> 'actor', value ->> 'role', value ->> 'action', value ->> 'target',
                 value ->> 'status' FROM json_each(?)`,
            )
            .bind(JSON.stringify(entries))
            .run();
        }),
      ),

    async list(filter, limit, after) {
      const walk = auditWalk(filter, after);
      const { rows, ...more } = await ledger.run((database) => readPage(database, walk, limit));
      return { items: rows.map((entry) => ({ ...entry, at: new Date(timeOf(entry.id)).toISOString() })), ...more };
    },
  };
}

/** Sorts after every ULID. */
const END = "~";

function auditWalk({ actor, action, from, to }: AuditFilter, after?: Position): Walk<AuditEntry> {
  const end = to === undefined ? END : firstSequence(to);
  const upper = after && after.id < end ? after.id : end;
  const bounds: Clause[] = [
    { sql: "id < ?", values: [upper] },
    ...(from === undefined ? [] : [{ sql: "id >= ?", values: [firstSequence(from)] }]),
  ];
  const { sql, values } = allOf(bounds);
  const itself = (position: Position) => position;
  return {
    candidates: { sql: `SELECT id AS sequence, * FROM audit WHERE ${sql} ORDER BY id DESC`, values },
    rows: (candidates) => `SELECT id, actor, role, action, target, status FROM ${candidates}`,
    checks: equal({ actor, action }),
    after: ({ id }) => ({ sequence: id, id }),
    afterCandidate: itself,
    candidateOf: itself,
  };
}

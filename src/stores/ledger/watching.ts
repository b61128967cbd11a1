/** What is remembered of sources from minute to minute, and what was counted of them lately. */
import { countNamed } from "../../core/tally.ts";
import type { SourceState, WatchLedger } from "../../core/watch.ts";
import type { LedgerDatabase } from "./database.ts";

const HEARD = `
  SELECT key, sum(value) AS count, max(at) AS at FROM tallies, json_each(tallies.counts)
  WHERE span = 'minute' AND at >= ? AND key LIKE 'received %' GROUP BY key`;

const KNOWN =
  "SELECT name, heard_at AS heardAt, rejecting_since AS rejectingSince, silent_since AS silentSince FROM sources";

/** Of two sweeps at once the first one says when something began. */
const REMEMBER = `
  INSERT INTO sources (name, heard_at, rejecting_since, silent_since)
  SELECT value ->> 'name', value ->> 'heardAt', value ->> 'rejectingSince', value ->> 'silentSince' FROM json_each(?) WHERE true
  ON CONFLICT (name) DO UPDATE SET heard_at = excluded.heard_at,
    rejecting_since = iif(excluded.rejecting_since IS NULL, NULL, coalesce(rejecting_since, excluded.rejecting_since)),
    silent_since = iif(excluded.silent_since IS NULL, NULL, coalesce(silent_since, excluded.silent_since))`;

const FORGET = "DELETE FROM sources WHERE name IN (SELECT value FROM json_each(?))";

/** In the transaction in which it begins, so that it is noted by whoever began it. */
const NOTE = `
  INSERT OR IGNORE INTO notices (id, type, subject, at, data)
  SELECT (note.value ->> 'type') || '/' || name || '/' || (note.value ->> 'at'), note.value ->> 'type', name,
    note.value ->> 'at', note.value -> 'data'
  FROM json_each(?) AS note JOIN sources ON name = note.value ->> 'subject'
    AND note.value ->> 'at' = iif(note.value ->> 'type' = 'gateway.source.silent', silent_since, rejecting_since)`;

type Row = { name: string; heardAt: number | null; rejectingSince: number | null; silentSince: number | null };

export function createWatchLedger(ledger: LedgerDatabase): WatchLedger {
  return {
    look: (from) =>
      ledger.run(async (database) => {
        const [counted, known] = await database.batch([database.prepare(HEARD).bind(from), database.prepare(KNOWN)]);
        const counts = (counted?.results ?? []) as { key: string; count: number; at: number }[];
        const heard = counts.map(({ key, count, at }) => ({ ...countNamed(key, count), at }));
        return {
          heard: Map.groupBy(heard, ({ source }) => source),
          known: new Map(((known?.results ?? []) as Row[]).map(toState)),
        };
      }),

    remember: ({ changed, gone, notes }) =>
      ledger.run(async (database) => {
        const run = (sql: string, of: readonly unknown[]) =>
          of.length > 0 ? [database.prepare(sql).bind(JSON.stringify(of))] : [];
        const states = changed.map(({ name, state }) => ({ name, ...state }));
        const statements = [...run(REMEMBER, states), ...run(FORGET, gone), ...run(NOTE, notes)];
        if (statements.length > 0) await database.batch(statements);
      }),
  };
}

function toState({ name, heardAt, rejectingSince, silentSince }: Row): [string, SourceState] {
  return [
    name,
    {
      heardAt: heardAt ?? undefined,
      rejectingSince: rejectingSince ?? undefined,
      silentSince: silentSince ?? undefined,
    },
  ];
}

/** The ledger's part in erasure: the tombstone is written in the transaction that takes the rows, and from then on is in force. */
import type { DueErasure, ErasableSession, Erasure, ErasingLedger, HeldCount } from "../../core/erasure.ts";
import type { LedgerDatabase } from "./database.ts";
import { DELIVERIES_OF } from "./rows.ts";

/** Of all that is erased here, that the tombstone is there. A guarded tombstone that was refused so keeps the rows. */
const ERASED = `
  WITH erased AS (
    SELECT value ->> 'source' AS source, value ->> 'session' AS session, value ->> 'subject' AS subject
    FROM json_each(?1) WHERE EXISTS (SELECT 1 FROM tombstones WHERE tombstones.subject = value ->> 'session'))`;

const EVENTS = "erased CROSS JOIN events e ON e.subject = erased.subject AND e.source = erased.source";
const DELIVERIES = `${EVENTS} CROSS JOIN deliveries d ON ${DELIVERIES_OF}`;

/** What goes with the rows and is needed until the archive has been cleaned: which answers the deliveries had. */
const REMEMBER = `
  ${ERASED}, removed AS (
    SELECT erased.session, count(DISTINCT d.id) AS deliveries,
      json_group_array(DISTINCT attempt.value ->> 'answer') FILTER (WHERE attempt.value ->> 'answer' IS NOT NULL) AS answers
    FROM ${DELIVERIES} LEFT JOIN json_each(d.log) AS attempt GROUP BY erased.session)
  UPDATE tombstones SET deliveries = tombstones.deliveries + removed.deliveries,
    answers = coalesce(tombstones.answers, removed.answers)
  FROM removed WHERE tombstones.subject = removed.session`;

/** Receipts with an event are known by it, the others by an index of their own. Events last: the others are found by them. */
const TAKE = [
  `${ERASED} DELETE FROM deliveries WHERE (sequence, id) IN (SELECT d.sequence, d.id FROM ${DELIVERIES})`,
  `${ERASED} DELETE FROM files WHERE id IN (
    SELECT f.id FROM erased CROSS JOIN files f ON f.id > 'fil_' || erased.session AND f.id < 'fil_' || erased.session || 'g')`,
  `${ERASED} DELETE FROM receipts WHERE id IN (SELECT e.receipt FROM ${EVENTS})`,
  `${ERASED} DELETE FROM receipts WHERE id IN (
    SELECT r.id FROM erased CROSS JOIN receipts r ON r.session = erased.session AND r.event IS NULL)`,
  `${ERASED} DELETE FROM sessions WHERE (source, session) IN (SELECT source, session FROM erased)`,
  `${ERASED} DELETE FROM events WHERE id IN (SELECT e.id FROM ${EVENTS})`,
  // A replay of this one session names none any more, and finds nothing.
  `${ERASED} UPDATE replays SET plan = json_replace(plan, '$.filter.subject', '')
    WHERE plan ->> '$.filter.subject' IN (SELECT subject FROM erased
      WHERE source = coalesce(plan ->> '$.filter.source', source))`,
];

const IS_HELD = `EXISTS (SELECT 1 FROM holds WHERE source = value ->> 'source' AND session = value ->> 'session')`;

const TOMBSTONE_COLUMNS = "subject, kind, source, person, erased_at, erased_by, check_at";

/** In the person's name where it is for the sake of one. */
const insertSessions = (condition: string) => `
  INSERT INTO tombstones (${TOMBSTONE_COLUMNS})
  SELECT value ->> 'session', 'session', value ->> 'source', ?4, ?3,
    coalesce((SELECT erased_by FROM tombstones WHERE subject = ?4), ?2), ?3
  FROM json_each(?1) WHERE NOT ${IS_HELD} AND ${condition}
  ON CONFLICT (subject) DO UPDATE SET check_at = excluded.check_at`;

const INSERT_SESSION = insertSessions("1");

const HELD_OF_SESSION = `SELECT value ->> 'source' AS source, 1 AS sessions FROM json_each(?1) WHERE ${IS_HELD}`;

/** Of a person, by hash `?1`, as far as received until `?2`. */
const SESSIONS_OF_PERSON = `
  SELECT source, session, max(subject) AS subject FROM (
    SELECT source, session, subject FROM events WHERE external = ?1 AND received_at <= ?2
    UNION ALL
    SELECT source, session, subject FROM receipts WHERE event IS NULL AND external = ?1 AND received_at <= ?2)
  GROUP BY source, session`;

/** Of a person, taken in one transaction: meanwhile D1, which does one thing at a time, does nothing for anybody else. */
const SESSIONS_OF_ROUND = 500;

/** All of them are looked at, however many are taken. */
const HELD_OF_PERSON = `
  SELECT source, count(*) AS sessions FROM (${SESSIONS_OF_PERSON}) JOIN holds USING (source, session) GROUP BY source`;

/** Asked for again, it covers what has come since; who goes on with an earlier one takes nothing back of that. */
const INSERT_PERSON = `
  INSERT INTO tombstones (${TOMBSTONE_COLUMNS})
  SELECT ?1, 'person', NULL, NULL, ?2, ?3, ?2 WHERE NOT EXISTS (${HELD_OF_PERSON})
  ON CONFLICT (subject) DO UPDATE SET
    erased_by = iif(excluded.erased_at < tombstones.erased_at, tombstones.erased_by, excluded.erased_by),
    erased_at = max(tombstones.erased_at, excluded.erased_at), check_at = max(tombstones.erased_at, excluded.check_at),
    finished_at = NULL`;

const INSERT_SESSIONS_OF_PERSON = insertSessions(
  "EXISTS (SELECT 1 FROM tombstones WHERE subject = ?4 AND erased_at >= ?3)",
);

const FIND = `
  SELECT t.subject, t.kind, t.source, t.erased_at, t.erased_by, sum(each.kind = 'session') AS sessions,
    sum(each.finished_at IS NULL) AS unfinished, sum(each.receipts) AS receipts, sum(each.events) AS events,
    sum(each.files) AS files, sum(each.dead_letters) AS dead_letters, sum(each.deliveries) AS deliveries
  FROM tombstones t JOIN tombstones each ON each.subject = t.subject OR each.person = t.subject
  WHERE t.subject = ? GROUP BY t.subject`;

/**
 * Answers are read as long as the archive may have them; then nobody needs their names any more. A person is done with only as far as it
 * was asked for when this began.
 */
const RECORD = `
  UPDATE tombstones SET receipts = receipts + ?2, events = events + ?3, files = files + ?4, dead_letters = dead_letters + ?5,
    finished_at = coalesce(finished_at, iif(?6 AND (kind = 'session' OR check_at IS ?8), ?7, NULL)), answers = iif(?6, NULL, answers),
    check_at = iif(check_at IS ?8, ?9, check_at)
  WHERE subject = ?1`;

/** Also what the sweep comes upon: `?1` is JSON of hashes of sessions. */
export const REVISIT = `
  UPDATE tombstones SET check_at = ?2
  WHERE subject IN (SELECT value FROM json_each(?1)) AND (check_at IS NULL OR check_at > ?2)`;

const DUE_COLUMNS = "subject, kind, source, erased_at, erased_by, check_at";

interface DueRow {
  subject: string;
  kind: Erasure["kind"];
  source: string | null;
  erased_at: number;
  erased_by: string;
  check_at: number | null;
}

type FoundRow = DueRow & { sessions: number; unfinished: number; dead_letters: number } & Omit<
    Erasure["removed"],
    "deadLetters"
  >;

export function createErasingLedger(ledger: LedgerDatabase): ErasingLedger {
  function take(database: D1Database, sessions: readonly ErasableSession[]): D1PreparedStatement[] {
    const wanted = JSON.stringify(sessions);
    return [REMEMBER, ...TAKE].map((sql) => database.prepare(sql).bind(wanted));
  }

  const list = (sql: string, ...values: readonly (string | number)[]) =>
    ledger.run(async (database) => {
      const { results } = await database
        .prepare(sql)
        .bind(...values)
        .all<DueRow>();
      return results.map(toDue);
    });

  return {
    eraseSession: ({ source, session, subject }, by, now, person) =>
      ledger.run(async (database) => {
        const sessions = [{ source, session, subject }];
        const wanted = JSON.stringify(sessions);
        const [held] = await database.batch([
          database.prepare(HELD_OF_SESSION).bind(wanted),
          database.prepare(INSERT_SESSION).bind(wanted, by, now, person ?? null),
          ...take(database, sessions),
        ]);
        return verdict((held?.results ?? []) as HeldCount[]);
      }),

    erasePerson: (person, by, now) =>
      ledger.run(async (database) => {
        const known = database.prepare(`${SESSIONS_OF_PERSON} LIMIT ${SESSIONS_OF_ROUND}`).bind(person, now);
        const { results: sessions } = await known.all<ErasableSession>();
        const [held, ...rest] = await database.batch([
          database.prepare(HELD_OF_PERSON).bind(person, now),
          database.prepare(INSERT_PERSON).bind(person, now, by),
          database.prepare(INSERT_SESSIONS_OF_PERSON).bind(JSON.stringify(sessions), by, now, person),
          ...take(database, sessions),
          known,
        ]);
        const refused = verdict((held?.results ?? []) as HeldCount[]);
        return refused.ok ? { ok: true, isAll: rest.at(-1)?.results.length === 0 } : refused;
      }),

    find: (subject) =>
      ledger.run(async (database) => {
        const row = await database.prepare(FIND).bind(subject).first<FoundRow>();
        return row ? toErasure(row) : undefined;
      }),

    unfinishedOf: (person, limit) =>
      list(`SELECT ${DUE_COLUMNS} FROM tombstones WHERE person = ? AND finished_at IS NULL LIMIT ?`, person, limit),

    // Persons first: their sessions that are not taken yet are not even in force.
    due: (now, limit) =>
      list(`SELECT ${DUE_COLUMNS} FROM tombstones WHERE check_at <= ? ORDER BY check_at, kind LIMIT ?`, now, limit),

    answersOf: (subject) =>
      ledger.run(async (database) => {
        const sql = "SELECT answers FROM tombstones WHERE subject = ?";
        const row = await database.prepare(sql).bind(subject).first<{ answers: string | null }>();
        return JSON.parse(row?.answers ?? "[]") as string[];
      }),

    record: ({ subject, checkAt }, { receipts, events, files, deadLetters }, isDone, now, next) =>
      ledger.run(async (database) => {
        const counts = [receipts, events, files, deadLetters];
        await database
          .prepare(RECORD)
          .bind(subject, ...counts, Number(isDone), now, checkAt, next ?? null)
          .run();
      }),

    revisit: (sessions, now) =>
      ledger.run(async (database) => {
        const subjects = sessions.map(({ session }) => session);
        await database.prepare(REVISIT).bind(JSON.stringify(subjects), now).run();
      }),
  };
}

const verdict = (held: HeldCount[]): { ok: true } | { ok: false; held: HeldCount[] } =>
  held.length > 0 ? { ok: false, held } : { ok: true };

function toDue({ subject, kind, source, erased_at, erased_by, check_at }: DueRow): DueErasure {
  const checkAt = check_at ?? erased_at;
  return { subject, kind, source: source ?? undefined, erasedAt: erased_at, erasedBy: erased_by, checkAt };
}

function toErasure(row: FoundRow): Erasure {
  const { subject, kind, source, erased_at, erased_by, sessions, unfinished } = row;
  const { receipts, events, files, dead_letters, deliveries } = row;
  return {
    subject,
    kind,
    source: source ?? undefined,
    erasedAt: erased_at,
    erasedBy: erased_by,
    sessions,
    unfinished,
    removed: { receipts, events, files, deadLetters: dead_letters, deliveries },
  };
}

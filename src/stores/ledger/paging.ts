/**
 * Pages of rows, newest first or oldest first, by position and never by counting, so that rows which come in meanwhile neither repeat a row
 * nor hide one. An index leads to candidates; what else is asked of them is checked as they come, on a bounded number.
 */
import type { Position } from "../../core/cursor.ts";
import type { Period } from "../../core/search.ts";
import { firstSequence } from "../../core/sequence.ts";

export interface Clause {
  sql: string;
  values: readonly (string | number)[];
}

/** One list as SQL. */
export interface Walk<Row> {
  /** Candidates with `sequence` and `id`, ordered; from an index, so that reading them can stop anywhere. */
  candidates: Clause;
  /** `SELECT … FROM` the candidates, and what is joined to them. They must lead: the rows come in their order. */
  rows(candidates: string): string;
  /** What an index did not see to. */
  checks: readonly Clause[];
  /** Where the list goes on after a row, and after a candidate and all its rows. */
  after(row: Row): Position;
  afterCandidate(candidate: Position): Position;
  /** The candidate that a position belongs to. */
  candidateOf(position: Position): Position;
  isOldestFirst?: true;
}

/** A longer search goes on with the cursor: a request has its limits in time and memory. */
export const MOST_EXAMINED = 10_000;

export async function readPage<Row>(
  database: D1Database,
  walk: Walk<Row>,
  limit: number,
): Promise<{ rows: Row[]; next?: Position }> {
  const { sql, values } = pageQuery(walk, limit);
  const { results } = await database
    .prepare(sql)
    .bind(...values)
    .all<Row>();
  const rows = results.slice(0, limit);
  const last = rows.at(-1);
  if (results.length > limit && last) return { rows, next: walk.after(last) };
  const bound = boundQuery(walk);
  const examined = await database
    .prepare(bound.sql)
    .bind(...bound.values)
    .first<Position>();
  if (!examined) return { rows };
  // Candidates that came in between the two queries bring the bound nearer; what is given out already is not given again.
  const reached = last && walk.candidateOf(walk.after(last));
  const isBeyond = reached && (walk.isOldestFirst ? isOlder(examined, reached) : isOlder(reached, examined));
  return { rows, next: isBeyond ? walk.after(last) : walk.afterCandidate(examined) };
}

/** One row more than asked for tells whether there are more. No ORDER BY outside: it would gather everything first. */
export function pageQuery<Row>({ candidates, rows, checks }: Walk<Row>, limit: number): Clause {
  const checked = allOf(checks);
  return {
    sql: `${rows(`(${candidates.sql} LIMIT ${MOST_EXAMINED})`)} WHERE ${checked.sql} LIMIT ?`,
    values: [...candidates.values, ...checked.values, limit + 1],
  };
}

/** The last candidate that is examined, where there are that many. */
export function boundQuery<Row>({ candidates }: Walk<Row>): Clause {
  const { sql, values } = candidates;
  return { sql: `SELECT sequence, id FROM (${sql} LIMIT 1 OFFSET ${MOST_EXAMINED - 1})`, values };
}

function isOlder(one: Position, other: Position): boolean {
  return one.sequence < other.sequence || (one.sequence === other.sequence && one.id < other.id);
}

export function allOf(clauses: readonly Clause[]): Clause {
  if (clauses.length === 0) return { sql: "1", values: [] };
  return { sql: clauses.map(({ sql }) => sql).join(" AND "), values: clauses.flatMap(({ values }) => values) };
}

/** Of the columns that have a value to be equal to. */
export function equal(columns: Readonly<Record<string, string | undefined>>): Clause[] {
  return Object.entries(columns).flatMap(([column, value]) =>
    value === undefined ? [] : [{ sql: `${column} = ?`, values: [value] }],
  );
}

/** Sorts after every ULID. */
const END = "~";

/**
 * The positions of a period, before another one. A single upper bound: of two, SQLite would seek to either, and walk from there.
 * @param key the columns of sequence and id
 */
export function within(key: readonly [string, string], { from, to }: Period, before?: Position): Clause {
  const end: Position = { sequence: to === undefined ? END : firstSequence(to), id: "" };
  const upper = before && isOlder(before, end) ? before : end;
  const above = { sql: `(${key.join(", ")}) < (?, ?)`, values: [upper.sequence, upper.id] };
  const below = from === undefined ? [] : [{ sql: `${key[0]} >= ?`, values: [firstSequence(from)] }];
  return allOf([above, ...below]);
}

/** The same for who walks the other way, and for the same reason with a single lower bound. */
export function withinAfter(key: readonly [string, string], { from, to }: Period, after?: Position): Clause {
  const start: Position = { sequence: firstSequence(from ?? 0), id: "" };
  const lower = after && isOlder(start, after) ? after : start;
  const above = { sql: `(${key.join(", ")}) > (?, ?)`, values: [lower.sequence, lower.id] };
  const below = to === undefined ? [] : [{ sql: `${key[0]} < ?`, values: [firstSequence(to)] }];
  return allOf([above, ...below]);
}

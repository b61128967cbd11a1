/** The ledger's part in deliver and sweep: who may attempt a delivery, what came of it, what is still owed. */
import { FIRST_PROBE_MS, LONGEST_PROBE_MS, type Standing } from "../../core/breaker.ts";
import { LEASE_MS, type DeliveringLedger } from "../../core/ledger.ts";
import { isAskedFor, type AttemptResult, type DeliverTask } from "../../core/tasks.ts";
import type { LedgerDatabase } from "./database.ts";
import { healthStatements } from "./health.ts";
import { noteDead } from "./noting.ts";
import { IS_PLACE, placeOf, placesOf, toTask, type OwedRow } from "./owed.ts";

export const LEASE = `
  UPDATE deliveries SET lease_holder = ?2, lease_until = ?3
  FROM json_each(?1) AS task
  WHERE ${IS_PLACE} AND deliveries.attempts = task.value ->> 'made'
    AND deliveries.state IN ('pending', 'retrying') AND deliveries.lease_until <= ?4`;

/** Read in the same transaction, so that what was just taken is told apart from what another consumer has. */
export const LEASED = `
  SELECT deliveries.id, deliveries.attempts AS made, deliveries.lease_holder AS holder, deliveries.round FROM json_each(?1) AS task
  CROSS JOIN deliveries ON ${IS_PLACE} AND deliveries.attempts = task.value ->> 'made'
  WHERE deliveries.state IN ('pending', 'retrying')`;

/** In the same transaction too: what an attempt has to know of its subscriber costs no call of its own. */
const STANDINGS = `
  SELECT name, failures, timeouts, opened_at, probe_at, paused_at FROM subscribers
  WHERE name IN (SELECT value ->> 'subscriber' FROM json_each(?1))`;

export const RELEASE = `
  UPDATE deliveries SET lease_holder = NULL, lease_until = 0
  FROM json_each(?1) AS task WHERE ${IS_PLACE} AND lease_holder = ?2`;

/** As many as one schedule can have: erasing finds the answers by them. In its own row, so that they cost no row of their own. */
const LOGGED_ATTEMPTS = 101;

/** Before the first of a full log makes room: the answer that nothing will name any more. */
const OUTGROWN = `
  SELECT deliveries.log ->> '$[0].answer' AS answer FROM json_each(?1) AS task CROSS JOIN deliveries ON ${IS_PLACE}
  WHERE deliveries.attempts = task.value ->> 'made' AND json_array_length(deliveries.log) >= ${LOGGED_ATTEMPTS}`;

export const SETTLE = `
  UPDATE deliveries SET state = ?2, attempts = ?3, status = ?4, reason = ?5, due_at = ?6, settled_at = ?7,
    log = json_insert(iif(json_array_length(log) >= ${LOGGED_ATTEMPTS}, json_remove(log, '$[0]'), log), '$[#]', json(?8)),
    lease_holder = NULL, lease_until = 0
  WHERE sequence = ?9 AND id = ?1 AND attempts < ?3 AND state IN ('pending', 'retrying')
    AND (round IS NOT attempts OR ?10 OR ?2 = 'delivered')`;

const FIND_THESE = `SELECT deliveries.id FROM json_each(?) AS task CROSS JOIN deliveries ON ${IS_PLACE}`;

export const PUT_OFF = `
  UPDATE deliveries SET state = iif(task.value ->> 'dueAt' IS NULL, 'held', state), due_at = task.value ->> 'dueAt',
    lease_holder = NULL, lease_until = 0
  FROM json_each(?1) AS task WHERE ${IS_PLACE} AND lease_holder = ?2 AND state IN ('pending', 'retrying')`;

/** Whoever moves the time has the probe. If it dies with it, the next one comes at that time. */
const CLAIM_PROBE = `
  UPDATE subscribers SET probes = probes + 1, probe_at = ?2 + min(${LONGEST_PROBE_MS}, ${FIRST_PROBE_MS} << min(probes + 1, 8))
  WHERE name = ?1 AND opened_at IS NOT NULL AND probe_at <= ?2`;

export const TAKE_OVERDUE = `
  UPDATE deliveries SET due_at = ?2
  WHERE (sequence, id) IN (SELECT sequence, id FROM deliveries WHERE due_at IS NOT NULL AND due_at < ?1 AND lease_until <= ?2 ORDER BY due_at LIMIT ?3)
  RETURNING id, sequence, event, object, subscriber, attempts, round`;

export function createDeliveringLedger(ledger: LedgerDatabase): DeliveringLedger {
  return {
    lease: (tasks, holder, now) =>
      ledger.run(async (database) => {
        const wanted = placesOf(tasks);
        const [, leased, known] = await database.batch([
          database.prepare(LEASE).bind(wanted, holder, now + LEASE_MS, now),
          database.prepare(LEASED).bind(wanted),
          database.prepare(STANDINGS).bind(wanted),
        ]);
        const rows = (leased?.results ?? []) as { id: string; made: number; holder: string; round: number | null }[];
        const standings = new Map(((known?.results ?? []) as StandingRow[]).map(toStanding));
        const [ours, others] = [
          rows.filter((row) => row.holder === holder),
          rows.filter((row) => row.holder !== holder),
        ];
        const taken = new Map(ours.map(({ id, made }) => [id, made + 1]));
        const rounds = rows.flatMap(({ id, round }) => (round === null ? [] : [[id, round] as const]));
        return { taken, busy: new Set(others.map(({ id }) => id)), standings, rounds: new Map(rounds) };
      }),

    release: (tasks, holder) =>
      ledger.run(async (database) => {
        await database.prepare(RELEASE).bind(placesOf(tasks), holder).run();
      }),

    putOff: (putOff, holder) =>
      ledger.run(async (database) => {
        const places = JSON.stringify(putOff.map(({ task, dueAt }) => ({ ...placeOf(task), dueAt })));
        await database.prepare(PUT_OFF).bind(places, holder).run();
      }),

    claimProbe: (subscriber, now) =>
      ledger.run(async (database) => {
        const { meta } = await database.prepare(CLAIM_PROBE).bind(subscriber, now).run();
        return meta.changes === 1;
      }),

    settle: (results) =>
      ledger.run(async (database) => {
        const tasks = results.map(({ task }) => task);
        const many = tasks.filter(({ attempt }) => attempt > LOGGED_ATTEMPTS);
        const outgrow = many.length > 0 ? [database.prepare(OUTGROWN).bind(placesOf(many))] : [];
        const dead = results.filter(({ state }) => state === "dead").map(({ task }) => task);
        const answered = await database.batch<{ answer: string | null }>([
          ...outgrow,
          ...settleStatements(database, results),
          ...healthStatements(database, results),
          ...noteDead(database, dead),
        ]);
        const written = answered.slice(outgrow.length);
        const outgrown = answered.slice(0, outgrow.length).flatMap((each) => each.results);
        const gone = await withoutThose(
          tasks.filter((_, index) => written[index]?.meta.changes === 0),
          database,
        );
        return { gone, outgrown: outgrown.flatMap(({ answer }) => answer ?? []) };
      }),

    takeOverdue: (before, now, limit) =>
      ledger.run(async (database) => {
        const { results } = await database
          .prepare(TAKE_OVERDUE)
          .bind(before, now, limit)
          .all<OwedRow & { round: number | null }>();
        return results.map(({ round, ...row }) => ({ ...toTask(row, now), apart: round === null ? undefined : true }));
      }),

    bury: (task, reason, now) =>
      ledger.run(async (database) => {
        const bury = database.prepare(
          `UPDATE deliveries SET state = 'dead', reason = ?2, settled_at = ?3, due_at = NULL, lease_until = 0
           WHERE sequence = ?4 AND id = ?1 AND attempts < ?5 AND state IN ('pending', 'retrying')`,
        );
        const { delivery, sequence, attempt } = task;
        await database.batch([bury.bind(delivery, reason, now, sequence, attempt), ...noteDead(database, [task])]);
      }),
  };
}

function settleStatements(database: D1Database, results: readonly AttemptResult[]): D1PreparedStatement[] {
  const statement = database.prepare(SETTLE);
  return results.map(({ task, state, status, reason, at, dueAt, ms, answer }) => {
    const { delivery, attempt, sequence } = task;
    const asked = isAskedFor(task);
    const log = JSON.stringify({ attempt, ...(asked ? { asked } : {}), at, ms, status, reason, answer });
    const outcome = [state, attempt, status ?? null, reason ?? null, dueAt ?? null, at];
    return statement.bind(delivery, ...outcome, log, sequence, Number(asked));
  });
}

/** Those of the deliveries that are not there. */
async function withoutThose(tasks: readonly DeliverTask[], database: D1Database): Promise<Set<string>> {
  const gone = new Set(tasks.map(({ delivery }) => delivery));
  if (gone.size === 0) return gone;
  const found = database.prepare(FIND_THESE).bind(placesOf(tasks));
  for (const { id } of (await found.all<{ id: string }>()).results) gone.delete(id);
  return gone;
}

interface StandingRow {
  name: string;
  failures: number;
  timeouts: number;
  opened_at: number | null;
  probe_at: number | null;
  paused_at: number | null;
}

function toStanding({ name, failures, timeouts, opened_at, probe_at, paused_at }: StandingRow): [string, Standing] {
  const openedAt = opened_at ?? undefined;
  return [name, { failures, timeouts, openedAt, probeAt: probe_at ?? undefined, pausedAt: paused_at ?? undefined }];
}

/** A long past for the ledger, made within the database: every event with its receipt and one delivery, in an order of no meaning. */
import type { LocalWorker } from "../local-worker.ts";

/** Hashes by which one person, one session and one subscriber are found. */
export interface Hashes {
  external: string;
  session: string;
  subscriber: string;
  sequenceAt(milliseconds: number): string;
}

/** What can be asked for. */
export interface Known {
  event: string;
  receipt: string;
  /** ISO 8601. */
  from: string;
  to: string;
}

const START = Date.parse("2026-01-01T00:00:00.000Z");
/** One event each second. */
const STEP_MS = 1000;
const CHUNK = 50_000;
/** Of these there are as many in a short past as in a long one, so that a page of them is as long. */
const RARE = 500;
const SESSION = 17;

/** Ids are hashes: they come in no order. */
const HEX = "printf('%08x%08x%08x%08x', (i * 2654435761) % 4294967296, (i * 40503) % 4294967296, i, i)";

/** The time is written with the digits of `firstSequence`, by SQLite. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const digit = (shift: number) => `substr('${DIGITS}', ((at >> ${shift}) & 31) + 1, 1)`;
const SEQUENCE = `${[45, 40, 35, 30, 25, 20, 15, 10, 5, 0].map(digit).join(" || ")} || upper(substr(hex, 1, 16))`;

export async function fillLedger(ledger: LocalWorker["stores"], events: number, hashes: Hashes): Promise<Known> {
  const rare = Math.max(1, Math.floor(events / RARE));
  for (let first = 0; first < events; first += CHUNK) {
    const last = Math.min(events, first + CHUNK) - 1;
    const rows = `WITH RECURSIVE n (i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM n WHERE i < ${last}),
      t AS (SELECT i, ${START} + i * ${STEP_MS} AS at, ${HEX} AS hex FROM n), r AS (SELECT i, at, hex, ${SEQUENCE} AS sequence FROM t)`;
    const isRare = `i % ${rare} = ${Math.min(SESSION, rare - 1)}`;
    await ledger.batch([
      `INSERT INTO receipts (id, source, state, event, received_at, sequence, vendor, session)
         ${rows} SELECT 'rcp_' || hex, 'source-' || (i % 4), iif(${isRare}, 'dead', 'event'), iif(${isRare}, NULL, 'evt_' || hex),
           at, sequence, 'seon', 'session' FROM r`,
      `INSERT INTO events (id, sequence, receipt, source, vendor, environment, type, outcome, session, subject, external, object, time,
           received_at, superseded)
         ${rows} SELECT 'evt_' || hex, sequence, 'rcp_' || hex, 'source-' || (i % 4), 'seon', 'live', 'idv.session.finished',
           iif(i % 3 = 0, 'declined', 'approved'), iif(i = ${SESSION}, '${hashes.session}', hex), 'session-' || i,
           iif(i = ${SESSION}, '${hashes.external}', hex), 'object', '2026-01-01T00:00:00.000Z', at, 0 FROM r`,
      `INSERT INTO deliveries (id, event, sequence, object, subscriber, state, attempts, log)
         ${rows} SELECT 'dlv_' || hex || '${hashes.subscriber}', 'evt_' || hex, sequence, 'object', 'crm',
           iif(${isRare}, 'dead', 'delivered'), 1, '[{"attempt":1,"at":1,"status":200}]' FROM r`,
    ]);
  }
  const [row] = await ledger.query<{ id: string; receipt: string }>(
    "SELECT id, receipt FROM events WHERE subject = ? ORDER BY sequence DESC LIMIT 1",
    `session-${Math.floor(events / 2)}`,
  );
  if (!row) throw new Error("the ledger was not filled");
  const middle = START + Math.floor(events / 2) * STEP_MS;
  const [check] = await ledger.query<{ n: number }>(
    "SELECT count(*) AS n FROM events WHERE sequence >= ? AND sequence < ?",
    hashes.sequenceAt(middle),
    hashes.sequenceAt(middle + 10 * STEP_MS),
  );
  if (check?.n !== 10) throw new Error("the sequences are not ULIDs");
  const to = new Date(middle + 1000 * STEP_MS).toISOString();
  return { event: row.id, receipt: row.receipt, from: new Date(middle).toISOString(), to };
}

/** The ledger's part in retention: what may go, and the rows that go with it. */
import type { ExpiringLedger, Expired, Judgement, Shelf } from "../../core/retention.ts";
import type { LedgerDatabase } from "./database.ts";
import { DELIVERIES_OF } from "./rows.ts";

const ID = "(value ->> 'id')";
const IS_HELD = `EXISTS (SELECT 1 FROM holds WHERE source = value ->> 'source' AND session = value ->> 'session')`;

const isOwed = (event: string): string =>
  `EXISTS (SELECT 1 FROM events e CROSS JOIN deliveries d ON ${DELIVERIES_OF}
    WHERE e.id = ${event} AND d.state IN ('pending', 'retrying', 'held'))`;

/** A session that is being read back has files and an event before it has rows of them. */
const IS_WAITED_FOR = `EXISTS (
  SELECT 1 FROM receipts r WHERE r.session = value ->> 'session' AND r.event IS NULL AND r.state = 'waiting')`;

const RECEIPTS = `
  SELECT value ->> 'key' AS key, EXISTS (SELECT 1 FROM events e WHERE e.id = r.event) AS made
  FROM json_each(?1) CROSS JOIN receipts r ON r.id = ${ID}
  WHERE r.state <> 'waiting' AND r.asked_at IS NULL AND NOT ${IS_HELD} AND NOT ${isOwed("r.event")}`;

const keptFor = (reasons: readonly string[]): string => `
  SELECT value ->> 'key' AS key, 0 AS made FROM json_each(?1)
  WHERE ${reasons.map((reason) => `NOT ${reason}`).join(" AND ")}`;

/** A receipt that the ledger does not know is not done with. Of what belongs to no session nobody waits for anything. */
const JUDGE: Readonly<Record<Shelf["kind"], string | undefined>> = {
  receipts: RECEIPTS,
  events: keptFor([IS_HELD, IS_WAITED_FOR, isOwed(ID)]),
  files: keptFor([IS_HELD, IS_WAITED_FOR, isOwed(`(SELECT event FROM files WHERE id = ${ID})`)]),
  deadLetters: keptFor([IS_HELD]),
  notices: keptFor([isOwed(ID)]),
  answers: undefined,
  strays: undefined,
};

const IDS = `(SELECT value FROM json_each(?1))`;
const DELIVERIES = `SELECT d.sequence, d.id FROM events e CROSS JOIN deliveries d ON ${DELIVERIES_OF} WHERE e.id IN ${IDS}`;
const FILES = `
  SELECT f.id FROM events e
  CROSS JOIN files f ON f.id > 'fil_' || e.session AND f.id < 'fil_' || e.session || 'g' AND f.event = e.id
  WHERE e.id IN ${IDS}`;

const FORGET_DELIVERIES = `DELETE FROM deliveries WHERE (sequence, id) IN (${DELIVERIES})`;
const FORGET_EVENTS = `DELETE FROM events WHERE id IN ${IDS}`;

/** The event goes last: the others are found by it. Its session is forgotten when it has said nothing since. */
const FORGET: Readonly<Record<Shelf["kind"], readonly string[]>> = {
  receipts: [
    // Its former id, under which there is nothing in the archive that could expire.
    `DELETE FROM receipts WHERE id IN (
      SELECT f.id FROM receipts r CROSS JOIN receipts f ON f.session = r.session AND f.event IS NULL
        AND f.state = 'refiled' AND f.reason = r.id WHERE r.id IN ${IDS})`,
    `DELETE FROM receipts WHERE id IN ${IDS}`,
  ],
  events: [
    FORGET_DELIVERIES,
    `DELETE FROM files WHERE id IN (${FILES})`,
    `UPDATE receipts SET event = NULL WHERE event IN ${IDS} AND id IN (SELECT receipt FROM events WHERE id IN ${IDS})`,
    `DELETE FROM sessions WHERE event IN ${IDS} AND (source, session) IN (SELECT source, session FROM events WHERE id IN ${IDS})`,
    FORGET_EVENTS,
  ],
  files: [],
  deadLetters: [],
  notices: [FORGET_DELIVERIES, FORGET_EVENTS],
  answers: [],
  strays: [],
};

export function createExpiringLedger(ledger: LedgerDatabase): ExpiringLedger {
  return {
    async judge(kind, expired) {
      const sql = JUDGE[kind];
      if (sql === undefined) return new Map(expired.map(({ key }) => [key, "remove"]));
      return ledger.run(async (database) => {
        const { results } = await database
          .prepare(sql)
          .bind(JSON.stringify(expired))
          .all<{ key: string; made: number }>();
        return new Map(results.map(({ key, made }): [string, Judgement] => [key, made ? "hollow" : "remove"]));
      });
    },

    async forget(kind, removed) {
      const statements = FORGET[kind];
      if (statements.length === 0 || removed.length === 0) return;
      const ids = JSON.stringify(removed.map(({ id }: Expired) => id));
      await ledger.run((database) => database.batch(statements.map((sql) => database.prepare(sql).bind(ids))));
    },
  };
}

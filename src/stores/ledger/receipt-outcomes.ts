/** What the ledger writes of a receipt that makes no event, and whether anything may be written of a receipt at all. */
import type { ReceiptOutcome } from "../../core/ledger.ts";
import { isErased, type ReceiptValues } from "./erased.ts";
import { FACT_COLUMNS, factsOf, factValues, LEARN_FACTS } from "./receipt-columns.ts";

const HAS_SAID = "receipts.state IN ('event', 'unchanged')";

/**
 * The receipt is neither erased nor done with, unless it is to be done anew, and its session is still as it was when this was decided.
 * Each is SQL. @param asked when that was asked for; null is never
 */
export const isOpen = (receipt: string, version: string, values: ReceiptValues, asked: string): string => `
  NOT EXISTS (SELECT 1 FROM receipts WHERE id = ${receipt} AND ${HAS_SAID} AND (asked_at = ${asked}) IS NOT TRUE)
  AND NOT ${isErased(values)}
  AND coalesce((SELECT version FROM sessions WHERE source = ${values.source} AND session = ${values.session}), 0) = ${version}`;

/** What was asked for is done. Each is SQL; a null `asked` is nothing that was asked for. */
export const reprocessed = (asked: string, outcome: string, reason: string, now: string): string => `
  asked_due_at = iif(receipts.asked_at = ${asked}, NULL, receipts.asked_due_at),
  reprocessed = iif(receipts.asked_at = ${asked},
    json_object('at', ${now}, 'outcome', ${outcome}, 'reason', ${reason}), receipts.reprocessed),
  asked_at = iif(receipts.asked_at = ${asked}, NULL, receipts.asked_at)`;

const insert = (isStillTrue: string) => `
  INSERT INTO receipts (id, source, state, reason, received_at, due_at, reads, ${FACT_COLUMNS})
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ${factValues("?8", "?1")} WHERE ${isStillTrue}`;

const upsert = (isStillTrue: string) => `${insert(isStillTrue)}
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason, due_at = excluded.due_at,
    reads = excluded.reads, ${LEARN_FACTS}
  WHERE NOT ${HAS_SAID}
    AND (excluded.state <> 'waiting' OR receipts.state <> 'waiting' OR excluded.reads > receipts.reads)`;

/** What has said something goes on saying it, whatever comes of looking at it anew. */
const unlessSaid = (column: string, otherwise: string) =>
  `${column} = iif(${HAS_SAID}, receipts.${column}, ${otherwise})`;

const isAsked = (isStillTrue: string) =>
  `${isStillTrue} AND EXISTS (SELECT 1 FROM receipts WHERE id = ?1 AND asked_at = ?11)`;

const settle = (isStillTrue: string) => `${insert(isAsked(isStillTrue))}
  ON CONFLICT (id) DO UPDATE SET ${unlessSaid("state", "excluded.state")}, ${unlessSaid("reason", "excluded.reason")},
    ${unlessSaid("due_at", "NULL")}, ${reprocessed("?11", "?3", "?4", "?10")}, ${LEARN_FACTS}`;

const postpone = (isStillTrue: string) => `${insert(isAsked(isStillTrue))}
  ON CONFLICT (id) DO UPDATE SET ${unlessSaid("state", "excluded.state")}, ${unlessSaid("reason", "excluded.reason")},
    ${unlessSaid("due_at", "excluded.due_at")}, reads = excluded.reads, asked_due_at = excluded.due_at, ${LEARN_FACTS}
  WHERE excluded.reads > receipts.reads`;

const VALUES: ReceiptValues = {
  source: "?2",
  session: "(?8 ->> 'session')",
  external: "(?8 ->> 'external')",
  receivedAt: "?5",
};

const IS_THERE = `NOT ${isErased(VALUES)}`;

const UPSERT = upsert(IS_THERE);
const UPSERT_GUARDED = upsert(isOpen("?1", "?9", VALUES, "NULL"));
const SETTLE = settle(IS_THERE);
const SETTLE_GUARDED = settle(isOpen("?1", "?9", VALUES, "?11"));
const POSTPONE = postpone(IS_THERE);

/** The session has been heard of again; `version` moves with its time. */
const TOUCH_SESSION = `
  UPDATE sessions SET version = ?4, time = ?5
  WHERE source = ?2 AND session = ?3 AND version = ?4 - 1 AND EXISTS (SELECT 1 FROM receipts WHERE id = ?1 AND state = 'unchanged')`;

/** The first is guarded; the other follows from what it did. */
export function outcomeStatements(database: D1Database, outcome: ReceiptOutcome, now: number): D1PreparedStatement[] {
  const { receipt, source, session, state, reason = null, receivedAt, dueAt = null, reads = 0, move, asked } = outcome;
  const values = [receipt, source, state, reason, receivedAt, dueAt, reads, JSON.stringify(factsOf(outcome))];
  const version = move?.expectedVersion;
  const next = move?.next;
  const touched = next && database.prepare(TOUCH_SESSION).bind(receipt, source, session, next.version, next.time);
  const first =
    asked === undefined
      ? database.prepare(move ? UPSERT_GUARDED : UPSERT).bind(...values, ...(version === undefined ? [] : [version]))
      : database.prepare(askedSql(outcome)).bind(...values, version ?? null, now, asked);
  return touched ? [first, touched] : [first];
}

function askedSql({ state, move }: ReceiptOutcome): string {
  if (state === "waiting") return POSTPONE;
  return move ? SETTLE_GUARDED : SETTLE;
}

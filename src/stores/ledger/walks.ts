/** The lists of events, receipts and deliveries: which index leads to the candidates of a filter, and what is checked on them. */
import type { Position } from "../../core/cursor.ts";
import type { DeliveryState } from "../../core/ledger.ts";
import type { ReplayOrder } from "../../core/replay.ts";
import type { DeliveryFilter, EventFilter, ReceiptFilter } from "../../core/search.ts";
import { allOf, equal, within, withinAfter, type Clause, type Walk } from "./paging.ts";
import {
  DELIVERIES_OF,
  DELIVERY_COLUMNS,
  EVENT_COLUMNS,
  IS_UNWELL,
  RECEIPT_COLUMNS,
  type DeliveryRow,
  type EventRow,
  type ReceiptRow,
} from "./rows.ts";

const UNWELL: readonly DeliveryState[] = ["retrying", "held", "dead", "cancelled"];

const isUnwell = (state: DeliveryState | undefined): state is DeliveryState =>
  state !== undefined && UNWELL.includes(state);

const STATES = `(SELECT json_group_array(d.state) FROM deliveries d WHERE ${DELIVERIES_OF}) AS states`;

/** The delivery of the event `e` to one subscriber, or all of them. @param hash hex, and so fit to stand in SQL */
const deliveriesTo = (hash: string | undefined): string =>
  hash === undefined ? DELIVERIES_OF : `d.sequence = e.sequence AND d.id = 'dlv_' || substr(e.id, 5) || '${hash}'`;

const itself = (position: Position): Position => position;

/** A query whose candidates stand in the order of their positions. */
function select(from: string, conditions: readonly Clause[], order: string): Clause {
  const { sql, values } = allOf(conditions);
  return { sql: `${from} WHERE ${sql} ${order}`, values };
}

type Direction = "ASC" | "DESC";

/** Events with a delivery in such a state. */
function unwellEvents(state: DeliveryState, period: Clause, direction: Direction = "DESC"): Clause {
  return select(
    "SELECT sequence, event AS id FROM deliveries",
    [{ sql: IS_UNWELL, values: [] }, ...equal({ state }), period],
    `GROUP BY sequence, event ORDER BY sequence ${direction}, event ${direction}`,
  );
}

/** @param bounds the positions that are left, by the columns of sequence and id */
function walkEvents<Row extends Position>(
  columns: string,
  filter: EventFilter,
  subscriberHash: string | undefined,
  direction: Direction,
  bounds: (key: readonly [string, string]) => Clause,
): Walk<Row> {
  const { source, type, outcome, subject, external, state } = filter;
  const isLedByState = external === undefined && subject === undefined && isUnwell(state);
  const lead = external === undefined ? { subject } : { external };
  const order = `ORDER BY sequence ${direction}, id ${direction}`;
  const candidates = isLedByState
    ? unwellEvents(state, bounds(["sequence", "event"]), direction)
    : select("SELECT * FROM events", [...equal(lead), bounds(["sequence", "id"])], order);
  const joined = isLedByState ? "AS c CROSS JOIN events AS e ON e.sequence = c.sequence AND e.id = c.id" : "AS e";
  const rest = external === undefined ? {} : { "e.subject": subject };
  return {
    candidates,
    rows: (from) => `SELECT ${columns} FROM ${from} ${joined}`,
    checks: [
      ...equal({ "e.source": source, "e.type": type, "e.outcome": outcome, ...rest }),
      ...deliveryChecks(subscriberHash, isLedByState && subscriberHash === undefined ? undefined : state),
    ],
    after: ({ sequence, id }) => ({ sequence, id }),
    afterCandidate: itself,
    candidateOf: itself,
  };
}

export type ListedEventRow = EventRow & { states: string };

/** @param subscriberHash of `filter.subscriber` */
export function eventWalk(
  filter: EventFilter,
  subscriberHash: string | undefined,
  before?: Position,
): Walk<ListedEventRow> {
  return walkEvents(`${EVENT_COLUMNS}, ${STATES}`, filter, subscriberHash, "DESC", (key) =>
    within(key, filter, before),
  );
}

/** `deliveries`: subscriber and state of each that the filter may mean, as JSON. */
export type ReplayedEventRow = Position & { deliveries: string };

/**
 * Oldest first. What goes to subscribers that are named, whatever their filter, is nothing of tests and nothing of the gateway's own, unless
 * the replay's filter says so.
 */
export function replayWalk(
  { filter, subscribers }: ReplayOrder,
  subscriberHash: string | undefined,
  after?: Position,
): Walk<ReplayedEventRow> {
  const own = `(SELECT json_group_array(json_array(d.subscriber, d.state)) FROM deliveries d WHERE ${deliveriesTo(subscriberHash)})`;
  const columns = `e.sequence, e.id, ${subscribers ? "'[]'" : own} AS deliveries`;
  const walk = walkEvents<ReplayedEventRow>(columns, filter, subscriberHash, "ASC", (key) =>
    withinAfter(key, filter, after),
  );
  const isGuarded = subscribers !== undefined && filter.source === undefined;
  const guards = [
    "e.environment IS NOT 'test'",
    ...(filter.type === undefined ? ["e.type NOT LIKE 'gateway.%'"] : []),
  ].map((sql): Clause => ({ sql, values: [] }));
  return { ...walk, checks: [...walk.checks, ...(isGuarded ? guards : [])], isOldestFirst: true };
}

/** The sign before a column keeps it from being a reason for another way in than the key. */
function deliveryChecks(subscriberHash: string | undefined, state: DeliveryState | undefined): Clause[] {
  if (subscriberHash === undefined && state === undefined) return [];
  const { sql, values } = allOf([{ sql: deliveriesTo(subscriberHash), values: [] }, ...equal({ "+d.state": state })]);
  return [{ sql: `EXISTS (SELECT 1 FROM deliveries d WHERE ${sql})`, values }];
}

export type ListedReceiptRow = ReceiptRow & { position: string };

/** Those that became an event come by way of it, all others from an index of their own; both in one order. */
export function receiptWalk(filter: ReceiptFilter, before?: Position): Walk<ListedReceiptRow> {
  const { source, subject, external, state } = filter;
  const lead = (table: string) =>
    equal(external === undefined ? { [`${table}.subject`]: subject } : { [`${table}.external`]: external });
  const eventless = select(
    "SELECT r.sequence AS sequence, r.id AS id, r.id AS receipt, r.source AS source, r.subject AS subject, r.state AS state FROM receipts r",
    [{ sql: "r.event IS NULL", values: [] }, ...lead("r"), within(["r.sequence", "r.id"], filter, before)],
    "",
  );
  const made = select(
    "SELECT e.sequence AS sequence, e.id AS id, e.receipt AS receipt, e.source AS source, e.subject AS subject, 'event' AS state FROM events e",
    [...lead("e"), within(["e.sequence", "e.id"], filter, before)],
    "",
  );
  // What became an event that has expired since has none any more.
  const wanted = state === undefined || state === "event" ? [eventless, made] : [eventless];
  return {
    candidates: {
      sql: `${wanted.map(({ sql }) => sql).join(" UNION ALL ")} ORDER BY 1 DESC, 2 DESC`,
      values: wanted.flatMap(({ values }) => values),
    },
    // A receipt that made several events is listed with the one that counts.
    rows: (from) =>
      `SELECT ${RECEIPT_COLUMNS}, c.id AS position FROM ${from} AS c
       CROSS JOIN receipts r ON r.id = c.receipt AND coalesce(r.event, r.id) = c.id`,
    checks: equal({ "c.source": source, "c.subject": subject, "c.state": state }),
    after: ({ sequence, position }) => ({ sequence, id: position }),
    afterCandidate: itself,
    candidateOf: itself,
  };
}

const eventOf = (delivery: string): string => `evt_${delivery.slice("dlv_".length, "dlv_".length + 32)}`;

/** After the last delivery of an event. */
const afterAll = (event: string): string => `dlv_${event.slice("evt_".length)}g`;

/** Those of one event stand in the order of their ids, between those of a newer event and those of an older one. */
export function deliveryWalk(
  filter: DeliveryFilter,
  subscriberHash: string | undefined,
  before?: Position,
): Walk<DeliveryRow> {
  const { source, event, state } = filter;
  const own = deliveriesTo(subscriberHash);
  const common = {
    checks: [
      ...equal({ "e.source": source, "+d.state": state, "+d.event": event }),
      ...(before ? [{ sql: "(e.id <> ? OR d.id > ?)", values: [eventOf(before.id), before.id] }] : []),
    ],
    after: ({ sequence, id }: DeliveryRow) => ({ sequence, id }),
    afterCandidate: ({ sequence, id }: Position) => ({ sequence, id: afterAll(id) }),
    candidateOf: ({ sequence, id }: Position) => ({ sequence, id: eventOf(id) }),
  };
  // The event that the position is in has more to give: a text that sorts right after its id takes it in.
  const reached = before && { sequence: before.sequence, id: `${eventOf(before.id)}\u0001` };
  const lead = event === undefined ? [] : equal({ id: event });
  if (event === undefined && isUnwell(state)) {
    return {
      ...common,
      candidates: unwellEvents(state, within(["sequence", "event"], filter, reached)),
      rows: (from) =>
        `SELECT ${DELIVERY_COLUMNS} FROM ${from} AS c CROSS JOIN events AS e ON e.sequence = c.sequence AND e.id = c.id
         CROSS JOIN deliveries d ON ${own}`,
    };
  }
  return {
    ...common,
    candidates: select(
      "SELECT sequence, id, source FROM events",
      [...lead, within(["sequence", "id"], filter, reached)],
      "ORDER BY sequence DESC, id DESC",
    ),
    rows: (from) => `SELECT ${DELIVERY_COLUMNS} FROM ${from} AS e CROSS JOIN deliveries d ON ${own}`,
  };
}

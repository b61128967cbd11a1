/** A past for the ledger: seeded rows, put into its tables directly, and what a search must find in them. */
import type { Position } from "../../src/core/cursor.ts";
import { EVENT_TYPES, type EventType } from "../../src/core/event.ts";
import { deliveryId } from "../../src/core/ids.ts";
import { DELIVERY_STATES, type DeliveryState, type ReceiptState } from "../../src/core/ledger.ts";
import { OUTCOMES, type Outcome } from "../../src/core/outcome.ts";
import type { DeliveryFilter, EventFilter, Period, ReceiptFilter } from "../../src/core/search.ts";
import { firstSequence } from "../../src/core/sequence.ts";

export const START = Date.parse("2026-11-17T08:00:00.000Z");
export const SOURCES = ["seon-live", "incode-live"];
export const SUBSCRIBERS = ["crm", "risk", "audit"];

export interface PastDelivery {
  id: string;
  subscriber: string;
  state: DeliveryState;
}

export interface PastEvent {
  id: string;
  type: EventType;
  outcome: Outcome;
  external: string | undefined;
  deliveries: PastDelivery[];
}

export interface PastReceipt {
  id: string;
  sequence: string;
  at: number;
  source: string;
  subject: string | undefined;
  /** Of one that made no event: an event has its own. */
  external: string | undefined;
  state: ReceiptState;
  event: PastEvent | undefined;
}

const hex = (number: number, salt: number) =>
  (Math.imul(number + 1, 2_654_435_761 + salt) >>> 0).toString(16).padStart(8, "0").repeat(4);

/** @param dice 0..1 */
export async function pastReceipt(index: number, dice: () => number): Promise<PastReceipt> {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(dice() * items.length)] as T;
  // Several share a millisecond, and some of them even a sequence.
  const at = START + Math.floor(index / 3) * 1000;
  const sequence = firstSequence(at) + pick(["AAAAAAAAAAAAAAAA", hex(index, 7).slice(0, 16).toUpperCase()]);
  const base = { id: `rcp_${hex(index, 0)}`, sequence, at, source: pick(SOURCES) };
  const subject = pick([undefined, "session-1", "session-2", "session-3"]);
  const isEvent = dice() < 0.7;
  const external = pick([undefined, "external-1", "external-2"]);
  if (!isEvent)
    return { ...base, subject, external, state: pick(["unchanged", "recorded", "waiting", "dead"]), event: undefined };
  const id = `evt_${hex(index, 13)}`;
  const deliveries: PastDelivery[] = [];
  for (const subscriber of SUBSCRIBERS.filter(() => dice() < 0.5))
    deliveries.push({ id: await deliveryId(id, subscriber), subscriber, state: pick(DELIVERY_STATES) });
  const event = { id, type: pick(EVENT_TYPES), outcome: pick(OUTCOMES), external, deliveries };
  return { ...base, subject, external, state: "event", event };
}

export async function store(database: D1Database, receipts: readonly PastReceipt[]): Promise<void> {
  const events = receipts.flatMap(({ event, ...receipt }) =>
    event ? [{ ...receipt, ...event, receipt: receipt.id }] : [],
  );
  const deliveries = events.flatMap((event) =>
    event.deliveries.map((delivery) => ({ ...delivery, event: event.id, sequence: event.sequence })),
  );
  const run = (sql: string, rows: readonly object[]) => database.prepare(sql).bind(JSON.stringify(rows));
  await database.batch([
    run(
      `INSERT INTO receipts (id, source, state, event, received_at, sequence, subject, external)
       SELECT value ->> 'id', value ->> 'source', value ->> 'state', value ->> '$.event.id', value ->> 'at',
         value ->> 'sequence', value ->> 'subject', value ->> 'external' FROM json_each(?)`,
      receipts,
    ),
    run(
      `INSERT INTO events (id, sequence, receipt, source, type, outcome, session, subject, external, object, time, received_at, superseded)
       SELECT value ->> 'id', value ->> 'sequence', value ->> 'receipt', value ->> 'source', value ->> 'type',
         value ->> 'outcome', 'session', value ->> 'subject', value ->> 'external', 'object', 'time', value ->> 'at', 0
       FROM json_each(?)`,
      events,
    ),
    run(
      `INSERT INTO deliveries (id, event, sequence, object, subscriber, state)
       SELECT value ->> 'id', value ->> 'event', value ->> 'sequence', 'object', value ->> 'subscriber', value ->> 'state'
       FROM json_each(?)`,
      deliveries,
    ),
  ]);
}

const isEqual = (wanted: string | undefined, found: string | undefined) => wanted === undefined || wanted === found;
const isIn = ({ from = 0, to = Number.POSITIVE_INFINITY }: Period, at: number) => at >= from && at < to;
const descending = (one: Position, other: Position) =>
  one.sequence === other.sequence ? (one.id < other.id ? 1 : -1) : one.sequence < other.sequence ? 1 : -1;

const eventsOf = (receipts: readonly PastReceipt[]) =>
  receipts.flatMap(({ event, ...receipt }) => (event ? [{ ...receipt, ...event }] : [])).toSorted(descending);

export function expectedEvents(receipts: readonly PastReceipt[], filter: EventFilter): string[] {
  const { source, type, outcome, subject, external, subscriber, state } = filter;
  return eventsOf(receipts)
    .filter(
      (each) =>
        isEqual(source, each.source) &&
        isEqual(type, each.type) &&
        isEqual(outcome, each.outcome) &&
        isEqual(subject, each.subject) &&
        isEqual(external, each.external) &&
        isIn(filter, each.at) &&
        ((subscriber ?? state) === undefined ||
          each.deliveries.some((one) => isEqual(subscriber, one.subscriber) && isEqual(state, one.state))),
    )
    .map(({ id }) => id);
}

export function expectedReceipts(receipts: readonly PastReceipt[], filter: ReceiptFilter): string[] {
  return receipts
    .filter(
      (each) =>
        isEqual(filter.source, each.source) &&
        isEqual(filter.subject, each.subject) &&
        isEqual(filter.external, each.external) &&
        isEqual(filter.state, each.state) &&
        isIn(filter, each.at),
    )
    .map(({ id, sequence, event }) => ({ receipt: id, sequence, id: event?.id ?? id }))
    .toSorted(descending)
    .map(({ receipt }) => receipt);
}

export function expectedDeliveries(receipts: readonly PastReceipt[], filter: DeliveryFilter): string[] {
  return eventsOf(receipts)
    .filter((each) => isEqual(filter.source, each.source) && isEqual(filter.event, each.id) && isIn(filter, each.at))
    .flatMap(({ deliveries }) => deliveries.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
    .filter((one) => isEqual(filter.subscriber, one.subscriber) && isEqual(filter.state, one.state))
    .map(({ id }) => id);
}

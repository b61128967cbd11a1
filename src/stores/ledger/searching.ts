/** The ledger's part in the admin API: it is searched, and tells all it knows about one thing. */
import { hashSubscriber } from "../../core/ids.ts";
import type { DeliveryState } from "../../core/ledger.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { FoundEvent, SearchLedger } from "../../core/search.ts";
import type { LedgerDatabase } from "./database.ts";
import { readPage } from "./paging.ts";
import {
  DELIVERIES_OF,
  DELIVERY_COLUMNS,
  eventOfDelivery,
  EVENT_COLUMNS,
  FILE_COLUMNS,
  RECEIPT_COLUMNS,
  toAttempts,
  toDelivery,
  toFile,
  toReceipt,
  toSummary,
  type DeliveryRow,
  type EventRow,
  type FileRow,
  type ReceiptRow,
} from "./rows.ts";
import { deliveryWalk, eventWalk, receiptWalk } from "./walks.ts";

/** Each takes an event's id. A file's id starts with its session's hash, so an event's files stand in one stretch of the key. */
export const FIND_EVENT = {
  event: `SELECT ${EVENT_COLUMNS}, e.object, e.config FROM events e WHERE e.id = ?`,
  receipt: `SELECT ${RECEIPT_COLUMNS}, r.object FROM events e CROSS JOIN receipts r ON r.id = e.receipt WHERE e.id = ?`,
  deliveries: `SELECT ${DELIVERY_COLUMNS}, d.log FROM events e CROSS JOIN deliveries d ON ${DELIVERIES_OF} WHERE e.id = ?`,
  files: `SELECT ${FILE_COLUMNS} FROM events e
    CROSS JOIN files f ON f.id > 'fil_' || e.session AND f.id < 'fil_' || e.session || 'g' AND f.event = e.id WHERE e.id = ?`,
};

export const FIND_DELIVERY = `SELECT ${DELIVERY_COLUMNS}, d.log FROM events e
  CROSS JOIN deliveries d ON d.sequence = e.sequence AND d.id = ?1 WHERE ${eventOfDelivery("?1")}`;

export const FIND_RECEIPT = `SELECT ${RECEIPT_COLUMNS}, r.object FROM receipts r WHERE r.id = ?`;

export const FIND_SESSION = `SELECT outcome, ended, time, event FROM sessions WHERE source = ? AND session = ?`;

export function createSearchLedger(ledger: LedgerDatabase): SearchLedger {
  return {
    async listEvents(filter, limit, after) {
      const walk = eventWalk(filter, await hashOf(filter.subscriber), after);
      const { rows, ...more } = await ledger.run((database) => readPage(database, walk, limit));
      return { items: rows.map((row) => ({ ...toSummary(row), deliveries: countStates(row.states) })), ...more };
    },

    async listReceipts(filter, limit, after) {
      const walk = receiptWalk(filter, after);
      const { rows, ...more } = await ledger.run((database) => readPage(database, walk, limit));
      return { items: rows.map(toReceipt), ...more };
    },

    async listDeliveries(filter, limit, after) {
      const walk = deliveryWalk(filter, await hashOf(filter.subscriber), after);
      const { rows, ...more } = await ledger.run((database) => readPage(database, walk, limit));
      return { items: rows.map(toDelivery), ...more };
    },

    findEvent: (id) =>
      ledger.run(async (database): Promise<FoundEvent | undefined> => {
        const found = await database.batch(Object.values(FIND_EVENT).map((sql) => database.prepare(sql).bind(id)));
        const [events, receipts, deliveries, files] = found.map(({ results }) => results);
        const event = events?.[0] as (EventRow & { object: string; config: string | null }) | undefined;
        const receipt = receipts?.[0] as FoundReceiptRow | undefined;
        return (
          event && {
            summary: toSummary(event),
            object: event.object,
            config: event.config ?? undefined,
            receipt: receipt && toFoundReceipt(receipt),
            deliveries: ((deliveries ?? []) as FoundDeliveryRow[]).map(toFoundDelivery),
            files: ((files ?? []) as FileRow[]).map(toFile),
          }
        );
      }),

    findDelivery: (id) =>
      ledger.run(async (database) => {
        const row = await database.prepare(FIND_DELIVERY).bind(id).first<FoundDeliveryRow>();
        return row ? toFoundDelivery(row) : undefined;
      }),

    findReceipt: (id) =>
      ledger.run(async (database) => {
        const row = await database.prepare(FIND_RECEIPT).bind(id).first<FoundReceiptRow>();
        return row ? toFoundReceipt(row) : undefined;
      }),

    findSession: (source, session) =>
      ledger.run(async (database) => {
        const row = await database
          .prepare(FIND_SESSION)
          .bind(source, session)
          .first<{ outcome: Outcome; ended: number; time: string; event: string }>();
        return row ? { ...row, ended: row.ended === 1 } : undefined;
      }),
  };
}

type FoundReceiptRow = ReceiptRow & { object: string | null };

const toFoundReceipt = (row: FoundReceiptRow) => ({ ...toReceipt(row), object: row.object ?? undefined });

type FoundDeliveryRow = DeliveryRow & { log: string };

const toFoundDelivery = ({ log, ...row }: FoundDeliveryRow) => ({ ...toDelivery(row), attempts: toAttempts(log) });

const hashOf = async (subscriber: string | undefined) =>
  subscriber === undefined ? undefined : hashSubscriber(subscriber);

function countStates(states: string): Partial<Record<DeliveryState, number>> {
  const counts: Partial<Record<DeliveryState, number>> = {};
  for (const state of JSON.parse(states) as DeliveryState[]) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Rows of the ledger as the API tells them: absent instead of null, times in words. */
import type { Basis, Environment, EventType } from "../../core/event.ts";
import type { FileKind } from "../../core/files.ts";
import type { DeliveryState, ReceiptState } from "../../core/ledger.ts";
import type { NoticeType } from "../../core/notice.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Reprocessed } from "../../core/reprocessing.ts";
import type { DeliveryRecord, EventSummary, FileRecord, LoggedAttempt, ReceiptRecord } from "../../core/search.ts";

const columns = (table: string, names: string) =>
  names
    .split(" ")
    .map((name) => `${table}.${name}`)
    .join(", ");

export const EVENT_COLUMNS = columns(
  "e",
  "id sequence receipt source vendor environment type outcome subject time received_at superseded revision",
);
export const RECEIPT_COLUMNS = columns(
  "r",
  "id sequence source vendor environment basis subject state reason event received_at due_at reads size revision asked_at asked_due_at reprocessed",
);
export const DELIVERY_COLUMNS = columns(
  "d",
  "id event sequence subscriber state attempts status reason due_at settled_at",
);
export const FILE_COLUMNS = columns("f", "id kind content_type size sha256");

/** The deliveries of the event `e` are a stretch of their table's primary key. */
export const DELIVERIES_OF =
  "d.sequence = e.sequence AND d.id > 'dlv_' || substr(e.id, 5) AND d.id < 'dlv_' || substr(e.id, 5) || 'g'";

/** As the partial index `deliveries_unwell` has it: SQLite uses it where the query repeats its condition. */
export const IS_UNWELL = "state IN ('retrying', 'held', 'dead', 'cancelled')";

/** The event of a delivery, whose id it starts with. @param delivery SQL of its id */
export const eventOfDelivery = (delivery: string): string => `e.id = 'evt_' || substr(${delivery}, 5, 32)`;

export interface EventRow {
  id: string;
  sequence: string;
  receipt: string;
  source: string;
  vendor: string | null;
  environment: Environment | null;
  type: EventType | NoticeType;
  outcome: Outcome;
  subject: string | null;
  time: string;
  received_at: number;
  superseded: number;
  revision: number | null;
}

export interface ReceiptRow {
  id: string;
  sequence: string;
  source: string;
  vendor: string | null;
  environment: Environment | null;
  basis: Basis | null;
  subject: string | null;
  state: ReceiptState;
  reason: string | null;
  event: string | null;
  received_at: number;
  due_at: number | null;
  reads: number;
  size: number | null;
  revision: number | null;
  asked_at: number | null;
  asked_due_at: number | null;
  reprocessed: string | null;
}

export interface DeliveryRow {
  id: string;
  event: string;
  sequence: string;
  subscriber: string;
  state: DeliveryState;
  attempts: number;
  status: number | null;
  reason: string | null;
  due_at: number | null;
  settled_at: number | null;
}

export interface FileRow {
  id: string;
  kind: FileKind;
  content_type: string;
  size: number;
  sha256: string;
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOf = (at: number | null): string | undefined => (at === null ? undefined : iso(at));

export function toSummary({ subject, vendor, environment, received_at, superseded, ...row }: EventRow): EventSummary {
  const { id, sequence, receipt, source, type, outcome, time } = row;
  return {
    id,
    sequence,
    receipt,
    source,
    type,
    outcome,
    time,
    vendor: vendor ?? undefined,
    environment: environment ?? undefined,
    session: subject ?? undefined,
    receivedAt: iso(received_at),
    superseded: superseded === 1 ? true : undefined,
    revision: row.revision ?? undefined,
  };
}

export function toReceipt(row: ReceiptRow): ReceiptRecord {
  const { id, source, state } = row;
  return {
    id,
    sequence: row.sequence === "" ? undefined : row.sequence,
    source,
    vendor: row.vendor ?? undefined,
    environment: row.environment ?? undefined,
    basis: row.basis ?? undefined,
    session: row.subject ?? undefined,
    state,
    reason: state === "refiled" ? undefined : (row.reason ?? undefined),
    receipt: state === "refiled" ? (row.reason ?? undefined) : undefined,
    event: row.event ?? undefined,
    revision: row.revision ?? undefined,
    receivedAt: iso(row.received_at),
    dueAt: isoOf(row.due_at),
    asked: row.state === "waiting" ? row.reads : undefined,
    size: row.size ?? undefined,
    reprocessing:
      row.asked_at === null ? undefined : { askedAt: iso(row.asked_at), dueAt: iso(row.asked_due_at ?? row.asked_at) },
    reprocessed: row.reprocessed === null ? undefined : toReprocessed(row.reprocessed),
  };
}

function toReprocessed(text: string): Reprocessed {
  const { at, outcome, reason } = JSON.parse(text) as { at: number; outcome: ReceiptState; reason: string | null };
  return { at: iso(at), outcome, reason: reason ?? undefined };
}

export function toDelivery(row: DeliveryRow): DeliveryRecord {
  const { id, event, sequence, subscriber, state, attempts } = row;
  return {
    id,
    event,
    sequence,
    subscriber,
    state,
    attemptCount: attempts,
    status: row.status ?? undefined,
    reason: row.reason ?? undefined,
    dueAt: isoOf(row.due_at),
    settledAt: isoOf(row.settled_at),
  };
}

export function toAttempts(log: string): LoggedAttempt[] {
  const attempts = JSON.parse(log) as (Omit<LoggedAttempt, "at"> & { at: number })[];
  return attempts.map(({ attempt, at, ...more }) => ({ attempt, at: iso(at), ...more }));
}

export function toFile({ content_type, ...row }: FileRow): FileRecord {
  const { id, kind, size, sha256 } = row;
  return { id, kind, contentType: content_type, size, sha256 };
}

/** What can be looked for in the ledger, and what it tells. Ids, outcomes and times; never a person's data. */
import type { Position } from "./cursor.ts";
import type { Basis, Environment, EventType } from "./event.ts";
import type { FileKind } from "./files.ts";
import type { DeliveryState, ReceiptState } from "./ledger.ts";
import type { NoticeType } from "./notice.ts";
import type { Outcome } from "./outcome.ts";
import type { Reprocessed } from "./reprocessing.ts";

/** When the webhook was received, epoch milliseconds: from `from` on, and before `to`. */
export interface Period {
  from?: number | undefined;
  to?: number | undefined;
}

/** All that is named must hold. `subscriber` and `state` are of one and the same delivery. */
export interface EventFilter extends Period {
  source?: string | undefined;
  type?: EventType | NoticeType | undefined;
  outcome?: Outcome | undefined;
  /** The vendor's session id. */
  subject?: string | undefined;
  /** Hash of the customer's own id of the person. */
  external?: string | undefined;
  subscriber?: string | undefined;
  state?: DeliveryState | undefined;
}

export interface ReceiptFilter extends Period {
  source?: string | undefined;
  subject?: string | undefined;
  /** Hash of the customer's own id of the person. */
  external?: string | undefined;
  state?: ReceiptState | undefined;
}

export interface DeliveryFilter extends Period {
  source?: string | undefined;
  event?: string | undefined;
  subscriber?: string | undefined;
  state?: DeliveryState | undefined;
}

/** Times are ISO 8601. */
export interface EventSummary {
  id: string;
  sequence: string;
  receipt: string;
  source: string;
  vendor?: string | undefined;
  environment?: Environment | undefined;
  type: EventType | NoticeType;
  outcome: Outcome;
  /** The vendor's session id. */
  session?: string | undefined;
  time: string;
  receivedAt: string;
  superseded?: true | undefined;
  /** From 2 on. */
  revision?: number | undefined;
}

export type ListedEvent = EventSummary & {
  /** How many deliveries are in which state. */
  deliveries: Partial<Record<DeliveryState, number>>;
};

export interface ReceiptRecord {
  id: string;
  sequence?: string | undefined;
  source: string;
  vendor?: string | undefined;
  environment?: Environment | undefined;
  basis?: Basis | undefined;
  session?: string | undefined;
  state: ReceiptState;
  reason?: string | undefined;
  /** Of a refiled one: its id where it is now. */
  receipt?: string | undefined;
  /** The last that it has made, and from the second on which one that is. */
  event?: string | undefined;
  revision?: number | undefined;
  receivedAt: string;
  /** Of a waiting one: when its vendor is asked again. */
  dueAt?: string | undefined;
  /** Of a waiting one: how often its vendor was asked in vain. */
  asked?: number | undefined;
  /** Bytes. */
  size?: number | undefined;
  /** Where it is to be processed anew: since when, and when that is due. */
  reprocessing?: { askedAt: string; dueAt: string } | undefined;
  reprocessed?: Reprocessed | undefined;
}

export interface LoggedAttempt {
  attempt: number;
  /** By somebody: the first attempt of a round. */
  asked?: true | undefined;
  at: string;
  ms?: number | undefined;
  status?: number | undefined;
  reason?: string | undefined;
  /** Where the subscriber's answer is kept. */
  answer?: string | undefined;
}

export interface DeliveryRecord {
  id: string;
  event: string;
  sequence: string;
  subscriber: string;
  state: DeliveryState;
  /** How many attempts have been made. */
  attemptCount: number;
  status?: number | undefined;
  reason?: string | undefined;
  dueAt?: string | undefined;
  settledAt?: string | undefined;
}

export interface FileRecord {
  id: string;
  kind: FileKind;
  contentType: string;
  size: number;
  sha256: string;
}

/** `attempts`: the last ones, oldest first. */
export type FoundDelivery = DeliveryRecord & { attempts: LoggedAttempt[] };

/** All that the ledger knows about one event. */
export interface FoundEvent {
  summary: EventSummary;
  /** The event's key in the archive. */
  object: string;
  /** Version of the configuration that it was made and routed by. */
  config?: string | undefined;
  /** With its key in the archive. */
  receipt?: (ReceiptRecord & { object?: string | undefined }) | undefined;
  deliveries: FoundDelivery[];
  files: FileRecord[];
}

export interface FoundSession {
  outcome: Outcome;
  ended: boolean;
  /** Of the newest statement. */
  time: string;
  event: string;
}

/** `next` where there may be more; a page may hold fewer rows than asked for, even none, and still go on. */
export interface Page<Item> {
  items: Item[];
  next?: Position | undefined;
}

/** Newest first. One call looks at no more than ten thousand candidates. */
export interface SearchLedger {
  listEvents(filter: EventFilter, limit: number, after?: Position): Promise<Page<ListedEvent>>;
  listReceipts(filter: ReceiptFilter, limit: number, after?: Position): Promise<Page<ReceiptRecord>>;
  listDeliveries(filter: DeliveryFilter, limit: number, after?: Position): Promise<Page<DeliveryRecord>>;
  findEvent(id: string): Promise<FoundEvent | undefined>;
  findDelivery(id: string): Promise<FoundDelivery | undefined>;
  /** `object`: its key in the archive. */
  findReceipt(id: string): Promise<(ReceiptRecord & { object?: string | undefined }) | undefined>;
  findSession(source: string, session: string): Promise<FoundSession | undefined>;
}

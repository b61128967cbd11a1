/**
 * The ledger as the stages see it: sessions, receipts, events, and deliveries owed and settled. It is the judge of what a
 * session has said and of who may attempt a delivery; it holds ids and outcomes, never a person's data.
 */
import type { Standing } from "./breaker.ts";
import type { Basis, Environment, EventType } from "./event.ts";
import type { StoredFile } from "./files.ts";
import type { Outcome } from "./outcome.ts";
import type { SessionState } from "./standing.ts";
import type { AttemptResult, DeliverTask } from "./tasks.ts";

export interface SessionKey {
  source: string;
  session: string;
}

/**
 * What became of a receipt. `event` and `unchanged` are final; `waiting` is for its vendor, `held` for somebody to look. `refiled`: its
 * session became known only later, and it has another id there.
 */
export const RECEIPT_STATES = [
  "event",
  "unchanged",
  "recorded",
  "unreadable",
  "waiting",
  "held",
  "dead",
  "refiled",
] as const;

export type ReceiptState = (typeof RECEIPT_STATES)[number];

export const DELIVERY_STATES = ["pending", "retrying", "held", "delivered", "dead", "cancelled", "erased"] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What the ledger is told of a receipt, whatever becomes of it. */
export interface ReceiptEntry extends SessionKey {
  receipt: string;
  receivedAt: number;
  /** Hash of its bytes and how often they were news: with source and session its place in the archive. */
  body: string;
  generation: number;
  /** Absent where nobody has opened it. */
  facts?: ReceiptSummary | undefined;
  /** When that was asked for which is done with this, epoch milliseconds; what somebody else was asked for stays to be done. */
  asked?: number | undefined;
}

export interface ReceiptSummary {
  vendor: string;
  environment: Environment;
  basis: Basis;
  /** ULID. */
  sequence: string;
  /** Bytes. */
  size: number;
  /** The vendor's session id, where the webhook could be read. */
  subject?: string | undefined;
  /** Hash of the customer's own id of the person, where the webhook or its session says one. */
  external?: string | undefined;
}

/** A receipt that makes no event. */
export interface ReceiptOutcome extends ReceiptEntry {
  state: Exclude<ReceiptState, "event">;
  reason?: string | undefined;
  /** When a waiting one is looked at again, epoch milliseconds. */
  dueAt?: number | undefined;
  /** How often a waiting one's session was asked for in vain; of two who say the same number one is believed. */
  reads?: number | undefined;
  /** Where the session had to be looked at: what it must still be, and becomes. */
  move?: SessionMove | undefined;
}

/** What was decided against one state of a session holds only as long as the session is still in it. */
export interface SessionMove {
  expectedVersion: number;
  /** `undefined` where the session stays as it is. */
  next: SessionState | undefined;
}

/** An event to be made known. */
export interface EventEntry extends ReceiptEntry {
  state: "event";
  facts: ReceiptSummary;
  event: string;
  /** From 2 on. */
  revision?: number | undefined;
  type: EventType;
  outcome: Outcome;
  object: string;
  /** Version of the configuration that it was made and routed by. */
  config: string;
  time: string;
  /** Hash of the customer's own id of the person. */
  external?: string | undefined;
  superseded: boolean;
  move: SessionMove;
  deliveries: { id: string; subscriber: string }[];
  files: readonly StoredFile[];
}

export type LedgerEntry = EventEntry | ReceiptOutcome;

export interface KnownReceipt {
  state: ReceiptState;
  event: string | undefined;
  /** Of a waiting one: when it is looked at again, epoch milliseconds, and how often its session was asked for. */
  dueAt: number | undefined;
  reads: number;
  /** When it was asked to be processed anew, and when that is due, epoch milliseconds; absent once that is done. */
  askedAt: number | undefined;
  askedDueAt: number | undefined;
  /** How many events it has made, if any; of the last one its type and its key in the archive, as long as that is kept. */
  revision: number | undefined;
  type: EventType | undefined;
  object: string | undefined;
}

/** As much of a receipt as is needed to look up what was. */
export type Arrived = Omit<ReceiptEntry, "body" | "generation">;

export interface Past {
  receipts: ReadonlyMap<string, KnownReceipt>;
  /** By `source/session`. */
  sessions: ReadonlyMap<string, SessionState>;
  /** The events that they stand on. */
  standing: ReadonlyMap<string, string>;
  /** Receipts whose session was erased, or whose person was after they had come. */
  erased: ReadonlySet<string>;
}

export interface ProcessingLedger {
  /** @param receipts ids, also of others that those which have arrived may repeat */
  past(receipts: readonly string[], arrived: readonly Arrived[]): Promise<Past>;
  /**
   * In this order, in one transaction; returns the receipts for which this call has committed what was decided. Of what is erased
   * nothing is written.
   */
  commit(entries: readonly LedgerEntry[], now: number): Promise<Set<string>>;
  /** Of these delivery ids the ones that are owed and that nobody has attempted. */
  unattempted(deliveries: readonly string[], now: number): Promise<DeliverTask[]>;
  /**
   * Of these receipts the ids of those that the ledger knows nothing of, and of those whose waiting was over before `before`. All
   * of them count as waiting and due at `now` from here on, so that a message that is only slow does not get a copy each minute.
   * What is left of an erased session is not among them: its erasure is due again.
   */
  takeUnfinished(receipts: readonly ReceiptEntry[], before: number, now: number): Promise<Set<string>>;
}

/** An event that the archive has and the ledger may not. */
export type RestoredEvent = Omit<EventEntry, "state" | "move" | "deliveries"> & {
  /** What it left its session in. */
  next: SessionState | undefined;
  /** How often the session was asked for in vain before. */
  reads: number;
};

/** Rows that came to be. */
export interface Restored {
  receipts: number;
  events: number;
  sessions: number;
  files: number;
}

export interface RestoringLedger {
  /** What is there stays as it is; what was erased stays erased. A session stands where its newest statement left it. */
  restore(events: readonly RestoredEvent[]): Promise<Restored>;
}

export const sessionKeyOf = ({ source, session }: SessionKey): string => `${source}/${session}`;

/** So long a consumer has what it took. No attempt is made that may end later: another consumer would make it again. */
export const LEASE_MS = 360_000;

export interface DeliveringLedger {
  /** Takes the leases of these attempts for one consumer. */
  lease(tasks: readonly DeliverTask[], holder: string, now: number): Promise<Lease>;
  /** Gives back what this consumer took and did not use. */
  release(tasks: readonly DeliverTask[], holder: string): Promise<void>;
  /** Gives back what is not to be attempted now. No attempt is counted. */
  putOff(putOff: readonly PutOff[], holder: string): Promise<void>;
  /**
   * Records what came of attempts, and what it says of the subscribers; a result that is already recorded changes nothing but
   * may be counted again among failures in a row. A failure from before somebody asked for an attempt is not the attempt that he
   * asked for, and changes as little; a success is.
   */
  settle(results: readonly AttemptResult[]): Promise<Settled>;
  /** Whether this caller may make the one attempt that an open breaker lets through now. */
  claimProbe(subscriber: string, now: number): Promise<boolean>;
  /** Deliveries due before `before` whose message never came; they count as due at `now` again. */
  takeOverdue(before: number, now: number, limit: number): Promise<DeliverTask[]>;
  /** A delivery whose message cannot be handled. */
  bury(task: DeliverTask, reason: string, now: number): Promise<void>;
}

export interface Settled {
  /** Deliveries that are not there any more: their session was erased. */
  gone: ReadonlySet<string>;
  /** Answers of attempts that are listed no more, since there have been too many since: nobody would find them again. */
  outgrown: readonly string[];
}

export interface Lease {
  /** By delivery, the attempt: a copy of an earlier one may be in the same batch. */
  taken: Map<string, number>;
  /** Another consumer has it, and may be alive or dead. A delivery that is settled, or has had this attempt, is in neither. */
  busy: Set<string>;
  /** Of the subscribers of which anything is known: whoever has never failed is not among them. */
  standings: ReadonlyMap<string, Standing>;
  /** Of the deliveries that somebody put back: how many attempts had been made by then. */
  rounds: ReadonlyMap<string, number>;
}

export interface PutOff {
  task: DeliverTask;
  /** Epoch milliseconds: when it is due instead. `undefined`: it is held until its subscriber is resumed. */
  dueAt: number | undefined;
}

/** Room at subscribers that want no more than so much: handed out here, so that it is shared by all consumers. */
export interface LimitingLedger {
  /** Makes room for so many attempts, one each `stepMs`; returns when the first of them may start, epoch milliseconds. */
  reserve(subscriber: string, count: number, stepMs: number, now: number): Promise<number>;
  /** Takes up to `wanted` of the subscriber's places until then; returns how many. */
  occupy(
    subscriber: string,
    places: { wanted: number; of: number },
    holder: string,
    now: number,
    until: number,
  ): Promise<number>;
  /** What this consumer has taken there. */
  vacate(subscribers: readonly string[], holder: string): Promise<void>;
}

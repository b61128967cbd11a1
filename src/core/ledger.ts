/**
 * The ledger as the stages see it: sessions, receipts, events, and deliveries owed and settled. It is the judge of what a
 * session has said and of who may attempt a delivery; it holds ids and outcomes, never a person's data.
 */
import type { EventType } from "./event.ts";
import type { Outcome } from "./outcome.ts";
import type { SessionState } from "./standing.ts";
import type { AttemptResult, DeliverTask } from "./tasks.ts";

export interface SessionKey {
  source: string;
  session: string;
}

/** What became of a receipt. */
export type ReceiptState = "event" | "unchanged" | "recorded" | "unreadable" | "dead";

export interface ReceiptOutcome extends SessionKey {
  receipt: string;
  receivedAt: number;
  state: ReceiptState;
  reason?: string | undefined;
}

/** An event to be made known; it is only where its session is still as it was when this was decided. */
export interface EventEntry extends SessionKey {
  receipt: string;
  receivedAt: number;
  event: string;
  type: EventType;
  outcome: Outcome;
  object: string;
  sequence: string;
  time: string;
  expectedVersion: number;
  next: SessionState | undefined;
  deliveries: { id: string; subscriber: string }[];
}

export interface Past {
  receipts: ReadonlyMap<string, { state: ReceiptState; event: string | undefined }>;
  /** By `source/session`. */
  sessions: ReadonlyMap<string, SessionState>;
}

export interface ProcessingLedger {
  past(receipts: readonly string[], sessions: readonly SessionKey[]): Promise<Past>;
  /** All in one transaction; returns the ids of the events that were committed by this call. */
  commit(events: readonly EventEntry[], outcomes: readonly ReceiptOutcome[], now: number): Promise<Set<string>>;
  /** Of these delivery ids the ones that are owed and that nobody has attempted. */
  unattempted(deliveries: readonly string[]): Promise<DeliverTask[]>;
  /** Of these receipt ids the ones that the ledger knows nothing of. */
  unknownReceipts(ids: readonly string[]): Promise<Set<string>>;
}

export const sessionKeyOf = ({ source, session }: SessionKey): string => `${source}/${session}`;

export interface DeliveringLedger {
  /**
   * Takes each task's lease for its queue message (`holder`) and returns the deliveries taken. A delivery that is settled,
   * that has had this attempt, or that another message holds is not among them. The same message may take its lease again: that
   * is a consumer that died.
   */
  lease(tasks: readonly { task: DeliverTask; holder: string }[], now: number): Promise<Map<string, string>>;
  /** Records what came of attempts; a result that is already recorded changes nothing. */
  settle(results: readonly AttemptResult[]): Promise<void>;
  /** Deliveries due before `before` whose message never came; they count as due at `now` again. */
  takeOverdue(before: number, now: number, limit: number): Promise<DeliverTask[]>;
  /** A delivery whose message cannot be handled. */
  bury(delivery: string, reason: string, now: number): Promise<void>;
}

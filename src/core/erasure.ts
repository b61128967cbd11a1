/**
 * Erasure: a session, or all sessions of a person, leaves every store, and a tombstone stands in its place. The tombstone is in
 * force from the moment it is written; what it cannot remove at once is removed step by step.
 */
import type { SessionKey } from "./ledger.ts";

/** `subject`: the vendor's session id, where it is known. */
export interface ErasableSession extends SessionKey {
  subject?: string | undefined;
}

/** Objects of the archive. */
export interface Removed {
  receipts: number;
  events: number;
  files: number;
  deadLetters: number;
}

export type ErasureKind = "session" | "person";

export interface Erasure {
  /** Hash of the session, or of the customer's own id of the person. */
  subject: string;
  kind: ErasureKind;
  source?: string | undefined;
  /** Epoch milliseconds. A person's covers what was received until then, a session's all that ever comes. */
  erasedAt: number;
  erasedBy: string;
  /** How many tombstones of sessions there are, and how many of them are not done with. */
  sessions: number;
  unfinished: number;
  removed: Removed & { deliveries: number };
}

/** An erasure that is to be looked at. */
export interface DueErasure extends Pick<Erasure, "subject" | "kind" | "source" | "erasedAt" | "erasedBy"> {
  checkAt: number;
}

/** How many sessions of a source are on hold. */
export interface HeldCount {
  source: string;
  sessions: number;
}

export type Refused = { ok: false; held: HeldCount[] };

export interface ErasingLedger {
  /**
   * Takes the rows of a session and leaves its tombstone, in one transaction; nothing where it is held. Repeated, it changes
   * nothing but that the archive is to be looked through again.
   * @param person for whose sake, by hash
   */
  eraseSession(session: ErasableSession, by: string, now: number, person?: string): Promise<{ ok: true } | Refused>;
  /** The same for sessions of a person that are known, a bounded number, or for none. `isAll`: there are no more of them. */
  erasePerson(person: string, by: string, now: number): Promise<{ ok: true; isAll: boolean } | Refused>;
  find(subject: string): Promise<Erasure | undefined>;
  /** Sessions erased for the sake of a person, and not done with. */
  unfinishedOf(person: string, limit: number): Promise<DueErasure[]>;
  due(now: number, limit: number): Promise<DueErasure[]>;
  /** Names of the subscribers' answers that the session's deliveries had. */
  answersOf(subject: string): Promise<string[]>;
  /**
   * @param isDone the archive has no more of it
   * @param next when it is looked at again, unless somebody has asked for that meanwhile
   */
  record(erasure: DueErasure, removed: Removed, isDone: boolean, now: number, next: number | undefined): Promise<void>;
  /** Of these sessions those that are erased are looked through again. */
  revisit(sessions: readonly SessionKey[], now: number): Promise<void>;
}

/** What a hold, or an erasure, makes of a session. Times are epoch milliseconds. */
export interface Fate {
  erasedAt?: number | undefined;
  hold?: { since: number; by: string } | undefined;
}

/** As the archive remembers it. Times are epoch milliseconds. */
export interface MarkedHold extends SessionKey {
  since: number;
  by: string;
}

export interface HoldingLedger {
  /** `unknown`: the ledger has nothing of it, so that its id may be mistaken. */
  hold(session: ErasableSession, by: string, now: number): Promise<"held" | "erased" | "unknown">;
  /** Those that a ledger which was lost does not know any more. Returns how many. */
  restoreHolds(holds: readonly MarkedHold[]): Promise<number>;
  /** Returns whether it was held. */
  release(session: SessionKey): Promise<boolean>;
  fateOf(session: SessionKey): Promise<Fate>;
  /** `expired` is meant of a file that the archive has not; `undefined` where there never was one. */
  fateOfFile(file: string, session: string): Promise<"erased" | "expired" | undefined>;
}

const MINUTE_MS = 60_000;

/** A write that was under way, a message that was late: whatever came after the first look is found by a further one. */
const CHECKS_MS = [10 * MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS];

export function nextCheck(erasedAt: number, now: number): number | undefined {
  return CHECKS_MS.map((after) => erasedAt + after).find((at) => at > now);
}

/** What remains out of reach; `docs/erasure.md` says for how long, and what to do about it. */
export const NOT_REACHED = [
  "ledger_time_travel",
  "logs",
  "queues",
  "bucket_locks",
  "unfinished_uploads",
  "unrecorded_answers",
  "vendor",
  "subscribers",
] as const;

/** What no one could read is nobody's as far as the ledger knows. */
export const NOT_REACHED_OF_PERSON = [...NOT_REACHED, "unreadable_receipts", "messages_never_understood"] as const;

/**
 * Erasure on demand. The ledger decides and is in force at once; the archive follows in bounded steps, the rest of them taken by the
 * sweep, which also looks again later for what was under way. Nothing here can be done too often.
 */
import {
  nextCheck,
  type DueErasure,
  type ErasableSession,
  type Erasure,
  type ErasingLedger,
  type Refused,
  type Removed,
} from "../core/erasure.ts";
import type { SessionKey } from "../core/ledger.ts";

export interface EraseDeps {
  ledger: ErasingLedger;
  archive: {
    /** `isDone`: there was no more of it. */
    remove(session: SessionKey, most: number): Promise<{ removed: Removed; isDone: boolean }>;
  };
  /** What subscribers answered to the deliveries of a session. */
  answers: { forget(references: readonly string[]): Promise<void> };
  now(): number;
}

export type Erased = { ok: true; erasure: Erasure } | Refused;

/** Objects that one call removes. */
const MOST_OBJECTS = 500;
/** Sessions of a person that one call cleans up after: each takes several calls to the archive. */
const MOST_SESSIONS = 20;
const AGAIN_MS = 600_000;
/** Of a person, of whom each takes a bounded number of sessions; the sweep goes on. */
const ROUNDS = 3;

/** @param person for whose sake, by hash: who erased the person has erased this */
export async function eraseSession(
  session: ErasableSession,
  by: string,
  deps: EraseDeps,
  person?: string,
): Promise<Erased> {
  const now = deps.now();
  const taken = await deps.ledger.eraseSession(session, by, now, person);
  if (!taken.ok) return taken;
  const { source, session: subject } = session;
  await cleanUp({ subject, kind: "session", source, erasedAt: now, erasedBy: by, checkAt: now }, deps).catch(
    leaveToSweep,
  );
  return found(subject, deps);
}

/** @param person hash of the customer's own id */
export async function erasePerson(person: string, by: string, deps: EraseDeps): Promise<Erased> {
  const now = deps.now();
  const taken = await takePerson(
    { subject: person, kind: "person", source: undefined, erasedAt: now, erasedBy: by, checkAt: now },
    deps,
  );
  if (!taken.ok) return taken;
  await cleanUpSessionsOf(person, deps).catch(leaveToSweep);
  return found(person, deps);
}

/** What is due, oldest first. Returns how many were looked at; throws the first failure, after all have been tried. */
export async function continueErasures(deps: EraseDeps): Promise<number> {
  const due = await deps.ledger.due(deps.now(), MOST_SESSIONS);
  const failures: unknown[] = [];
  for (const erasure of due) {
    try {
      if (erasure.kind === "session") await cleanUp(erasure, deps);
      else await takePerson(erasure, deps);
    } catch (error) {
      failures.push(error);
      // One that cannot be done, for a lock on the bucket, must not stand in the way of the others each minute.
      const now = deps.now();
      await deps.ledger.record(erasure, NOTHING, false, now, now + AGAIN_MS).catch(() => undefined);
    }
  }
  if (failures.length > 0) throw failures[0];
  return due.length;
}

/** Refused where nothing was taken. What has been put on hold since then is tried again later, and stands in nobody's way meanwhile. */
async function takePerson(person: DueErasure, deps: EraseDeps): Promise<{ ok: true } | Refused> {
  const { subject, erasedBy, erasedAt } = person;
  for (let round = 0; round < ROUNDS; round++) {
    const taken = await deps.ledger.erasePerson(subject, erasedBy, erasedAt);
    // What was taken is due from the moment of the erasure on.
    const due = taken.ok || round > 0 ? { ...person, checkAt: erasedAt } : person;
    const now = deps.now();
    if (!taken.ok) {
      await deps.ledger.record(due, NOTHING, false, now, now + AGAIN_MS);
      return round === 0 ? taken : { ok: true };
    }
    if (!taken.isAll) continue;
    await deps.ledger.record(due, NOTHING, true, now, undefined);
    break;
  }
  return { ok: true };
}

const NOTHING: Removed = { receipts: 0, events: 0, files: 0, deadLetters: 0 };

async function cleanUpSessionsOf(person: string, deps: EraseDeps): Promise<void> {
  let left = MOST_OBJECTS;
  for (const session of await deps.ledger.unfinishedOf(person, MOST_SESSIONS)) {
    if (left <= 0) return;
    left -= await cleanUp(session, deps, left);
  }
}

/** One step. Returns how many objects it removed. */
async function cleanUp(erasure: DueErasure, deps: EraseDeps, most = MOST_OBJECTS): Promise<number> {
  const { source, subject, erasedAt } = erasure;
  if (source === undefined) return 0;
  const answers = await deps.ledger.answersOf(subject);
  if (answers.length > 0) await deps.answers.forget(answers);
  const { removed, isDone } = await deps.archive.remove({ source, session: subject }, most);
  const now = deps.now();
  await deps.ledger.record(erasure, removed, isDone, now, isDone ? nextCheck(erasedAt, now) : erasure.checkAt);
  return Object.values(removed).reduce((sum, count) => sum + count, 0);
}

/** The tombstone is in force, and due: what could not be removed now is removed within minutes. */
const leaveToSweep = (): void => undefined;

async function found(subject: string, deps: EraseDeps): Promise<Erased> {
  const erasure = await deps.ledger.find(subject);
  if (!erasure) throw new Error("the tombstone is missing");
  return { ok: true, erasure };
}

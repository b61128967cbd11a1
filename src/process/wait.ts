/** Patience: a session that its vendor cannot give now is asked for again, in a message of its own, until its time is over. */
import type { SessionSource } from "../config/config.ts";
import { readBackSeconds } from "../core/backoff.ts";
import type { Handled } from "../core/consume.ts";
import type { KnownReceipt, ProcessingLedger } from "../core/ledger.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import type { InboundTask } from "../core/tasks.ts";
import type { NotYet } from "./ask.ts";
import { entryOf, fieldsOf, taskOf, type Candidate } from "./candidate.ts";

export interface WaitDeps {
  ledger: Pick<ProcessingLedger, "commit">;
  keyOf(address: ReceiptAddress): string;
  queues: {
    send(queue: "sessions", messages: readonly { task: InboundTask; delaySeconds?: number }[]): Promise<void>;
  };
  now(): number;
}

/** After an outage of our own the patience may be over before anybody has asked. */
const LEAST_READS = 3;

export function mayStillBeAsked(candidate: Candidate, { patienceSeconds }: SessionSource, now: number): boolean {
  if (patienceSeconds === 0) return false;
  return now < beginningOf(candidate) + patienceSeconds * 1000 || candidate.reads + 1 < LEAST_READS;
}

/** Since when its vendor is waited for. */
const beginningOf = ({ receipt, again }: Candidate): number => again?.at ?? receipt.facts.receivedAt;

/**
 * Another message has asked since, and has a successor: what the sweep or the vendor sent twice must not become two chains of
 * messages that each ask. One whose consumer may have died before it sent the successor goes on, and so does one that wants
 * more than the receipt was kept for: the other may not.
 */
export function isOvertaken(
  { receipt, reads, action, again }: Candidate,
  known: KnownReceipt,
  isRedelivered: boolean,
  now: number,
): boolean {
  const dueAt = again ? known.askedDueAt : known.state === "waiting" ? known.dueAt : undefined;
  const hasSuccessor = reads < known.reads && (dueAt ?? 0) > now;
  return hasSuccessor && !isRedelivered && (again !== undefined || action === receipt.facts.action);
}

/**
 * The ledger first: whoever dies before the new message is sent leaves the old one, and a waiting receipt without a message is
 * found by the sweep.
 */
export async function wait(
  candidate: Candidate,
  { patienceSeconds }: SessionSource,
  { reason, afterSeconds = 0 }: NotYet,
  deps: WaitDeps,
): Promise<Handled> {
  const { id, receipt, reads, again } = candidate;
  const now = deps.now();
  const secondsLeft = Math.ceil((beginningOf(candidate) - now) / 1000) + patienceSeconds;
  const doubling = readBackSeconds(reads + 1);
  // Beyond its end no patience is left to wait for as long as a vendor asks.
  const delaySeconds = secondsLeft > 0 ? Math.min(Math.max(doubling, Math.ceil(afterSeconds)), secondsLeft) : doubling;
  const dueAt = now + delaySeconds * 1000;
  const committed = await deps.ledger.commit(
    [{ ...entryOf(candidate), state: "waiting", reason, dueAt, reads: reads + 1 }],
    now,
  );
  if (!committed.has(id)) return overtaken(candidate);
  // By then every isolate has seen the configuration that it was asked for with.
  const next = { ...candidate, reads: reads + 1, again: again && { at: again.at } };
  const task = taskOf(next, deps.keyOf(receipt.address));
  await deps.queues.send("sessions", [{ task, delaySeconds }]);
  return { ok: true, outcome: "waiting", fields: { ...fieldsOf(candidate), reason, reads: reads + 1 } };
}

export const overtaken = (candidate: Candidate): Handled => ({
  ok: true,
  outcome: "overtaken",
  fields: fieldsOf(candidate),
});

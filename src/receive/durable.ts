/**
 * The one promise behind a 200: the bytes are in R2 and their work is in a queue, or marked in the outbox, or somebody
 * else is known to have done it. The idempotency key is written after that and never before, so that a webhook whose work
 * was lost is not mistaken for a repeat when the vendor sends it again.
 */
import type { ReceiptAddress } from "../core/ids.ts";
import type { Arrival, Claimed, KeptAction, Remembered } from "../core/receipt.ts";
import type { InboundTask } from "../core/tasks.ts";

export interface DurableDeps {
  receipts: {
    claim(arrival: Arrival, isDone: (address: ReceiptAddress) => Promise<boolean>): Promise<Claimed>;
    keyOf(address: ReceiptAddress): string;
  };
  idempotency: {
    recall(address: ReceiptAddress): Promise<Remembered | undefined>;
    remember(address: ReceiptAddress, remembered: Remembered, now: number): Promise<void>;
  };
  queues: {
    send(queue: InboundQueue, messages: readonly { task: InboundTask }[]): Promise<void>;
    park(queue: InboundQueue, messages: readonly { task: InboundTask }[], id: string): Promise<void>;
  };
  /** Runs on after the answer. */
  afterwards(work: Promise<unknown>): void;
}

export type InboundQueue = "inbound" | "sessions";

export interface Durable {
  address: ReceiptAddress;
  isRepeat: boolean;
}

/** A body this large still fits a queue message of 128 kB with what goes along. */
const MAX_INLINE_BYTES = 96 * 1024;

export async function makeDurable(
  arrival: Arrival,
  queue: InboundQueue,
  deps: DurableDeps,
): Promise<Durable | undefined> {
  const { action, sequence, receivedAt } = arrival.facts;
  const isDone = async (address: ReceiptAddress) => {
    const done = await deps.idempotency.recall(address).catch(() => undefined);
    return done !== undefined && receivedAt < done.until && isDoneFor(action, done.action);
  };
  let claimed: Claimed;
  try {
    claimed = await deps.receipts.claim(arrival, isDone);
  } catch {
    return carryInline(arrival, queue, deps);
  }

  const { address } = claimed;
  const isRepeat = claimed.kind !== "new";
  if (claimed.kind === "done" || (isRepeat && (await isDone(address)))) return { address, isRepeat };

  const task: InboundTask = {
    v: 1,
    kind: "receipt",
    key: deps.receipts.keyOf(address),
    size: arrival.body.byteLength,
    action,
  };
  const isEnqueued = await enqueue(queue, task, sequence, deps);
  if (!isEnqueued) return undefined;
  const until = (claimed.kind === "repeat" ? claimed.receivedAt : receivedAt) + arrival.windowSeconds * 1000;
  deps.afterwards(deps.idempotency.remember(address, { action, until }, receivedAt).catch(() => undefined));
  return { address, isRepeat };
}

/** A receipt that was only recorded is not done once the configuration wants it delivered. */
function isDoneFor(action: KeptAction, done: KeptAction): boolean {
  return done === "deliver" || done === action;
}

async function enqueue(queue: InboundQueue, task: InboundTask, id: string, deps: DurableDeps): Promise<boolean> {
  try {
    await deps.queues.send(queue, [{ task }]);
    return true;
  } catch {
    return deps.queues.park(queue, [{ task }], id).then(
      () => true,
      () => false,
    );
  }
}

/** R2 is out of reach: the queue carries the bytes themselves, and the consumer stores them. */
async function carryInline(arrival: Arrival, queue: InboundQueue, deps: DurableDeps): Promise<Durable | undefined> {
  if (arrival.body.byteLength > MAX_INLINE_BYTES) return undefined;
  const task: InboundTask = { v: 1, kind: "inline", arrival };
  const isSent = await deps.queues.send(queue, [{ task }]).then(
    () => true,
    () => false,
  );
  return isSent ? { address: { ...arrival.address, generation: 0 }, isRepeat: false } : undefined;
}

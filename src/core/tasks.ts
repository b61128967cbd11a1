/**
 * Queue messages. They carry ids and storage keys, never a payload (a queue's limit is 128 kB, and personal data has no
 * place there), with one exception: a body that R2 could not take. Versioned, since a deploy meets older ones.
 */
import type { Arrival, KeptAction } from "./receipt.ts";

/** That a receipt is to be processed anew. What the ledger does not remember of it has been done, or was asked for once more. */
export interface Again {
  /** When it was asked for, epoch milliseconds: tells one asking from another, and is where patience with a vendor begins anew. */
  at: number;
  /** Version of the configuration where it was asked for: another isolate may not have seen it yet. */
  config?: string | undefined;
}

/**
 * `size` in bytes: how much of a consumer's memory it will take. `reads`: how often its session was asked for in vain. With `again`,
 * `action` is decided anew.
 */
export interface ReceiptTask {
  v: 1;
  kind: "receipt";
  key: string;
  size: number;
  action: KeptAction;
  reads?: number;
  again?: Again;
}

export type InboundTask = ReceiptTask | { v: 1; kind: "inline"; arrival: Arrival; reads?: number };

/**
 * One attempt to be made. `object` is the event's key in R2, `sequence` the event's: where the ledger keeps its deliveries. What an
 * older deployment enqueued without it is owed to nobody, and sent again by the sweep.
 */
export interface DeliverTask {
  v: 1;
  kind: "deliver";
  delivery: string;
  sequence: string;
  event: string;
  object: string;
  subscriber: string;
  attempt: number;
  /** Epoch milliseconds. */
  owedAt: number;
  /** This attempt is made though the subscriber is paused or its breaker open: somebody asked for it. */
  passes?: true | undefined;
  /** It is the one that an open breaker lets through. */
  probes?: true | undefined;
  /** A first attempt that is made among the retries, so that nobody's first waits behind it. */
  apart?: true | undefined;
  /** Epoch milliseconds: when a subscriber with a rate has room for it, or one with a concurrency first had none. */
  slotAt?: number | undefined;
  /**
   * Of a delivery that somebody put back: how many attempts had been made by then, so that its schedule begins anew. The ledger says
   * so when the attempt is leased, whatever the message says.
   */
  round?: number | undefined;
}

/** The first attempt of a round: somebody asked for this one. */
export const isAskedFor = ({ attempt, round }: Pick<DeliverTask, "attempt" | "round">): boolean =>
  round === attempt - 1;

/** What came of one attempt. */
export interface AttemptResult {
  task: DeliverTask;
  state: "delivered" | "retrying" | "dead" | "cancelled";
  /** Stable word for what went wrong, or HTTP status; never an answer's text. */
  reason?: string;
  status?: number;
  /** Epoch milliseconds: when the attempt ended, and when the next one is due. */
  at: number;
  dueAt?: number;
  /** How long the attempt took, milliseconds. */
  ms?: number;
  /** Where the subscriber's answer is kept. */
  answer?: string;
}

/** Results that the ledger could not take when they came; they are written again until it does. */
export interface SettleTask {
  v: 1;
  kind: "settle";
  results: AttemptResult[];
}

export type DeliveryTask = DeliverTask | SettleTask;

export const QUEUES = ["inbound", "sessions", "deliveries", "retries"] as const;

export type QueueName = (typeof QUEUES)[number];

/** Whether a message's body is a task of one of these kinds, in the version that this code writes. */
export function isTaskOf(body: unknown, kinds: readonly string[]): boolean {
  if (typeof body !== "object" || body === null) return false;
  const { v, kind } = body as { v?: unknown; kind?: unknown };
  return v === 1 && kinds.some((each) => each === kind);
}

/** Queues are named `<worker>-<queue>` and `<worker>-<queue>-dead`. */
export function queueOf(name: string): { queue: QueueName; isDeadLetter: boolean } | undefined {
  const isDeadLetter = name.endsWith("-dead");
  const live = isDeadLetter ? name.slice(0, -"-dead".length) : name;
  const queue = QUEUES.find((each) => live === each || live.endsWith(`-${each}`));
  return queue && { queue, isDeadLetter };
}

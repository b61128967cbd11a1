/** Messages that their queue did not take when they were due: sent now, and only then forgotten. */
import type { DeliveryTask, InboundTask, QueueName } from "../core/tasks.ts";

interface Outgoing {
  task: InboundTask | DeliveryTask;
  delaySeconds?: number;
}

export interface OutboxQueues {
  send(queue: QueueName, messages: readonly Outgoing[]): Promise<void>;
  /** Keys of the oldest markers. */
  parked(limit: number): Promise<string[]>;
  readParked(key: string): Promise<{ queue: QueueName; messages: Outgoing[] } | undefined>;
  unpark(key: string): Promise<void>;
}

/**
 * Returns the number of markers sent. One that cannot be sent stays, and keeps none of the others. A message sent whose
 * marker stays is sent again, which does no harm. Throws the first failure, after all have been tried.
 */
export async function drainOutbox(queues: OutboxQueues, limit: number): Promise<number> {
  const keys = await queues.parked(limit);
  const sent = await Promise.allSettled(keys.map((key) => sendParked(key, queues)));
  const failed = sent.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
  return sent.length;
}

async function sendParked(key: string, queues: OutboxQueues): Promise<void> {
  const parked = await queues.readParked(key);
  if (parked) await queues.send(parked.queue, parked.messages);
  await queues.unpark(key);
}

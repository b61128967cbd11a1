/** Messages that their queue did not take when they were due: sent now, and only then forgotten. */
import type { DeliveryTask, InboundTask, QueueName } from "../core/tasks.ts";

interface Outgoing {
  task: InboundTask | DeliveryTask;
  delaySeconds?: number;
}

export interface OutboxQueues {
  send(queue: QueueName, messages: readonly Outgoing[]): Promise<void>;
  parked(limit: number): Promise<{ key: string; queue: QueueName; messages: Outgoing[] }[]>;
  unpark(key: string): Promise<void>;
}

/** Returns the number of markers sent. A message sent whose marker stays is sent again, which does no harm. */
export async function drainOutbox(queues: OutboxQueues, limit: number): Promise<number> {
  const entries = await queues.parked(limit);
  for (const { key, queue, messages } of entries) {
    await queues.send(queue, messages);
    await queues.unpark(key);
  }
  return entries.length;
}

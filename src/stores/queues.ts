/** Sending to queues, and the outbox in R2 that stands behind it: a message that a queue does not take is sent by the sweep. */
import type { DeliveryTask, InboundTask, QueueName } from "../core/tasks.ts";
import { archiveKeys } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export type Task = InboundTask | DeliveryTask;

export interface Outgoing {
  task: Task;
  delaySeconds?: number;
}

export interface Parked {
  queue: QueueName;
  messages: Outgoing[];
}

export interface QueueStore {
  send(queue: QueueName, messages: readonly Outgoing[]): Promise<void>;
  /** A marker in R2 that these messages are still to be sent. `id` sorts by time. */
  park(queue: QueueName, messages: readonly Outgoing[], id: string): Promise<void>;
  parked(limit: number): Promise<string[]>;
  readParked(key: string): Promise<Parked | undefined>;
  unpark(key: string): Promise<void>;
}

const SEND_MS = 1500;
const PARK_MS = 1500;
/** The platform's limit for one `sendBatch`. */
const BATCH = 100;

export function createQueueStore(queues: Readonly<Record<QueueName, Queue>>, bucket: R2Bucket): QueueStore {
  async function sendBatch(queue: Queue, messages: readonly Outgoing[]): Promise<void> {
    const batch = messages.map(({ task, delaySeconds }) => ({
      body: task,
      // Bytes travel as bytes: in base64 a body of 96 kB would not fit a message.
      contentType: task.kind === "inline" ? ("v8" as const) : ("json" as const),
      ...(delaySeconds ? { delaySeconds } : {}),
    }));
    await (batch.length === 1 && batch[0] ? queue.send(batch[0].body, batch[0]) : queue.sendBatch(batch));
  }

  return {
    async send(queue, messages) {
      for (let start = 0; start < messages.length; start += BATCH) {
        await reachingWithin(`queue ${queue}`, SEND_MS, () =>
          sendBatch(queues[queue], messages.slice(start, start + BATCH)),
        );
      }
    },
    async park(queue, messages, id) {
      const body = JSON.stringify({ v: 1, queue, messages });
      await reachingWithin("archive", PARK_MS, () => bucket.put(archiveKeys.outbox(queue, id), body));
    },
    parked: (limit) =>
      reaching("archive", async () => {
        const { objects } = await bucket.list({ prefix: archiveKeys.allOutbox, limit });
        return objects.map(({ key }) => key);
      }),
    readParked: (key) => reaching("archive", async () => (await bucket.get(key))?.json<Parked>()),
    unpark: (key) => reaching("archive", () => bucket.delete(key)),
  };
}

/** Messages that ended in a dead-letter queue and could not be handled there either, as they came. */
import { toBase64 } from "../core/base64.ts";
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface DeadLetterStore {
  record(queue: string, id: string, body: unknown): Promise<void>;
}

export function createDeadLetterStore(bucket: R2Bucket): DeadLetterStore {
  return {
    record: (queue, id, body) =>
      reaching("archive", async () => {
        await bucket.put(archiveKeys.dead(queue, id), JSON.stringify({ v: 1, queue, id, body }, bytesToBase64));
      }),
  };
}

function bytesToBase64(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: toBase64(value) } : value;
}

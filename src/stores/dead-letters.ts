/**
 * Messages that ended in a dead-letter queue and could not be handled there either, as they came; filed by the session they
 * speak of, so that they go when it is erased.
 */
import { toBase64 } from "../core/base64.ts";
import { isObject } from "../core/json.ts";
import type { SessionKey } from "../core/ledger.ts";
import { archiveKeys, parseEventKey, parseReceiptKey } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface DeadLetterStore {
  /** Returns the session that the message speaks of. */
  record(queue: string, id: string, body: unknown): Promise<SessionKey | undefined>;
}

export function createDeadLetterStore(bucket: R2Bucket): DeadLetterStore {
  return {
    record: (queue, id, body) =>
      reaching("archive", async () => {
        const session = sessionOf(body);
        const text = JSON.stringify({ v: 1, queue, id, body }, bytesToBase64);
        await bucket.put(archiveKeys.dead(session, queue, id), text);
        return session;
      }),
  };
}

/** By the keys in it, whatever its version: another one's message may hold a body as well. */
function sessionOf(body: unknown): SessionKey | undefined {
  if (!isObject(body)) return undefined;
  const { key, object, arrival } = body;
  const address = isObject(arrival) ? arrival.address : undefined;
  // A key is made of them, and taken apart again: nothing else may stand in it.
  const ofArrival = isObject(address)
    ? archiveKeys.receipt({ ...address, generation: 0 } as Parameters<typeof archiveKeys.receipt>[0])
    : "";
  return parseReceiptKey(textOf(key)) ?? parseEventKey(textOf(object)) ?? parseReceiptKey(ofArrival);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function bytesToBase64(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: toBase64(value) } : value;
}

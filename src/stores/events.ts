/**
 * Events in R2: immutable. The key ends in a digest of the bytes, so two decisions about one receipt never overwrite each other.
 * What is known of an event without being said by it goes along as the object's metadata.
 */
import { sha256Hex } from "../core/digest.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface EventStore {
  /** Returns the key. @param metadata printable ASCII, a few hundred bytes */
  write(address: ReceiptAddress, event: CanonicalEvent, metadata: Readonly<Record<string, string>>): Promise<string>;
  read(key: string): Promise<StoredEvent | undefined>;
}

export interface StoredEvent {
  event: CanonicalEvent;
  metadata: Readonly<Record<string, string>>;
}

export function createEventStore(bucket: R2Bucket): EventStore {
  return {
    async write(address, event, customMetadata) {
      const bytes = new TextEncoder().encode(JSON.stringify(event));
      const key = archiveKeys.event(address, event.id, (await sha256Hex(bytes)).slice(0, 16));
      const httpMetadata = { contentType: "application/cloudevents+json" };
      const options = { onlyIf: { etagDoesNotMatch: "*" }, httpMetadata, customMetadata };
      await reaching("archive", () => bucket.put(key, bytes, options));
      return key;
    },
    read: (key) =>
      reaching("archive", async () => {
        const object = await bucket.get(key);
        return object
          ? { event: await object.json<CanonicalEvent>(), metadata: object.customMetadata ?? {} }
          : undefined;
      }),
  };
}

/** Events in R2: immutable. The key ends in a digest of the bytes, so two decisions about one receipt never overwrite each other. */
import { sha256Hex } from "../core/digest.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { NoticeEvent } from "../core/notice.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface EventStore {
  /** Returns the key. */
  write(address: ReceiptAddress, event: CanonicalEvent): Promise<string>;
  writeNotice(event: NoticeEvent): Promise<string>;
  read(key: string): Promise<CanonicalEvent | NoticeEvent | undefined>;
}

export function createEventStore(bucket: R2Bucket): EventStore {
  async function create(key: string, bytes: Uint8Array): Promise<void> {
    const httpMetadata = { contentType: "application/cloudevents+json" };
    await reaching("archive", () => bucket.put(key, bytes, { onlyIf: { etagDoesNotMatch: "*" }, httpMetadata }));
  }

  return {
    async write(address, event) {
      const bytes = new TextEncoder().encode(JSON.stringify(event));
      const key = archiveKeys.event(address, event.id, (await sha256Hex(bytes)).slice(0, 16));
      await create(key, bytes);
      return key;
    },
    async writeNotice(event) {
      const key = archiveKeys.notice(event.id);
      await create(key, new TextEncoder().encode(JSON.stringify(event)));
      return key;
    },
    read: (key) =>
      reaching("archive", async () => {
        const object = await bucket.get(key);
        return object ? object.json<CanonicalEvent | NoticeEvent>() : undefined;
      }),
  };
}

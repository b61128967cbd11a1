/** Events in R2: immutable. The key ends in a digest of the bytes, so two decisions about one receipt never overwrite each other. */
import { sha256Hex } from "../core/digest.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import { isNotice, type NoticeEvent } from "../core/notice.ts";
import { archiveKeys, parseEventKey } from "./keys.ts";
import { reaching } from "./reach.ts";

type Metadata = Readonly<Record<string, string>>;

/** Several objects of one event are several decisions about one receipt, of which one counts. */
export interface ListedEvent {
  key: string;
  source: string;
  session: string;
  event: string;
  /** Epoch milliseconds. */
  storedAt: number;
  metadata: Metadata;
}

export interface EventStore {
  /** Returns the key. `metadata`: printable ASCII, 8 KiB in all. */
  write(address: ReceiptAddress, event: CanonicalEvent, metadata: Metadata): Promise<string>;
  /** Returns the key. */
  writeNotice(event: NoticeEvent): Promise<string>;
  /** One that came of a webhook. */
  read(key: string): Promise<CanonicalEvent | undefined>;
  /** In the order of their keys; `isLast` where no more follow. */
  list(after: string | undefined, limit: number): Promise<{ events: ListedEvent[]; isLast: boolean }>;
  /** Those of one session, as far as one page goes. */
  ofSession(session: Pick<ReceiptAddress, "source" | "session">): Promise<ListedEvent[]>;
  /** With what was written down beside it. */
  open(key: string): Promise<{ event: CanonicalEvent | NoticeEvent; metadata: Metadata } | undefined>;
}

export function createEventStore(bucket: R2Bucket): EventStore {
  const open: EventStore["open"] = (key) =>
    reaching("archive", async () => {
      const object = await bucket.get(key);
      if (!object) return undefined;
      return { event: await object.json<CanonicalEvent | NoticeEvent>(), metadata: object.customMetadata ?? {} };
    });
  async function create(key: string, bytes: Uint8Array, metadata: Metadata): Promise<void> {
    const httpMetadata = { contentType: "application/cloudevents+json" };
    const options = { onlyIf: { etagDoesNotMatch: "*" }, httpMetadata, customMetadata: { ...metadata } };
    await reaching("archive", () => bucket.put(key, bytes, options));
  }
  async function list(options: R2ListOptions): Promise<{ events: ListedEvent[]; isLast: boolean }> {
    const page = await bucket.list({ ...options, include: ["customMetadata"] });
    const events = page.objects.flatMap(({ key, uploaded, customMetadata = {} }) => {
      const parsed = parseEventKey(key);
      return parsed ? [{ key, ...parsed, storedAt: uploaded.getTime(), metadata: customMetadata }] : [];
    });
    return { events, isLast: !page.truncated };
  }

  return {
    list: (after, limit) =>
      reaching("archive", () =>
        list({ prefix: archiveKeys.events, limit, ...(after === undefined ? {} : { startAfter: after }) }),
      ),
    ofSession: async (session) =>
      (await reaching("archive", () => list({ prefix: archiveKeys.eventsOf(session) }))).events,
    open,
    async read(key) {
      const event = (await open(key))?.event;
      return event && !isNotice(event) ? event : undefined;
    },
    async write(address, event, customMetadata) {
      const bytes = new TextEncoder().encode(JSON.stringify(event));
      const key = archiveKeys.event(address, event.id, (await sha256Hex(bytes)).slice(0, 16));
      await create(key, bytes, customMetadata);
      return key;
    },
    async writeNotice(event) {
      const key = archiveKeys.notice(event.id);
      await create(key, new TextEncoder().encode(JSON.stringify(event)), {});
      return key;
    },
  };
}

/** Every key in KV and R2, in one place. SCHEMA.md tells what stands under each. */
import type { ReceiptAddress } from "../core/ids.ts";

export const configKeys = {
  current: "current",
  lastGood: "last-good",
  secret: (name: string) => `secrets/${name}`,
  secrets: "secrets/",
};

export const idempotencyKey = (address: ReceiptAddress): string =>
  `done/${address.source}/${address.body}.${address.generation}`;

export const tokenKeys = {
  issued: (hashedId: string) => `issued/${hashedId}`,
  allIssued: "issued/",
  obtained: (hashedPlace: string) => `obtained/${hashedPlace}`,
  coolDown: (hashedPlace: string) => `cool-down/${hashedPlace}`,
};

export const noticePrefix = "notices/";

/** Whether the event at this key is the gateway's own, and no vendor's. */
export const isNoticeKey = (key: string): boolean => key.startsWith(noticePrefix);

export const archiveKeys = {
  receipt: (address: ReceiptAddress) => `${archiveKeys.session(address)}${address.body}.${address.generation}`,
  session: (address: Pick<ReceiptAddress, "source" | "session">) => `receipts/${address.source}/${address.session}/`,
  sameBody: (address: Omit<ReceiptAddress, "generation">) => `${archiveKeys.session(address)}${address.body}.`,
  receipts: "receipts/",
  event: (address: ReceiptAddress, event: string, digest: string) =>
    `events/${address.source}/${address.session}/${event}.${digest}.json`,
  file: (session: string, file: string) => `${archiveKeys.filesOf(session)}${file}`,
  filesOf: (session: string) => `files/${session}/`,
  notice: (event: string) => `${noticePrefix}${event}.json`,
  outbox: (queue: string, id: string) => `outbox/${id}.${queue}.json`,
  allOutbox: "outbox/",
  dead: (queue: string, id: string) => `dead/${queue}/${id}.json`,
};

const RECEIPT_KEY = /^receipts\/([a-z0-9-]+)\/([0-9a-f]{32})\/([0-9a-f]{32})\.(\d+)$/;

/** `undefined` where the key is not a receipt's. */
export function parseReceiptKey(key: string): ReceiptAddress | undefined {
  const [, source, session, body, generation] = RECEIPT_KEY.exec(key) ?? [];
  if (source === undefined || session === undefined || body === undefined) return undefined;
  return { source, session, body, generation: Number(generation) };
}

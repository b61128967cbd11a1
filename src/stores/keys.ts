/** Every key in KV and R2, in one place. SCHEMA.md tells what stands under each. */
import type { ReceiptAddress } from "../core/ids.ts";
import type { SessionKey } from "../core/ledger.ts";

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

const LAST_VERSION = 9_999_999_999;

/** `undefined` where the key is not that of a version's record. */
export function versionOfKey(key: string): number | undefined {
  const [, left] = /^config\/versions\/(\d{10})$/.exec(key) ?? [];
  return left === undefined ? undefined : LAST_VERSION - Number(left);
}

export const archiveKeys = {
  receipt: (address: ReceiptAddress) => `${archiveKeys.session(address)}${address.body}.${address.generation}`,
  session: ({ source, session }: SessionKey) => `receipts/${source}/${session}/`,
  sameBody: (address: Omit<ReceiptAddress, "generation">) => `${archiveKeys.session(address)}${address.body}.`,
  receipts: "receipts/",
  events: "events/",
  eventsOf: ({ source, session }: SessionKey) => `events/${source}/${session}/`,
  event: (address: ReceiptAddress, event: string, digest: string) =>
    `${archiveKeys.eventsOf(address)}${event}.${digest}.json`,
  /** Of the receipt that an event came of. */
  receiptOf: (event: string, { body, generation }: Pick<ReceiptAddress, "body" | "generation">) =>
    `${event.replace(/^events/, "receipts").replace(/[^/]*$/, "")}${body}.${generation}`,
  file: (session: string, file: string) => `${archiveKeys.filesOf(session)}${file}`,
  filesOf: (session: string) => `files/${session}/`,
  allAnswers: "answers/",
  answers: (place: string) => `answers/${place}.json`,
  configText: (hash: string) => `config/${hash}.json`,
  /** The newest comes first in the order of keys, which is the only one that a list has. */
  configRecord: (version: number) => `${archiveKeys.configRecords}${String(LAST_VERSION - version).padStart(10, "0")}`,
  configRecords: "config/versions/",
  notice: (event: string) => `${noticePrefix}${event}.json`,
  outbox: (queue: string, id: string) => `outbox/${id}.${queue}.json`,
  allOutbox: "outbox/",
  audit: (id: string) => `audit/${id}.json`,
  allAudit: "audit/",
  knownUntil: "ledger/known-until",
  dead: (of: SessionKey | undefined, queue: string, id: string) =>
    `${of ? archiveKeys.deadOf(of) : archiveKeys.deadOfNobody}${queue}.${id}.json`,
  deadOf: ({ source, session }: SessionKey) => `dead/${source}/${session}/`,
  /** No source has this name. */
  deadOfNobody: "dead/-/",
  allDead: "dead/",
  files: "files/",
  hold: ({ source, session }: SessionKey) => `${archiveKeys.holds}${source}/${session}`,
  holds: "holds/",
};

const RECEIPT_KEY = /^receipts\/([a-z0-9-]+)\/([0-9a-f]{32})\/([0-9a-f]{32})\.(\d+)$/;

/** `undefined` where the key is not a receipt's. */
export function parseReceiptKey(key: string): ReceiptAddress | undefined {
  const [, source, session, body, generation] = RECEIPT_KEY.exec(key) ?? [];
  if (source === undefined || session === undefined || body === undefined) return undefined;
  return { source, session, body, generation: Number(generation) };
}

const EVENT_KEY = /^events\/([a-z0-9-]+)\/([0-9a-f]{32})\/(evt_[0-9a-f]{32})\.[0-9a-f]+\.json$/;

/** `undefined` where the key is not an event's. */
export function parseEventKey(key: string): (SessionKey & { event: string }) | undefined {
  const [, source, session, event] = EVENT_KEY.exec(key) ?? [];
  if (source === undefined || session === undefined || event === undefined) return undefined;
  return { source, session, event };
}

/** The id of the notice at this key. */
export const noticeOfKey = (key: string): string | undefined => /^notices\/(evt_[0-9a-f]{32})\.json$/.exec(key)?.[1];

const FILE_KEY = /^files\/([0-9a-f]{32})\/([0-9a-f]{32})$/;

/** `id`: the file's own. */
export function parseFileKey(key: string): { session: string; id: string } | undefined {
  const [, session, file] = FILE_KEY.exec(key) ?? [];
  return session !== undefined && file !== undefined ? { session, id: `fil_${session}${file}` } : undefined;
}

const DEAD_LETTER_KEY = /^dead\/([a-z0-9-]+)\/([0-9a-f]{32})\//;

/** `undefined` where it speaks of no session. */
export function parseDeadLetterKey(key: string): SessionKey | undefined {
  const [, source, session] = DEAD_LETTER_KEY.exec(key) ?? [];
  return source !== undefined && session !== undefined ? { source, session } : undefined;
}

const HOLD_KEY = /^holds\/([a-z0-9-]+)\/([0-9a-f]{32})$/;

/** `undefined` where the key is not a hold's. */
export function parseHoldKey(key: string): SessionKey | undefined {
  const [, source, session] = HOLD_KEY.exec(key) ?? [];
  return source !== undefined && session !== undefined ? { source, session } : undefined;
}

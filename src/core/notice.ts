/**
 * Notices: what the gateway has to say about itself, as events that travel the same road. They name subscribers, sources and ids,
 * and nobody else; whoever wants them says so in a filter on `type`.
 */
import { shortHash } from "./digest.ts";
import type { CanonicalEvent, Environment, Json } from "./event.ts";
import { firstSequence } from "./sequence.ts";

export const NOTICE_TYPES = [
  "gateway.subscriber.paused",
  "gateway.subscriber.recovered",
  "gateway.delivery.dead",
  "gateway.source.rejecting",
  "gateway.source.silent",
  "gateway.config.invalid",
  "gateway.test",
] as const;

export type NoticeType = (typeof NOTICE_TYPES)[number];

export const isNoticeType = (type: string): boolean => type.startsWith("gateway.");

/** Something to be told of, and what it is told by: the same key is the same notice, however often it is found. */
export interface Notice {
  key: string;
  type: NoticeType;
  /** The name of the subscriber or source that it is about, where it is about one. */
  subject?: string | undefined;
  /** Epoch milliseconds. */
  at: number;
  environment?: Environment | undefined;
  data: Readonly<Record<string, Json>>;
}

export type NoticeEvent = Pick<
  CanonicalEvent,
  "specversion" | "id" | "time" | "datacontenttype" | "dataschema" | "environment" | "sequence"
> & {
  source: "/gateway";
  type: NoticeType;
  subject?: string;
  vendor: "gateway";
  /** Of nobody's session. */
  outcome: "unknown";
  data: Readonly<Record<string, Json>>;
};

export const isNotice = (event: CanonicalEvent | NoticeEvent): event is NoticeEvent => isNoticeType(event.type);

/**
 * The same notice is the same event, byte for byte.
 * @param publicUrl origin under which the gateway's schemas are read; a cron has none of its own
 */
export async function composeNotice(notice: Notice, publicUrl: string | undefined): Promise<NoticeEvent> {
  const { key, type, subject, at, environment = "live", data } = notice;
  const hash = await shortHash("notice", type, key);
  return {
    specversion: "1.0",
    id: `evt_${hash}`,
    source: "/gateway",
    type,
    ...(subject === undefined ? {} : { subject }),
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    dataschema: publicUrl === undefined ? "urn:gatepost:schemas:notice.v1" : `${publicUrl}/schemas/notice.v1.json`,
    vendor: "gateway",
    outcome: "unknown",
    environment,
    sequence: firstSequence(at) + hash.slice(0, 16).toUpperCase(),
    data,
  };
}

/** What the ledger noted when it happened. */
export interface Note {
  id: string;
  type: NoticeType;
  /** The name of the subscriber or source that it is about. */
  subject: string;
  /** Epoch milliseconds. */
  at: number;
  data: Readonly<Record<string, Json>>;
}

/** So many dead deliveries are named in one notice; all are counted. */
const NAMED = 50;

/** One notice for each note, but one for all deliveries of a subscriber that died: a long outage ends many at once. */
export function gatherNotes(notes: readonly Note[]): { notice: Notice; notes: readonly string[] }[] {
  const groups = Map.groupBy(notes, ({ type, subject, id }) =>
    type === "gateway.delivery.dead" ? `dead ${subject}` : id,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { type, subject } = first;
    const about = type.startsWith("gateway.source.") ? { source: subject } : { subscriber: subject };
    const ids = group.map(({ id }) => id);
    const said = type === "gateway.delivery.dead" ? sumUp(group) : first.data;
    const at = Math.max(...group.map((note) => note.at));
    const notice = { key: ids.join(" "), type, subject, at, data: { ...about, ...said } };
    return [{ notice, notes: ids }];
  });
}

const sumUp = (dead: readonly Note[]) => ({
  count: dead.length,
  deliveries: dead.slice(0, NAMED).map(({ data }) => data),
});

/** A notice to be made known. */
export interface NoticeEntry {
  event: NoticeEvent;
  object: string;
  deliveries: readonly { id: string; subscriber: string }[];
  /** What it tells of, and is then forgotten. */
  notes: readonly string[];
}

export interface NoticeLedger {
  /** What happened and nobody was told of yet. */
  noted(limit: number): Promise<Note[]>;
  isTold(event: string): Promise<boolean>;
  /** In one transaction; a second time it changes nothing. */
  tell(entry: NoticeEntry, now: number): Promise<void>;
}

/** What a delivery says: the event in its subscriber's format, or the vendor's own bytes. */
import type { Subscriber } from "../config/config.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { signLink } from "../core/file-link.ts";
import { shape, type Shaped } from "../core/formats.ts";
import { isNotice, type NoticeEvent } from "../core/notice.ts";
import type { Receipt } from "../core/receipt.ts";
import { readStory, type Story } from "../core/story.ts";

export interface StoredEvent {
  event: CanonicalEvent | NoticeEvent;
  metadata: Readonly<Record<string, string>>;
}

export interface ContentDeps {
  /** The webhook that an event came of. @param own what the event's story says of it */
  receiptOf(object: string, own: Story["receipt"]): Promise<Receipt | undefined>;
  /** Signs links to files. */
  linkKey(): Promise<CryptoKey>;
  now(): number;
}

/** `undefined` where the vendor's bytes are wanted and are no more. @param origin of links */
export async function contentOf(
  { event, metadata }: StoredEvent,
  object: string,
  subscriber: Subscriber,
  origin: string,
  deps: ContentDeps,
): Promise<Shaped | undefined> {
  const { format } = subscriber;
  // What the gateway itself has to say has no vendor's bytes.
  if (isNotice(event)) return shape(event, format === "raw" ? "cloudevents" : format, subscriber);
  if (format !== "raw") return shape(await withLinks(event, subscriber, origin, deps), format, subscriber);
  const story = readStory(metadata["story"]);
  const receipt = story && (await deps.receiptOf(object, story.receipt));
  return receipt && { headers: forwarded(receipt, subscriber), body: receipt.body };
}

function forwarded({ facts }: Receipt, { forwardHeaders }: Subscriber): Record<string, string> {
  const kept = ["content-type", ...forwardHeaders].map((name) => [name, facts.headers[name]] as const);
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function withLinks(
  event: CanonicalEvent,
  { name, linkSeconds }: Subscriber,
  origin: string,
  deps: ContentDeps,
): Promise<CanonicalEvent> {
  const { files } = event.data;
  if (!files) return event;
  const key = await deps.linkKey();
  const expires = Math.floor(deps.now() / 1000) + linkSeconds;
  const linked = files.map(async (file) => {
    const url = await signLink({ id: file.id, subscriber: name, expires }, origin, key);
    return { ...file, url };
  });
  return { ...event, data: { ...event.data, files: await Promise.all(linked) } };
}

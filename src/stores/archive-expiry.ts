/** R2 as retention walks it: stretch by stretch, with whose each object is. */
import { receiptId } from "../core/ids.ts";
import type { Expired, ExpiryArchive, Shelf } from "../core/retention.ts";
import {
  archiveKeys,
  noticeOfKey,
  noticePrefix,
  parseDeadLetterKey,
  parseEventKey,
  parseFileKey,
  parseReceiptKey,
} from "./keys.ts";
import { reaching } from "./reach.ts";
import { hollowOf } from "./receipt-facts.ts";

type Whose = Pick<Expired, "id" | "source" | "session">;

export function createArchiveExpiry(bucket: R2Bucket): ExpiryArchive {
  return {
    list: (shelf, after, limit, isOver) =>
      reaching("archive", async () => {
        const startAfter = after === undefined ? {} : { startAfter: after };
        // With metadata a page is shorter: only a file's key does not say which source it is of.
        const include: "customMetadata"[] = shelf.kind === "files" ? ["customMetadata"] : [];
        const page = await bucket.list({ prefix: prefixOf(shelf), limit, include, ...startAfter });
        const over = page.objects.filter((object) => isOver(object.uploaded.getTime(), sourceOf(object)));
        const expired = await Promise.all(over.map((object) => describe(shelf, object)));
        const last = page.truncated ? page.objects.at(-1)?.key : undefined;
        return { expired: expired.filter((each) => each !== undefined), last };
      }),

    hollow: (key) =>
      reaching("archive", async () => {
        const object = await bucket.head(key);
        if (object) await bucket.put(key, "", { customMetadata: hollowOf(object) });
      }),

    remove: (keys) => reaching("archive", () => bucket.delete([...keys])),
  };
}

function prefixOf(shelf: Shelf): string {
  switch (shelf.kind) {
    case "receipts":
      return `${archiveKeys.receipts}${shelf.source}/`;
    case "events":
      return `${archiveKeys.events}${shelf.source}/`;
    case "deadLetters":
      return `${archiveKeys.allDead}${shelf.source}/`;
    case "files":
      return archiveKeys.files;
    case "answers":
      return archiveKeys.allAnswers;
    case "notices":
      return noticePrefix;
    case "strays":
      return archiveKeys.deadOfNobody;
  }
}

const sourceOf = ({ customMetadata }: R2Object): string => customMetadata?.source ?? "";

async function describe(shelf: Shelf, object: R2Object): Promise<Expired | undefined> {
  const whose = await whoseIs(shelf, object);
  // Only a place is of no size, or a webhook that never said anything and needs none.
  return whose && { key: object.key, ...whose, isHollow: object.size === 0 };
}

async function whoseIs({ kind }: Shelf, object: R2Object): Promise<Whose | undefined> {
  const { key } = object;
  switch (kind) {
    case "receipts": {
      const address = parseReceiptKey(key);
      return address && { id: await receiptId(address), source: address.source, session: address.session };
    }
    case "events": {
      const parsed = parseEventKey(key);
      return parsed && { id: parsed.event, source: parsed.source, session: parsed.session };
    }
    case "files": {
      const parsed = parseFileKey(key);
      return parsed && { ...parsed, source: sourceOf(object) };
    }
    case "deadLetters": {
      const parsed = parseDeadLetterKey(key);
      return parsed && { id: "", ...parsed };
    }
    case "notices": {
      const notice = noticeOfKey(key);
      return notice === undefined ? undefined : { id: notice, source: "", session: "" };
    }
    case "answers":
    case "strays":
      return { id: "", source: "", session: "" };
  }
}

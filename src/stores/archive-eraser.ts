/** Everything that R2 has of a session, and its removal in bounded steps. */
import type { Removed } from "../core/erasure.ts";
import type { SessionKey } from "../core/ledger.ts";
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface ArchiveEraser {
  /** At most so many objects. `isDone`: there were no more. */
  remove(session: SessionKey, most: number): Promise<{ removed: Removed; isDone: boolean }>;
}

/** The platform's limit of one listing, and of one removal. */
const PAGE = 1000;

/** Receipts first: one that is there is taken up again by whoever comes upon it. */
const prefixesOf = (session: SessionKey): [keyof Removed, string][] => [
  ["receipts", archiveKeys.session(session)],
  ["events", archiveKeys.eventsOf(session)],
  ["files", archiveKeys.filesOf(session.session)],
  ["deadLetters", archiveKeys.deadOf(session)],
];

export function createArchiveEraser(bucket: R2Bucket): ArchiveEraser {
  async function remove(session: SessionKey, most: number) {
    const removed: Removed = { receipts: 0, events: 0, files: 0, deadLetters: 0 };
    let left = most;
    for (const [kind, prefix] of prefixesOf(session)) {
      for (let isMore = true; isMore;) {
        if (left <= 0) return { removed, isDone: false };
        const { objects, truncated } = await bucket.list({ prefix, limit: Math.min(left, PAGE) });
        if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
        removed[kind] += objects.length;
        left -= objects.length;
        isMore = truncated;
      }
    }
    return { removed, isDone: true };
  }

  return { remove: (session, most) => reaching("archive", () => remove(session, most)) };
}

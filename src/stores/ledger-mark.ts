/**
 * Whether the ledger still knows what it knew. A time that both stores remember: the ledger is told first, so that the archive never
 * remembers a later one, unless the ledger was lost, or put back to an earlier time.
 */
import type { CursorLedger } from "./ledger/cursors.ts";
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface LedgerMark {
  /** The ledger has forgotten something that the archive may still have. */
  isBehind(): Promise<boolean>;
  /** What the archive remembers, epoch milliseconds: until then the ledger, or the one before it, knew all that it should. */
  onceKnownUntil(): Promise<number | undefined>;
  /** The ledger knows all that it should know at `now`, epoch milliseconds. */
  advance(now: number): Promise<void>;
}

const CURSOR = "known-until";

export function createLedgerMark(bucket: R2Bucket, cursors: CursorLedger): LedgerMark {
  const once = () => reaching("archive", async () => (await bucket.get(archiveKeys.knownUntil))?.text());

  return {
    async isBehind() {
      // The archive first: of an advance in between the ledger must not be the one that has not heard yet.
      const told = await once();
      const known = await cursors.read(CURSOR);
      return told !== undefined && (known === undefined || known < told);
    },
    async onceKnownUntil() {
      const told = await once();
      return told === undefined ? undefined : Date.parse(told);
    },
    async advance(now) {
      const time = new Date(now).toISOString();
      await cursors.advance(CURSOR, time);
      await reaching("archive", () => bucket.put(archiveKeys.knownUntil, time));
    },
  };
}

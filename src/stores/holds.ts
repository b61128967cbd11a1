/**
 * Legal holds: the ledger decides about them, and the archive remembers them for a ledger that is lost. A marker stands before its
 * row does and until after: where a store fails in between too much is kept, and never too little.
 */
import type { HoldingLedger, MarkedHold } from "../core/erasure.ts";
import { archiveKeys, parseHoldKey } from "./keys.ts";
import { reaching } from "./reach.ts";

export interface HoldMarkers {
  /** In the order of their keys; `last` is where the next page goes on, absent at the end. */
  list(after: string | undefined, limit: number): Promise<{ holds: MarkedHold[]; last: string | undefined }>;
}

export function createHoldMarkers(bucket: R2Bucket): HoldMarkers {
  return {
    list: (after, limit) =>
      reaching("archive", async () => {
        const startAfter = after === undefined ? {} : { startAfter: after };
        const page = await bucket.list({
          prefix: archiveKeys.holds,
          limit,
          include: ["customMetadata"],
          ...startAfter,
        });
        const holds = page.objects.flatMap(({ key, uploaded, customMetadata = {} }) => {
          const session = parseHoldKey(key);
          const { since = uploaded.getTime(), by = "" } = customMetadata;
          return session ? [{ ...session, since: Number(since), by }] : [];
        });
        return { holds, last: page.truncated ? page.objects.at(-1)?.key : undefined };
      }),
  };
}

/** The ledger's holds, each with its marker. */
export function markedHolds(bucket: R2Bucket, ledger: HoldingLedger): HoldingLedger {
  return {
    ...ledger,

    async hold(session, by, now) {
      const options = { onlyIf: { etagDoesNotMatch: "*" }, customMetadata: { since: String(now), by } };
      const put = await reaching("archive", () => bucket.put(archiveKeys.hold(session), "", options));
      const verdict = await ledger.hold(session, by, now);
      // One that stood here before may be somebody else's.
      if (verdict !== "held" && put) await reaching("archive", () => bucket.delete(archiveKeys.hold(session)));
      return verdict;
    },

    async release(session) {
      const isReleased = await ledger.release(session);
      await reaching("archive", () => bucket.delete(archiveKeys.hold(session)));
      return isReleased;
    },
  };
}

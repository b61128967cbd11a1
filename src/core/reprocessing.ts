/** A receipt that is processed anew, since somebody asked for it: the configuration may have been mended since. */
import type { ReceiptState } from "./ledger.ts";
import type { Again } from "./tasks.ts";

/** What came of it. A receipt that has said something goes on saying it, whatever this is. Times are ISO 8601. */
export interface Reprocessed {
  at: string;
  outcome: ReceiptState;
  reason?: string | undefined;
}

export interface AskedReceipt {
  /** Its key in the archive. */
  object: string;
  /** Bytes. */
  size: number;
  again: Again;
}

export interface ReprocessingLedger {
  /** Remembers that a receipt is to be processed anew until it has been. Returns whether it does: not what is erased. */
  ask(receipt: string, now: number): Promise<boolean>;
  /** Those that were due before `before` and have not been; they count as due at `now` again. */
  takeAsked(before: number, now: number, limit: number): Promise<AskedReceipt[]>;
}

export type AskedAnew = { ok: true } | { ok: false; why: "not_configured" | "expired" | "erased" };

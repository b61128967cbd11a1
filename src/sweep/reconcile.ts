/**
 * Receipts that never became anything: a rolling comparison of R2, which is the record, with the ledger. A run looks at a
 * bounded stretch of keys and remembers where it stopped; after the last key it starts over. A ledger that was lost knows of no receipt,
 * and all that was ever delivered would be delivered again: then nothing is taken up before somebody has had the ledger reindexed.
 */
import { receiptId, type ReceiptAddress } from "../core/ids.ts";
import type { ProcessingLedger, ReceiptEntry } from "../core/ledger.ts";
import type { KeptAction } from "../core/receipt.ts";
import type { ReprocessingLedger } from "../core/reprocessing.ts";
import type { InboundTask, QueueName } from "../core/tasks.ts";

export interface Listed {
  key: string;
  /** Bytes. */
  size: number;
  /** Epoch milliseconds. */
  storedAt: number;
}

export interface ReconcileDeps {
  receipts: {
    /** In the order of their keys; `isLast` where no more follow. */
    list(after: string | undefined, limit: number): Promise<{ receipts: Listed[]; isLast: boolean }>;
    addressOf(key: string): ReceiptAddress | undefined;
    actionOf(key: string): Promise<KeptAction | undefined>;
  };
  processing: Pick<ProcessingLedger, "takeUnfinished">;
  reprocessing: Pick<ReprocessingLedger, "takeAsked">;
  cursors: {
    read(name: string): Promise<string | undefined>;
    write(name: string, value: string | undefined): Promise<void>;
  };
  mark: { isBehind(): Promise<boolean>; advance(now: number): Promise<void> };
  queues: { send(queue: QueueName, messages: readonly { task: InboundTask }[]): Promise<void> };
  now: number;
  afterMs: number;
}

const CURSOR = "reconcile";
const PAGES = 5;
const PAGE = 1000;
const UNFINISHED_LIMIT = 200;

/** How many were taken up; `behind` where the ledger has forgotten what it knew. */
export async function reconcile(deps: ReconcileDeps): Promise<number | "behind"> {
  if (await deps.mark.isBehind()) return "behind";
  let after = await deps.cursors.read(CURSOR);
  let found = await takeAsked(deps);
  for (let page = 0; page < PAGES && found < UNFINISHED_LIMIT; page++) {
    const listed = await deps.receipts.list(after, PAGE);
    found += await takeUp(listed.receipts, deps);
    after = listed.isLast ? undefined : listed.receipts.at(-1)?.key;
    if (after === undefined) break;
  }
  await deps.cursors.write(CURSOR, after);
  await deps.mark.advance(deps.now);
  return found;
}

/** What somebody asked to have processed anew, and whose message never came. */
async function takeAsked({ reprocessing, queues, now, afterMs }: ReconcileDeps): Promise<number> {
  const asked = await reprocessing.takeAsked(now - afterMs, now, UNFINISHED_LIMIT);
  const messages = asked.map(({ object, size, again }): { task: InboundTask } => ({
    task: { v: 1, kind: "receipt", key: object, size, action: "record", again },
  }));
  if (messages.length > 0) await queues.send("sessions", messages);
  return messages.length;
}

async function takeUp(receipts: readonly Listed[], deps: ReconcileDeps): Promise<number> {
  const byId = new Map<string, Listed>();
  const wanted: ReceiptEntry[] = [];
  for (const receipt of receipts) {
    // Only a place whose bytes have expired is of no size, or a webhook that never said anything: nobody could read it.
    if (receipt.size === 0 || receipt.storedAt >= deps.now - deps.afterMs) continue;
    const address = deps.receipts.addressOf(receipt.key);
    if (!address) continue;
    const id = await receiptId(address);
    byId.set(id, receipt);
    wanted.push({ ...address, receipt: id, receivedAt: receipt.storedAt });
  }
  if (wanted.length === 0) return 0;
  const ids = await deps.processing.takeUnfinished(wanted, deps.now - deps.afterMs, deps.now);
  const unfinished = [...ids].map((id) => byId.get(id)).filter((receipt) => receipt !== undefined);
  const tasks = await Promise.all(unfinished.map((receipt) => toTask(receipt, deps)));
  const messages = tasks.filter((task) => task !== undefined).map((task) => ({ task }));
  if (messages.length > 0) await deps.queues.send("inbound", messages);
  return messages.length;
}

async function toTask({ key, size }: Listed, deps: ReconcileDeps): Promise<InboundTask | undefined> {
  const action = await deps.receipts.actionOf(key);
  return action && { v: 1, kind: "receipt", key, size, action };
}

/**
 * Receipts that never became anything: a rolling comparison of R2, which is the record, with the ledger. A run looks at a
 * bounded stretch of keys and remembers where it stopped; after the last key it starts over.
 */
import { receiptId, type ReceiptAddress } from "../core/ids.ts";
import type { ProcessingLedger } from "../core/ledger.ts";
import type { KeptAction } from "../core/receipt.ts";
import type { InboundTask, QueueName } from "../core/tasks.ts";

export interface ReconcileDeps {
  receipts: {
    list(
      cursor: string | undefined,
      limit: number,
    ): Promise<{ receipts: { key: string; storedAt: number }[]; cursor: string | undefined }>;
    addressOf(key: string): ReceiptAddress | undefined;
    actionOf(key: string): Promise<KeptAction | undefined>;
  };
  processing: Pick<ProcessingLedger, "unknownReceipts">;
  cursors: {
    read(name: string): Promise<string | undefined>;
    write(name: string, value: string | undefined): Promise<void>;
  };
  queues: { send(queue: QueueName, messages: readonly { task: InboundTask }[]): Promise<void> };
  now: number;
  afterMs: number;
}

const CURSOR = "reconcile";
const PAGES = 5;
const PAGE = 1000;
const UNFINISHED_LIMIT = 200;

export async function reconcile(deps: ReconcileDeps): Promise<number> {
  let cursor = await deps.cursors.read(CURSOR);
  let found = 0;
  for (let page = 0; page < PAGES && found < UNFINISHED_LIMIT; page++) {
    const listed = await deps.receipts.list(cursor, PAGE);
    found += await takeUp(listed.receipts, deps);
    cursor = listed.cursor;
    if (cursor === undefined) break;
  }
  await deps.cursors.write(CURSOR, cursor);
  return found;
}

async function takeUp(receipts: readonly { key: string; storedAt: number }[], deps: ReconcileDeps): Promise<number> {
  const keys = receipts.filter(({ storedAt }) => storedAt < deps.now - deps.afterMs).map(({ key }) => key);
  const byId = new Map<string, string>();
  for (const key of keys) {
    const address = deps.receipts.addressOf(key);
    if (address) byId.set(await receiptId(address), key);
  }
  if (byId.size === 0) return 0;
  const unknown = await deps.processing.unknownReceipts([...byId.keys()]);
  const tasks = await Promise.all([...unknown].map((id) => toTask(byId.get(id) ?? "", deps)));
  const messages = tasks.filter((task) => task !== undefined).map((task) => ({ task }));
  if (messages.length > 0) await deps.queues.send("inbound", messages);
  return messages.length;
}

async function toTask(key: string, deps: ReconcileDeps): Promise<InboundTask | undefined> {
  const action = await deps.receipts.actionOf(key);
  return action && { v: 1, kind: "receipt", key, action };
}

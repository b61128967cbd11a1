/** Process as the queues `inbound` and `sessions` see it. */
import type { Handled, Lane, TaskMessage } from "../core/consume.ts";
import { receiptId, type ReceiptAddress } from "../core/ids.ts";
import { isTaskOf, type InboundTask } from "../core/tasks.ts";
import { processBatch, type ProcessDeps } from "./process.ts";

export interface ProcessLaneDeps extends ProcessDeps {
  addressOf(receiptKey: string): ReceiptAddress | undefined;
}

export function createProcessLane(deps: ProcessLaneDeps): Lane<InboundTask> {
  return {
    stage: "process",
    accepts: (body): body is InboundTask => isTaskOf(body, ["receipt", "inline"]),
    async handle(messages) {
      const handled: Handled[] = [];
      for (const group of bySize(messages)) handled.push(...(await processGroup(group, deps)));
      return handled;
    },
    async bury(task) {
      const address = task.kind === "receipt" ? deps.addressOf(task.key) : undefined;
      if (!address) return;
      const { source, session } = address;
      const now = deps.now();
      const receipt = await receiptId(address);
      await deps.ledger.commit([{ source, session, receipt, receivedAt: now, state: "dead", reason: "failed" }], now);
    },
  };
}

/** Bodies in memory at a time, bytes; parsed they take several times as much, of an isolate's 128 MB. */
const MOST_BYTES = 8 * 1024 * 1024;

/** In their order, a larger one by itself. */
function bySize(messages: readonly TaskMessage<InboundTask>[]): TaskMessage<InboundTask>[][] {
  const groups: TaskMessage<InboundTask>[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const bytes = sizeOf(message.task);
    if (size + bytes > MOST_BYTES) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(message);
    size += bytes;
  }
  return groups;
}

const sizeOf = (task: InboundTask): number => (task.kind === "receipt" ? task.size : task.arrival.body.byteLength);

async function processGroup(group: readonly TaskMessage<InboundTask>[], deps: ProcessDeps): Promise<Handled[]> {
  try {
    return await processBatch(group, deps);
  } catch (error) {
    return group.map(() => ({ ok: false, error }));
  }
}

/** Process as the queues `inbound` and `sessions` see it. */
import type { Lane } from "../core/consume.ts";
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
    handle: (messages) => processBatch(messages, deps),
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

/** From a queue message to the receipt it speaks of; a body that R2 could not take when it came is stored now. */
import type { Arrival, Claimed, KeptAction, Receipt } from "../core/receipt.ts";
import type { Again, InboundTask } from "../core/tasks.ts";

export interface OpenDeps {
  receipts: {
    read(key: string): Promise<Receipt | undefined>;
    claim(arrival: Arrival): Promise<Claimed>;
  };
}

export type Opened = { receipt: Receipt; action: KeptAction; again?: Again | undefined };

export async function openReceipt(task: InboundTask, deps: OpenDeps): Promise<Opened | undefined> {
  if (task.kind === "receipt") {
    const receipt = await deps.receipts.read(task.key);
    return receipt && { receipt, action: task.action, again: task.again };
  }
  const { facts, body } = task.arrival;
  const { address } = await deps.receipts.claim(task.arrival);
  return { receipt: { address, facts, body }, action: facts.action };
}

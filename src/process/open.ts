/** From a queue message to the receipt it speaks of; a body that R2 could not take when it came is stored now. */
import type { Config } from "../config/config.ts";
import { hashBody, hashSession } from "../core/ids.ts";
import type { Arrival, Claimed, KeptAction, Receipt } from "../core/receipt.ts";
import type { InboundTask } from "../core/tasks.ts";
import { readReceipt } from "./read.ts";

export interface OpenDeps {
  receipts: {
    read(key: string): Promise<Receipt | undefined>;
    claim(arrival: Arrival): Promise<Claimed>;
  };
}

export type Opened = { receipt: Receipt; action: KeptAction };

export async function openReceipt(task: InboundTask, config: Config, deps: OpenDeps): Promise<Opened | undefined> {
  if (task.kind === "inline") return storeInline(task, config, deps);
  const receipt = await deps.receipts.read(task.key);
  return receipt && { receipt, action: task.action };
}

async function storeInline(
  task: Extract<InboundTask, { kind: "inline" }>,
  config: Config,
  deps: OpenDeps,
): Promise<Opened> {
  const { source, facts, body, windowSeconds } = task;
  const bodyHash = await hashBody(body);
  const address = { source, session: bodyHash, body: bodyHash };
  const reading = readReceipt({ address: { ...address, generation: 0 }, facts, body }, config);
  const session = reading.ok ? await hashSession(source, reading.identity.sessionId) : bodyHash;
  const isDated = reading.ok && reading.identity.time !== undefined;
  const claimed = await deps.receipts.claim({ address: { ...address, session }, facts, body, windowSeconds, isDated });
  return { receipt: { address: claimed.address, facts, body }, action: facts.action };
}

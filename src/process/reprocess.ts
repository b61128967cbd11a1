/**
 * Asks for a receipt to be processed anew, from its exact bytes, by the configuration as it is now. It is remembered before its
 * message is sent: one that is lost is sent again by the sweep. Who has many asks for each.
 */
import type { Config } from "../config/config.ts";
import type { Receipt } from "../core/receipt.ts";
import type { AskedAnew, ReprocessingLedger } from "../core/reprocessing.ts";
import type { InboundTask } from "../core/tasks.ts";

export interface ReprocessDeps {
  config(): Promise<Config | undefined>;
  ledger: Pick<ReprocessingLedger, "ask">;
  receipts: { read(key: string): Promise<Receipt | undefined> };
  queues: { send(queue: "sessions", messages: readonly { task: InboundTask }[]): Promise<void> };
  now: number;
}

/** @param object the receipt's key in the archive, as far as the ledger knows it */
export async function reprocess(id: string, object: string | undefined, deps: ReprocessDeps): Promise<AskedAnew> {
  const config = await deps.config();
  if (!config) return { ok: false, why: "not_configured" };
  const receipt = object === undefined ? undefined : await deps.receipts.read(object);
  if (object === undefined || !receipt) return { ok: false, why: "expired" };
  const { now } = deps;
  if (!(await deps.ledger.ask(id, now))) return { ok: false, why: "erased" };
  const { facts, body } = receipt;
  const again = { at: now, config: config.version };
  // There each message is by itself, and none of those that have just come waits behind it.
  const task = { v: 1, kind: "receipt", key: object, size: body.byteLength, action: facts.action, again } as const;
  await deps.queues.send("sessions", [{ task }]).catch(() => undefined);
  return { ok: true };
}

/** What was leased and is not to be attempted now: given back, and sent again for when it is due. No attempt is counted. */
import { MAX_DELAY_SECONDS } from "../core/attempt.ts";
import type { DeliveringLedger, PutOff } from "../core/ledger.ts";
import type { SettleDeps } from "./settle.ts";

export interface PostponeDeps {
  ledger: Pick<DeliveringLedger, "putOff">;
  queues: Pick<SettleDeps["queues"], "send">;
  now(): number;
}

/** Never throws: what cannot be given back is free when its lease ends, and what cannot be sent is owed, and found by the sweep. */
export async function postpone(postponed: readonly PutOff[], holder: string, deps: PostponeDeps): Promise<void> {
  if (postponed.length === 0) return;
  const now = deps.now();
  await deps.ledger.putOff(postponed, holder).catch(() => undefined);
  const messages = postponed.flatMap(({ task, dueAt }) =>
    dueAt === undefined ? [] : [{ task, delaySeconds: secondsUntil(dueAt, now) }],
  );
  if (messages.length > 0) await deps.queues.send("retries", messages).catch(() => undefined);
}

/** Rather too soon by a part of a second, which no limit minds. */
function secondsUntil(at: number, now: number): number {
  return Math.min(Math.max(0, Math.floor((at - now) / 1000)), MAX_DELAY_SECONDS);
}

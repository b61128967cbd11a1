/**
 * What a resume could not send at once, and what was held by a consumer that had not heard of it yet. A subscriber that left the
 * configuration can be resumed by nobody: what is held for it goes the way of all that is owed to it.
 */
import type { Config } from "../config/config.ts";
import type { SubscriberLedger } from "../core/subscribers.ts";
import type { DeliverTask } from "../core/tasks.ts";

export interface ReleaseDeps {
  config(): Promise<Config | undefined>;
  subscribers: Pick<SubscriberLedger, "paused" | "resume" | "resumed" | "release">;
  send(tasks: readonly DeliverTask[]): Promise<void>;
  now: number;
}

/** At once, of one subscriber; and so often each minute, as long as there is more. */
const RELEASED = 500;
const ROUNDS = 10;
/** Longer than a change of the configuration takes to be seen everywhere: whoever paused it knew it. */
const CONFIG_SPREADS_MS = 600_000;

/** Returns how many were sent. */
export async function releaseHeld(deps: ReleaseDeps): Promise<number> {
  const config = await deps.config();
  const paused = config ? await deps.subscribers.paused(deps.now - CONFIG_SPREADS_MS) : [];
  for (const subscriber of paused)
    if (!config?.subscribers.has(subscriber)) await deps.subscribers.resume(subscriber, deps.now);
  let released = 0;
  let waiting = await deps.subscribers.resumed();
  for (let round = 0; round < ROUNDS && waiting.length > 0; round++) {
    const more: string[] = [];
    for (const subscriber of waiting) {
      const tasks = await deps.subscribers.release(subscriber, RELEASED, deps.now);
      await deps.send(tasks);
      released += tasks.length;
      if (tasks.length === RELEASED) more.push(subscriber);
    }
    waiting = more;
  }
  return released;
}

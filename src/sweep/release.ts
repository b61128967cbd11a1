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

/** Of each subscriber, each minute. */
const RELEASED = 500;
/** Longer than a change of the configuration takes to be seen everywhere: whoever paused it knew it. */
const CONFIG_SPREADS_MS = 600_000;

/** Returns how many were sent. */
export async function releaseHeld(deps: ReleaseDeps): Promise<number> {
  const config = await deps.config();
  const paused = config ? await deps.subscribers.paused(deps.now - CONFIG_SPREADS_MS) : [];
  for (const subscriber of paused)
    if (!config?.subscribers.has(subscriber)) await deps.subscribers.resume(subscriber, deps.now);
  let released = 0;
  for (const subscriber of await deps.subscribers.resumed()) {
    const tasks = await deps.subscribers.release(subscriber, RELEASED, deps.now);
    await deps.send(tasks);
    released += tasks.length;
  }
  return released;
}

/** What a resume could not send at once, and what was held by a consumer that had not heard of it yet. */
import type { SubscriberLedger } from "../core/subscribers.ts";
import type { DeliverTask } from "../core/tasks.ts";

export interface ReleaseDeps {
  subscribers: Pick<SubscriberLedger, "resumed" | "release">;
  send(tasks: readonly DeliverTask[]): Promise<void>;
  now: number;
}

/** Of each subscriber, each minute. */
const RELEASED = 500;

/** Returns how many were sent. */
export async function releaseHeld(deps: ReleaseDeps): Promise<number> {
  let released = 0;
  for (const subscriber of await deps.subscribers.resumed()) {
    const tasks = await deps.subscribers.release(subscriber, RELEASED, deps.now);
    await deps.send(tasks);
    released += tasks.length;
  }
  return released;
}

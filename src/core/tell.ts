/** A notice becomes an event that is owed: stored, then in the ledger, then in the queue, like any other. */
import { deliveryId } from "./ids.ts";
import { composeNotice, type Notice, type NoticeEvent, type NoticeLedger } from "./notice.ts";
import type { DeliverTask } from "./tasks.ts";

export interface TellDeps {
  publicUrl: string | undefined;
  events: { writeNotice(event: NoticeEvent): Promise<string> };
  notices: Pick<NoticeLedger, "tell">;
  queues: { send(queue: "deliveries", messages: readonly { task: DeliverTask }[]): Promise<void> };
  now: number;
}

export interface Audience {
  /** Names of the subscribers that are told. */
  subscribersOf(event: NoticeEvent): readonly string[];
  /** Paused, or its breaker open: told all the same, at the first attempt. */
  passes?: true;
  /** What the ledger noted of it, and may forget now. */
  notes?: readonly string[];
}

export async function tell(
  notice: Notice,
  { subscribersOf, passes, notes = [] }: Audience,
  deps: TellDeps,
): Promise<DeliverTask[]> {
  const event = await composeNotice(notice, deps.publicUrl);
  const object = await deps.events.writeNotice(event);
  const deliveries = await Promise.all(
    subscribersOf(event).map(async (subscriber) => ({ id: await deliveryId(event.id, subscriber), subscriber })),
  );
  await deps.notices.tell({ event, object, deliveries, notes }, deps.now);
  const tasks = deliveries.map(({ id, subscriber }): DeliverTask => ({
    v: 1,
    kind: "deliver",
    delivery: id,
    sequence: event.sequence,
    event: event.id,
    object,
    subscriber,
    attempt: 1,
    owedAt: deps.now,
    ...(passes ? { passes } : {}),
  }));
  // What is not enqueued is owed in the ledger, where the sweep finds it.
  if (tasks.length > 0)
    await deps.queues
      .send(
        "deliveries",
        tasks.map((task) => ({ task })),
      )
      .catch(() => undefined);
  return tasks;
}

/** Where the deliveries of tasks stand: each is looked up by its key, however many there are. And tasks made of what stands there. */
import type { DeliverTask } from "../../core/tasks.ts";

type Owed = Pick<DeliverTask, "delivery" | "sequence" | "subscriber" | "attempt">;

export const placeOf = ({ delivery, sequence, subscriber, attempt }: Owed) => ({
  id: delivery,
  sequence,
  subscriber,
  made: attempt - 1,
});

/** As JSON, for `json_each(…) AS task`. */
export const placesOf = (tasks: readonly Owed[]): string => JSON.stringify(tasks.map(placeOf));

export type OwedRow = Pick<DeliverTask, "sequence" | "event" | "object" | "subscriber"> & {
  id: string;
  attempts: number;
};

/** The next attempt of what is owed. */
export const toTask = ({ id, sequence, event, object, subscriber, attempts }: OwedRow, now: number): DeliverTask => ({
  v: 1,
  kind: "deliver",
  delivery: id,
  sequence,
  event,
  object,
  subscriber,
  attempt: attempts + 1,
  owedAt: now,
});

export const IS_PLACE = "deliveries.sequence = task.value ->> 'sequence' AND deliveries.id = task.value ->> 'id'";

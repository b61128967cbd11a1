/** Where the deliveries of tasks stand: each is looked up by its key, however many there are. */
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

export const IS_PLACE = "deliveries.sequence = task.value ->> 'sequence' AND deliveries.id = task.value ->> 'id'";

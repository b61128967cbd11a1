/** First attempts and further ones travel apart, so that nobody's first waits behind another's twentieth. */
import type { DeliverTask } from "./tasks.ts";

export interface DeliveryQueues {
  send(queue: "deliveries" | "retries", messages: readonly { task: DeliverTask }[]): Promise<void>;
}

export async function sendByLane(tasks: readonly DeliverTask[], queues: DeliveryQueues): Promise<void> {
  const isFirst = ({ attempt, apart }: DeliverTask) => attempt === 1 && !apart;
  const first = tasks.filter(isFirst).map((task) => ({ task }));
  const further = tasks.filter((task) => !isFirst(task)).map((task) => ({ task }));
  if (first.length > 0) await queues.send("deliveries", first);
  if (further.length > 0) await queues.send("retries", further);
}

/** Deliver as the queues `deliveries` and `retries` see it. */
import type { Lane } from "../core/consume.ts";
import { isTaskOf, type DeliveryTask } from "../core/tasks.ts";
import { deliverBatch, fieldsOf, type DeliverDeps } from "./deliver.ts";

export function createDeliverLane(deps: DeliverDeps): Lane<DeliveryTask> {
  return {
    stage: "deliver",
    accepts: (body): body is DeliveryTask => isTaskOf(body, ["deliver", "settle"]),
    handle: (messages) => deliverBatch(messages, deps),
    describe: (task) => (task.kind === "deliver" ? fieldsOf(task) : {}),
    bury: async (task) => {
      if (task.kind === "deliver") await deps.ledger.bury(task, "failed", deps.now());
    },
  };
}

/** What the ledger is told of an attempt. */
import { decide, type Answer, type RetryPolicy } from "../core/attempt.ts";
import type { AttemptResult, DeliverTask } from "../core/tasks.ts";

/** @param at when the answer came, epoch milliseconds. @param random 0..1 */
export function toResult(
  task: DeliverTask,
  answer: Answer,
  policy: RetryPolicy,
  at: number,
  random: number,
): AttemptResult {
  const decision = decide(answer, policy, task.attempt - (task.round ?? 0), at, random);
  const status = answer.kind === "response" ? { status: answer.status } : {};
  switch (decision.kind) {
    case "delivered":
      return { task, state: "delivered", at, ...status };
    case "again":
      return {
        task,
        state: "retrying",
        at,
        dueAt: at + decision.afterSeconds * 1000,
        reason: decision.reason,
        ...status,
      };
    case "dead":
      return { task, state: "dead", at, reason: decision.reason, ...status };
  }
}

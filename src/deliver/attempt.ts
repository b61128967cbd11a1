/** One attempt of a delivery: a request, and what follows from the answer. */
import type { Subscriber } from "../config/config.ts";
import { decide, type Answer, type Decision } from "../core/attempt.ts";
import { timeOf } from "../core/sequence.ts";
import type { AttemptResult, DeliverTask } from "../core/tasks.ts";
import { spanOf, traceOf, writeTraceparent } from "../core/trace.ts";
import type { Attempted } from "./answers.ts";
import type { StoredEvent } from "./content.ts";
import { makeRequest, type RequestDeps } from "./request.ts";

export interface AttemptDeps extends RequestDeps {
  event(object: string): Promise<StoredEvent | undefined>;
  /** 0..1 */
  random(): number;
}

/** Throws only where a store is out of reach, before anything was sent. */
export async function attempt(task: DeliverTask, subscriber: Subscriber, deps: AttemptDeps): Promise<Attempted> {
  const startedAt = deps.now();
  const stored = subscriber.enabled ? await deps.event(task.object) : undefined;
  const trace = traceOf(task.event, stored?.metadata["traceparent"]);
  const spanId = await spanOf(task.delivery, String(task.attempt));
  const answer = await makeRequest({ task, stored, traceparent: writeTraceparent(trace, spanId) }, subscriber, deps);
  const result = resultOf(task, answer, subscriber, startedAt, deps);
  const text = answer.kind === "response" ? answer.body : "";
  const isTaken = stored !== undefined && result.state === "delivered";
  const taken = isTaken ? { latencyMs: result.at - timeOf(stored.event.sequence) } : {};
  return { result, answer: text, observed: { traceId: trace.id, spanId, ...taken } };
}

function resultOf(
  task: DeliverTask,
  answer: Answer,
  subscriber: Subscriber,
  startedAt: number,
  deps: AttemptDeps,
): AttemptResult {
  const at = deps.now();
  const decision = decide(answer, subscriber, task.attempt, at, deps.random());
  const measured = { ms: at - startedAt, ...(answer.kind === "response" ? { status: answer.status } : {}) };
  return toResult(task, decision, at, measured);
}

function toResult(
  task: DeliverTask,
  decision: Decision,
  at: number,
  measured: { ms: number; status?: number },
): AttemptResult {
  switch (decision.kind) {
    case "delivered":
      return { task, state: "delivered", at, ...measured };
    case "again":
      return {
        task,
        state: "retrying",
        at,
        dueAt: at + decision.afterSeconds * 1000,
        reason: decision.reason,
        ...measured,
      };
    case "dead":
      return { task, state: "dead", at, reason: decision.reason, ...measured };
  }
}

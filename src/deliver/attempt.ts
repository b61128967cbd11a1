/** One attempt of a delivery: a request, and what follows from the answer. */
import type { Subscriber } from "../config/config.ts";
import type { Answer } from "../core/attempt.ts";
import { isNotice } from "../core/notice.ts";
import { timeOf } from "../core/sequence.ts";
import type { AttemptResult, DeliverTask } from "../core/tasks.ts";
import { spanOf, traceOf, writeTraceparent } from "../core/trace.ts";
import type { Attempted } from "./answers.ts";
import type { StoredEvent } from "./content.ts";
import { makeRequest, type RequestDeps } from "./request.ts";
import { toResult } from "./result.ts";

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
  // A notice is of no webhook, whose time on the road is measured; nor does it tell of the road when somebody asked for it again.
  const isMeasured = task.round === undefined && result.state === "delivered";
  const isTaken = isMeasured && stored !== undefined && !isNotice(stored.event);
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
  return { ...toResult(task, answer, subscriber, at, deps.random()), ms: at - startedAt };
}

/**
 * Writes down what came of attempts. Once a subscriber has the event, failing to write that down must not send it again: the
 * result is tried again here, then travels as a message of its own, then waits in the outbox.
 */
import type { DeliveringLedger, Settled } from "../core/ledger.ts";
import type { AttemptResult, DeliverTask, SettleTask } from "../core/tasks.ts";
import type { AnswersDeps } from "./answers.ts";

export interface SettleDeps extends AnswersDeps {
  ledger: DeliveringLedger;
  queues: {
    send(
      queue: "retries",
      messages: readonly { task: DeliverTask | SettleTask; delaySeconds?: number }[],
    ): Promise<void>;
    park(queue: "retries", messages: readonly { task: SettleTask }[], id: string): Promise<void>;
  };
  /** A ULID for now. */
  newId(): string;
  pause(milliseconds: number): Promise<void>;
}

const PAUSES_MS = [0, 250, 1000];
const SETTLE_AGAIN_SECONDS = 30;
/** Far below what a message holds. */
const RESULTS_PER_MESSAGE = 50;

export async function settle(results: readonly AttemptResult[], deps: SettleDeps): Promise<void> {
  if (results.length === 0) return;
  const settled = await writeDown(results, deps);
  if (!settled) return carry(results, deps);
  const { gone, outgrown } = settled;
  const retries = results.filter((result) => result.state === "retrying").map(toRetry);
  // A retry that cannot be enqueued is owed in the ledger, where the sweep finds it when it is due.
  if (retries.length > 0) await deps.queues.send("retries", retries).catch(() => undefined);
  await forgetAnswers(
    results.filter(({ task, answer }) => answer !== undefined && gone.has(task.delivery)),
    deps,
  );
  // What stays goes by its age.
  if (outgrown.length > 0) await deps.answers.forget(outgrown).catch(() => undefined);
}

/** Of deliveries that were erased while they were attempted; tried again as the results are, which changes nothing else. */
async function forgetAnswers(results: readonly AttemptResult[], deps: SettleDeps): Promise<void> {
  if (results.length === 0) return;
  try {
    await deps.answers.forget(results.flatMap(({ answer = [] }) => answer));
  } catch {
    await carry(results, deps);
  }
}

/** `undefined` where the ledger could not be written. */
async function writeDown(results: readonly AttemptResult[], deps: SettleDeps): Promise<Settled | undefined> {
  for (const milliseconds of PAUSES_MS) {
    await deps.pause(milliseconds);
    try {
      return await deps.ledger.settle(results);
    } catch {
      continue;
    }
  }
  return undefined;
}

async function carry(results: readonly AttemptResult[], deps: SettleDeps): Promise<void> {
  for (let start = 0; start < results.length; start += RESULTS_PER_MESSAGE) {
    const task: SettleTask = { v: 1, kind: "settle", results: results.slice(start, start + RESULTS_PER_MESSAGE) };
    try {
      await deps.queues.send("retries", [{ task, delaySeconds: SETTLE_AGAIN_SECONDS }]);
    } catch {
      await deps.queues.park("retries", [{ task }], deps.newId());
    }
  }
}

function toRetry({ task, at, dueAt }: AttemptResult): { task: DeliverTask; delaySeconds: number } {
  const delaySeconds = Math.max(0, Math.round(((dueAt ?? at) - at) / 1000));
  // What let this attempt through was for this attempt.
  const { passes: _passes, probes: _probes, apart: _apart, slotAt: _slotAt, ...same } = task;
  return { task: { ...same, attempt: task.attempt + 1 }, delaySeconds };
}

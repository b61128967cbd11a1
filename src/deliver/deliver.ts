/**
 * Stage 3, consumer of `deliveries` and `retries`: attempts what is owed and writes down what came of it. The ledger's lease
 * decides who attempts: a copy of a message, or one that the sweep sent again too early, finds the attempt made and ends,
 * or finds the lease taken and waits to see which.
 */
import type { Config } from "../config/config.ts";
import type { Fields, Handled, TaskMessage } from "../core/consume.ts";
import type { DeliveringLedger } from "../core/ledger.ts";
import { mapLimited } from "../core/limit.ts";
import type { DeliverTask, DeliveryTask } from "../core/tasks.ts";
import { Unavailable } from "../core/unavailable.ts";
import { attempt, type AttemptDeps } from "./attempt.ts";
import { keepAnswers, type Attempted } from "./answers.ts";
import { createRecorder } from "./recorder.ts";
import { settle, type SettleDeps } from "./settle.ts";

export interface DeliverDeps extends AttemptDeps, SettleDeps {
  config(): Promise<Config | undefined>;
  ledger: DeliveringLedger;
}

/** The platform opens six connections at a time; a seventh request would wait with its timeout running. */
const REQUESTS_AT_A_TIME = 5;

export async function deliverBatch(
  messages: readonly TaskMessage<DeliveryTask>[],
  deps: DeliverDeps,
): Promise<Handled[]> {
  const config = await deps.config();
  if (!config) throw new Unavailable("config");

  const tasks = messages.flatMap(({ task }) => (task.kind === "deliver" ? [task] : []));
  const holder = deps.newHolder();
  const { taken, busy } = tasks.length > 0 ? await lease(tasks, holder, deps) : NOTHING;
  const recorder = createRecorder(async (attempted) => settle(await keepAnswers(attempted, deps), deps), deps.pause);
  for (const { task } of messages)
    if (task.kind === "settle") recorder.add(task.results.map((result) => ({ result, answer: "", observed: {} })));
  const unused: DeliverTask[] = [];
  const handled = await mapLimited(messages, REQUESTS_AT_A_TIME, async ({ task }): Promise<Handled> => {
    if (task.kind === "settle") return { ok: true, outcome: "settled", fields: {} };
    const { delivery } = task;
    const fields = fieldsOf(task);
    // Whoever has the lease may have died with it, so the message waits to see the delivery settled or the lease end.
    if (busy.has(delivery)) return { ok: false, error: new Unavailable("lease") };
    if (!taken.delete(delivery)) return { ok: true, outcome: "not_owed", fields };
    try {
      const attempted = await attemptOnce(task, config, deps);
      recorder.add([attempted]);
      const { state, status, reason, ms: attemptMs } = attempted.result;
      return { ok: true, outcome: state, fields: { ...fields, ...attempted.observed, status, reason, attemptMs } };
    } catch (error) {
      unused.push(task);
      return { ok: false, error };
    }
  });
  await recorder.finish();
  if (unused.length > 0) await deps.ledger.release(unused, holder).catch(() => undefined);
  return handled;
}

export const fieldsOf = ({ delivery, event, subscriber, attempt: made }: DeliverTask): Fields => ({
  delivery,
  event,
  subscriber,
  attempt: made,
});

const NOTHING = { taken: new Set<string>(), busy: new Set<string>() };

/** One that was not answered may be had all the same: it is given back, so that nobody waits for its end. */
async function lease(
  tasks: readonly DeliverTask[],
  holder: string,
  { ledger, now }: DeliverDeps,
): ReturnType<DeliveringLedger["lease"]> {
  try {
    return await ledger.lease(tasks, holder, now());
  } catch (error) {
    await ledger.release(tasks, holder).catch(() => undefined);
    throw error;
  }
}

/** Longer than a change of the configuration takes to be seen everywhere. */
const CONFIG_SPREADS_MS = 180_000;

async function attemptOnce(task: DeliverTask, config: Config, deps: DeliverDeps): Promise<Attempted> {
  const subscriber = config.subscribers.get(task.subscriber);
  if (subscriber) return attempt(task, subscriber, deps);
  // Whoever owed this delivery knew the subscriber: this isolate may not have heard of it yet.
  const now = deps.now();
  if (now - task.owedAt < CONFIG_SPREADS_MS) throw new Unavailable("config");
  return { result: { task, state: "cancelled", at: now, reason: "no_subscriber" }, answer: "", observed: {} };
}

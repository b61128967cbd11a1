/**
 * Stage 3, consumer of `deliveries` and `retries`: attempts what is owed and writes down what came of it. The ledger's lease
 * decides who attempts: a copy of a message, or one that the sweep sent again too early, finds the attempt made and ends,
 * or finds the lease taken and waits to see which.
 */
import type { Config } from "../config/config.ts";
import type { Answer } from "../core/attempt.ts";
import type { Fields, Handled, TaskMessage } from "../core/consume.ts";
import { LEASE_MS, type DeliveringLedger, type Lease, type PutOff } from "../core/ledger.ts";
import { mapFairly } from "../core/limit.ts";
import { isAskedFor, type DeliverTask, type DeliveryTask } from "../core/tasks.ts";
import { Unavailable } from "../core/unavailable.ts";
import { keepAnswers, unanswered, type Attempted } from "./answers.ts";
import { attempt, type AttemptDeps } from "./attempt.ts";
import { createGate, type Gate, type GateDeps } from "./gate.ts";
import { makeRoom, type LimitsDeps } from "./limits.ts";
import { postpone } from "./postpone.ts";
import { createRecorder } from "./recorder.ts";
import { toResult } from "./result.ts";
import { settle, type SettleDeps } from "./settle.ts";

export interface DeliverDeps extends AttemptDeps, SettleDeps, LimitsDeps, Pick<GateDeps, "tripped"> {
  config(): Promise<Config | undefined>;
  ledger: DeliveringLedger;
}

/** The platform opens six connections at a time; a seventh request would wait with its timeout running. */
const REQUESTS_AT_A_TIME = 5;
/** Of these for one subscriber while others wait, so that one that hangs does not fill them all. */
const SHARE = 2;
/** The longest that an attempt takes: 60 s, a new token, 60 s again, and the time to write it down. */
const ATTEMPT_MS = 180_000;

export async function deliverBatch(
  messages: readonly TaskMessage<DeliveryTask>[],
  deps: DeliverDeps,
): Promise<Handled[]> {
  const config = await deps.config();
  if (!config) throw new Unavailable("config");

  const wanted = deliveriesOf(messages);
  const holder = deps.newHolder();
  const startUntil = deps.now() + LEASE_MS - ATTEMPT_MS;
  const { taken, busy, standings, rounds } = wanted.length > 0 ? await lease(wanted, holder, deps) : NOTHING;
  const work = messages.map((message) => ({ ...message, task: inRound(message.task, rounds) }));
  const gate = createGate(standings, deps);
  const isTaken = ({ delivery, attempt: number }: DeliverTask) => taken.get(delivery) === number;
  const isFree = (task: DeliverTask) =>
    isTaken(task) && (task.passes === true || task.probes === true || gate.isFree(task.subscriber));
  const room = await makeRoom(deliveriesOf(work).filter(isFree), config, REQUESTS_AT_A_TIME, holder, deps);
  const recorder = createRecorder(async (attempted) => settle(await keepAnswers(attempted, deps), deps), deps.pause);
  for (const { task } of messages) if (task.kind === "settle") recorder.add(task.results.map(unanswered));
  // Not kept until the batch is done: another subscriber may take its time.
  const given = [postpone([...room.later.values()], holder, deps)];
  const vacate = async (subscriber: string) => {
    if (room.widths.has(subscriber)) await deps.limits.vacate([subscriber], holder).catch(() => undefined);
  };
  const unused: DeliverTask[] = [];
  const postponed: PutOff[] = [];

  const handle = async ({ task }: TaskMessage<DeliveryTask>): Promise<Handled> => {
    if (task.kind === "settle") return { ok: true, outcome: "settled", fields: {} };
    const { delivery } = task;
    const fields = fieldsOf(task);
    // Whoever has the lease may have died with it, so the message waits to see the delivery settled or the lease end.
    if (busy.has(delivery)) return { ok: false, error: new Unavailable("lease") };
    if (!isTaken(task)) return { ok: true, outcome: "not_owed", fields };
    taken.delete(delivery);
    if (room.later.has(delivery)) return { ok: true, outcome: "postponed", fields };
    try {
      const now = deps.now();
      const isLate = now > startUntil;
      const turn = isLate ? { postponed: { task, dueAt: now } } : await takeTurn(task, config, gate, deps);
      if ("postponed" in turn) {
        postponed.push(turn.postponed);
        return { ok: true, outcome: turn.postponed.dueAt === undefined ? "held" : "postponed", fields };
      }
      const { result, observed } = turn.attempted;
      gate.learn(result);
      recorder.add([turn.attempted]);
      const { state, status, reason, ms: attemptMs } = result;
      return { ok: true, outcome: state, fields: { ...fields, ...observed, status, reason, attemptMs } };
    } catch (error) {
      unused.push(task);
      return { ok: false, error };
    }
  };

  const handled = await mapFairly(
    work,
    {
      width: REQUESTS_AT_A_TIME,
      share: SHARE,
      groupOf: ({ task }) => (task.kind === "settle" ? "" : task.subscriber),
      mostOf: (subscriber) => room.widths.get(subscriber) ?? REQUESTS_AT_A_TIME,
      onDone: (subscriber) => void given.push(vacate(subscriber)),
    },
    handle,
  );
  await postpone(postponed, holder, deps);
  await Promise.all(given);
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

const deliveriesOf = (messages: readonly TaskMessage<DeliveryTask>[]): DeliverTask[] =>
  messages.flatMap(({ task }) => (task.kind === "deliver" ? [task] : []));

/** As the ledger has it: the message of an earlier schedule may come before the one that was sent for this round. */
function inRound(task: DeliveryTask, rounds: Lease["rounds"]): DeliveryTask {
  const round = task.kind === "deliver" ? rounds.get(task.delivery) : undefined;
  if (task.kind !== "deliver" || round === undefined) return task;
  const known = { ...task, round };
  return isAskedFor(known) ? { ...known, passes: true } : known;
}

const NOTHING: Lease = { taken: new Map(), busy: new Set(), standings: new Map(), rounds: new Map() };

/** One that was not answered may be had all the same: it is given back, so that nobody waits for its end. */
async function lease(tasks: readonly DeliverTask[], holder: string, { ledger, now }: DeliverDeps): Promise<Lease> {
  try {
    return await ledger.lease(tasks, holder, now());
  } catch (error) {
    await ledger.release(tasks, holder).catch(() => undefined);
    throw error;
  }
}

/** Longer than a change of the configuration takes to be seen everywhere. */
const CONFIG_SPREADS_MS = 180_000;

async function takeTurn(
  task: DeliverTask,
  config: Config,
  gate: Gate,
  deps: DeliverDeps,
): Promise<{ attempted: Attempted } | { postponed: PutOff }> {
  const now = deps.now();
  const subscriber = config.subscribers.get(task.subscriber);
  if (!subscriber) {
    // Whoever owed this delivery knew the subscriber: this isolate may not have heard of it yet.
    if (now - task.owedAt < CONFIG_SPREADS_MS) throw new Unavailable("config");
    return { attempted: unanswered({ task, state: "cancelled", at: now, reason: "no_subscriber" }) };
  }
  switch (await gate.admit(task)) {
    case "attempt":
      return { attempted: await attempt(task, subscriber, deps) };
    case "skip":
      return { attempted: unanswered(toResult(task, SKIPPED, subscriber, now, deps.random())) };
    case "hold":
      return { postponed: { task, dueAt: undefined } };
    case "set_apart":
      return { postponed: { task: { ...task, apart: true }, dueAt: now } };
    case "probe":
      return { postponed: { task: { ...task, apart: true, probes: true }, dueAt: now } };
  }
}

const SKIPPED: Answer = { kind: "failure", reason: "skipped" };

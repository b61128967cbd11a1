/**
 * Stage 2, consumer of `inbound` and `sessions`: a receipt becomes an event, or is found to say nothing new. Every step
 * can be repeated: ids are hashes, objects are created once, the ledger commits in one transaction. A consumer that dies
 * anywhere leaves a message that comes again and ends in the same event.
 */
import type { Config } from "../config/config.ts";
import type { Fields, Handled, TaskMessage } from "../core/consume.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { deliveryId } from "../core/ids.ts";
import type { EventEntry, ProcessingLedger } from "../core/ledger.ts";
import type { DeliverTask, InboundTask, ReceiptTask } from "../core/tasks.ts";
import { Unavailable } from "../core/unavailable.ts";
import { recollect, type AgainDeps } from "./again.ts";
import { actionNow, entryOf, fieldsOf, toCandidate, type Candidate } from "./candidate.ts";
import { decideAll, type Decision } from "./decide.ts";
import { enact, type EnactDeps } from "./enact.ts";
import { vanish, type VanishDeps } from "./erased.ts";
import { openReceipt, type OpenDeps } from "./open.ts";
import { readReceipt } from "./read.ts";
import { refile, type Filed, type RefileDeps } from "./refile.ts";

export interface ProcessDeps extends OpenDeps, EnactDeps, VanishDeps, AgainDeps {
  events: EnactDeps["events"] & AgainDeps["events"];
  config(): Promise<Config | undefined>;
  ledger: ProcessingLedger;
  queues: { send(queue: "deliveries", messages: readonly { task: DeliverTask }[]): Promise<void> };
}

/** Rounds of deciding anew because another consumer moved a session in between. */
const ROUNDS = 5;

/** `missing`: the task of a receipt that the archive has not. */
export type Opened = ({ ok: true } & Filed) | { ok: false; error: unknown; missing?: ReceiptTask };

/** What messages speak of, one answer for each in their order. */
export function openAll(
  messages: readonly TaskMessage<InboundTask>[],
  config: Config,
  deps: OpenDeps & RefileDeps,
): Promise<Opened[]> {
  return Promise.all(messages.map((message) => open(message, config, deps)));
}

async function open({ task }: TaskMessage<InboundTask>, config: Config, deps: OpenDeps & RefileDeps): Promise<Opened> {
  try {
    const opened = await openReceipt(task, deps);
    if (!opened) {
      const error = new Error("the receipt is missing");
      return task.kind === "receipt" ? { ok: false, error, missing: task } : { ok: false, error };
    }
    const { receipt, again } = opened;
    const reading = readReceipt(receipt, config);
    const action = again ? actionNow(receipt, reading, config) : opened.action;
    const candidate = await toCandidate(receipt, action, reading, task.reads ?? 0, again);
    return { ok: true, ...(await refile(candidate, config, deps)) };
  } catch (error) {
    return { ok: false, error };
  }
}

/** @param redelivered receipts whose message was handed out before, so that its consumer may have died half-way */
export async function processAll(
  candidates: readonly Candidate[],
  redelivered: ReadonlySet<string>,
  config: Config,
  deps: ProcessDeps,
): Promise<Map<string, Handled>> {
  const distinct = new Map<string, Candidate>();
  for (const each of candidates) distinct.set(each.id, preferDelivery(each, distinct));
  return settle([...distinct.values()].sort(byArrival), redelivered, config, deps);
}

/** Copies of one receipt in one batch are one; if any of them is to be processed anew, or delivered, it is. */
function preferDelivery(candidate: Candidate, among: ReadonlyMap<string, Candidate>): Candidate {
  const other = among.get(candidate.id);
  if (other?.again?.at !== candidate.again?.at)
    return (other?.again?.at ?? 0) > (candidate.again?.at ?? 0) && other ? other : candidate;
  return other?.action === "deliver" ? other : candidate;
}

function byArrival(left: Candidate, right: Candidate): number {
  const [first, second] = [left.receipt.facts.sequence, right.receipt.facts.sequence];
  return first < second ? -1 : first > second ? 1 : 0;
}

async function settle(
  candidates: readonly Candidate[],
  redelivered: ReadonlySet<string>,
  config: Config,
  deps: ProcessDeps,
): Promise<Map<string, Handled>> {
  const results = new Map<string, Handled>();
  const owed: DeliverTask[] = [];
  const interrupted: string[] = [];
  let pending = candidates;
  for (let round = 0; round < ROUNDS && pending.length > 0; round++) {
    const past = await deps.ledger.past(
      pending.flatMap(({ id, earlier }) => (earlier === undefined ? [id] : [id, earlier])),
      pending.map(entryOf),
    );
    const erased = pending.filter(({ id }) => past.erased.has(id));
    for (const [id, handled] of await vanish(erased, deps)) results.set(id, handled);
    const kept = pending.filter((candidate) => !erased.includes(candidate));
    const recollected = await Promise.all(kept.map((each) => recollect(each, past.receipts.get(each.id), deps)));
    const decided = await decideAll(recollected, past, config);
    const enacted = await Promise.all(
      decided.map(({ candidate, decision }) => enact(decision, candidate, config, deps)),
    );
    const now = deps.now();
    const committed = await deps.ledger.commit(
      enacted.flatMap(({ entry }) => (entry ? [entry] : [])),
      now,
    );

    const undecided: Candidate[] = [];
    enacted.forEach(({ decision, entry }, index) => {
      const candidate = decided[index]?.candidate;
      if (!candidate) return;
      if (entry && !committed.has(candidate.id)) return void undecided.push(candidate);
      if (entry?.state === "event") owed.push(...toTasks(entry, now));
      if (decision.kind === "done" && decision.event && redelivered.has(candidate.id)) interrupted.push(decision.event);
      results.set(candidate.id, describe(candidate, decision));
    });
    pending = undecided;
  }
  for (const { id } of pending) results.set(id, { ok: false, error: new Unavailable("session") });
  owed.push(...(await unattempted(interrupted, config, deps)));
  const messages = owed.map((task) => ({ task }));
  if (messages.length > 0) await deps.queues.send("deliveries", messages);
  return results;
}

function toTasks({ event, object, facts, deliveries }: EventEntry, owedAt: number): DeliverTask[] {
  return deliveries.map(({ id, subscriber }) => ({
    v: 1,
    kind: "deliver",
    delivery: id,
    sequence: facts.sequence,
    event,
    object,
    subscriber,
    attempt: 1,
    owedAt,
  }));
}

/** Deliveries of events whose consumer died between writing them down and enqueuing them. */
async function unattempted(events: readonly string[], config: Config, deps: ProcessDeps): Promise<DeliverTask[]> {
  if (events.length === 0) return [];
  const names = [...config.subscribers.keys()];
  const ids = await Promise.all(events.flatMap((event) => names.map((name) => deliveryId(event, name))));
  return deps.ledger.unattempted(ids, deps.now());
}

function describe(candidate: Candidate, decision: Decision): Handled {
  const fields = fieldsOf(candidate);
  const read = candidate.session;
  // A vendor that refuses is an operator's business; what it refused is told in stable words.
  const refusals = read && read.asker.refusals.length > 0 ? { refusals: read.asker.refusals.join(", ") } : {};
  switch (decision.kind) {
    case "done":
      return { ok: true, outcome: "done", fields: { ...fields, event: decision.event } };
    case "outcome":
    case "kept":
      return {
        ok: true,
        outcome: decision.outcome.state,
        fields: { ...fields, reason: decision.outcome.reason, ...refusals },
      };
    case "event":
      return { ok: true, outcome: "event", fields: { ...fields, ...whatIsSaid(decision.event), ...refusals } };
    case "failed":
      return { ok: false, error: decision.error };
  }
}

const whatIsSaid = ({ id, type, outcome }: CanonicalEvent): Fields => ({ event: id, type, verdict: outcome });

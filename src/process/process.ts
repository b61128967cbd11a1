/**
 * Stage 2, consumer of `inbound` and `sessions`: a receipt becomes an event, or is found to say nothing new. Every step
 * can be repeated: ids are hashes, objects are created once, the ledger commits in one transaction. A consumer that dies
 * anywhere leaves a message that comes again and ends in the same event.
 */
import type { Config } from "../config/config.ts";
import type { Handled, TaskMessage } from "../core/consume.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { deliveryId, type ReceiptAddress } from "../core/ids.ts";
import type { EventEntry, LedgerEntry, ProcessingLedger } from "../core/ledger.ts";
import { subscribersOf } from "../core/routing.ts";
import type { DeliverTask, InboundTask } from "../core/tasks.ts";
import { Unavailable } from "../core/unavailable.ts";
import { decideAll, toCandidate, type Candidate, type Decision } from "./decide.ts";
import { openReceipt, type OpenDeps } from "./open.ts";

export interface ProcessDeps extends OpenDeps {
  config(): Promise<Config | undefined>;
  events: { write(address: ReceiptAddress, event: CanonicalEvent): Promise<string> };
  ledger: ProcessingLedger;
  queues: { send(queue: "deliveries", messages: readonly { task: DeliverTask }[]): Promise<void> };
  now(): number;
}

/** Rounds of deciding anew because another consumer moved a session in between. */
const ROUNDS = 5;

export async function processBatch(
  messages: readonly TaskMessage<InboundTask>[],
  deps: ProcessDeps,
): Promise<Handled[]> {
  const config = await deps.config();
  if (!config) throw new Unavailable("config");

  const opened = await Promise.all(messages.map((message) => open(message, deps)));
  const candidates = new Map<string, Candidate>();
  for (const each of opened) if (each.ok) candidates.set(each.candidate.id, preferDelivery(each.candidate, candidates));
  const redelivered = new Set(
    opened.flatMap((each, index) => (each.ok && messages[index]?.isRedelivered ? [each.candidate.id] : [])),
  );

  const results = await settle([...candidates.values()].sort(byArrival), redelivered, config, deps);
  return opened.map((each) => (each.ok ? (results.get(each.candidate.id) ?? contended) : each));
}

type Opened = { ok: true; candidate: Candidate } | { ok: false; error: unknown };

async function open({ task }: TaskMessage<InboundTask>, deps: ProcessDeps): Promise<Opened> {
  try {
    const receipt = await openReceipt(task, deps);
    if (!receipt) return { ok: false, error: new Error("the receipt is missing") };
    return { ok: true, candidate: await toCandidate(receipt.receipt, receipt.action) };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Copies of one receipt in one batch are one; if any of them is to be delivered, it is. */
function preferDelivery(candidate: Candidate, among: ReadonlyMap<string, Candidate>): Candidate {
  const other = among.get(candidate.id);
  return other?.action === "deliver" ? other : candidate;
}

function byArrival(left: Candidate, right: Candidate): number {
  const [first, second] = [left.receipt.facts.sequence, right.receipt.facts.sequence];
  return first < second ? -1 : first > second ? 1 : 0;
}

const contended: Handled = { ok: false, error: new Unavailable("session") };

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
      pending.map(({ receipt }) => receipt.address),
    );
    const now = deps.now();
    const decisions = await decideAll(pending, past, config);
    const entries = await Promise.all(
      decisions.map((decision, index) => toEntry(decision, pending[index], config, deps)),
    );
    const committed = await deps.ledger.commit(
      entries.filter((entry) => entry !== undefined),
      now,
    );

    const undecided: Candidate[] = [];
    pending.forEach((candidate, index) => {
      const decision = decisions[index];
      const entry = entries[index];
      if (!decision || (entry && !committed.has(candidate.id))) return void undecided.push(candidate);
      if (entry?.state === "event") owed.push(...toTasks(entry, now));
      if (decision.kind === "done" && decision.event && redelivered.has(candidate.id)) interrupted.push(decision.event);
      results.set(candidate.id, describe(candidate.id, decision));
    });
    pending = undecided;
  }
  owed.push(...(await unattempted(interrupted, config, deps)));
  const messages = owed.map((task) => ({ task }));
  if (messages.length > 0) await deps.queues.send("deliveries", messages);
  return results;
}

/** What the ledger is to know. An event is in R2 before it is in the ledger, so that what the ledger knows can be read. */
async function toEntry(
  decision: Decision,
  candidate: Candidate | undefined,
  config: Config,
  deps: ProcessDeps,
): Promise<LedgerEntry | undefined> {
  if (decision.kind === "outcome") return decision.outcome;
  if (decision.kind !== "event" || !candidate) return undefined;
  const { event, move } = decision;
  const { address, facts } = candidate.receipt;
  const object = await deps.events.write(address, event);
  const subscribers = subscribersOf(event, address.source, [...config.subscribers.values()]);
  const deliveries = await Promise.all(
    subscribers.map(async ({ name }) => ({ id: await deliveryId(event.id, name), subscriber: name })),
  );
  return {
    state: "event",
    source: address.source,
    session: address.session,
    receipt: candidate.id,
    receivedAt: facts.receivedAt,
    event: event.id,
    type: event.type,
    outcome: event.outcome,
    object,
    sequence: event.sequence,
    time: event.time,
    move,
    deliveries,
  };
}

function toTasks({ event, object, deliveries }: EventEntry, owedAt: number): DeliverTask[] {
  return deliveries.map(({ id, subscriber }) => ({
    v: 1,
    kind: "deliver",
    delivery: id,
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

function describe(receipt: string, decision: Decision): Handled {
  switch (decision.kind) {
    case "done":
      return { ok: true, outcome: "done", fields: { receipt, event: decision.event } };
    case "outcome":
      return { ok: true, outcome: decision.outcome.state, fields: { receipt, reason: decision.outcome.reason } };
    case "event":
      return { ok: true, outcome: decision.event.type, fields: { receipt, event: decision.event.id } };
    case "failed":
      return { ok: false, error: decision.error };
  }
}

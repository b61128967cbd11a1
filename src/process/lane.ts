/**
 * Process as the queues `inbound` and `sessions` see it. What needs its session read back travels in `sessions`, each message for
 * itself, so that a slow vendor delays only its own; everything else is decided batch by batch.
 */
import type { Config } from "../config/config.ts";
import type { Handled, Lane, TaskMessage } from "../core/consume.ts";
import { receiptId, type ReceiptAddress } from "../core/ids.ts";
import { mapLimited } from "../core/limit.ts";
import { isTaskOf, type InboundTask } from "../core/tasks.ts";
import { Unavailable } from "../core/unavailable.ts";
import { fieldsOf, type Candidate } from "./candidate.ts";
import { excuse } from "./erased.ts";
import { openAll, processAll, type ProcessDeps } from "./process.ts";
import { readAndProcess, sessionOf, type ReadBackDeps } from "./read-back.ts";

export interface ProcessLaneDeps extends Omit<ProcessDeps, "queues">, Omit<ReadBackDeps, "queues"> {
  queues: ProcessDeps["queues"] & ReadBackDeps["queues"];
  addressOf(receiptKey: string): ReceiptAddress | undefined;
}

/** Each may hold a part of a file, 8 MiB, and an answer of as much, of an isolate's 128 MB. */
const SESSIONS_AT_A_TIME = 3;

export function createProcessLane(queue: "inbound" | "sessions", deps: ProcessLaneDeps): Lane<InboundTask> {
  const groupsOf = queue === "sessions" ? oneByOne : bySize;
  return {
    stage: "process",
    accepts: (body): body is InboundTask => isTaskOf(body, ["receipt", "inline"]),
    async handle(messages) {
      const config = await deps.config();
      if (!config) throw new Unavailable("config");
      const handled = await mapLimited(groupsOf(messages), queue === "sessions" ? SESSIONS_AT_A_TIME : 1, (group) =>
        processGroup(group, queue, config, deps).catch((error: unknown) =>
          group.map((): Handled => ({ ok: false, error })),
        ),
      );
      return handled.flat();
    },
    async describe(task) {
      const address = task.kind === "receipt" ? deps.addressOf(task.key) : undefined;
      return address ? { receipt: await receiptId(address), source: address.source } : {};
    },
    async bury(task) {
      const address = task.kind === "receipt" ? deps.addressOf(task.key) : undefined;
      if (!address) return;
      const now = deps.now();
      const receipt = await receiptId(address);
      await deps.ledger.commit([{ ...address, receipt, receivedAt: now, state: "dead", reason: "failed" }], now);
    },
  };
}

type Group = readonly TaskMessage<InboundTask>[];

const oneByOne = (messages: Group): Group[] => messages.map((message) => [message]);

/** Bodies in memory at a time, bytes; parsed they take several times as much. */
const MOST_BYTES = 8 * 1024 * 1024;

/** In their order, a larger one by itself. */
function bySize(messages: Group): Group[] {
  const groups: TaskMessage<InboundTask>[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const bytes = sizeOf(message.task);
    if (size + bytes > MOST_BYTES) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(message);
    size += bytes;
  }
  return groups;
}

const sizeOf = (task: InboundTask): number => (task.kind === "receipt" ? task.size : task.arrival.body.byteLength);

async function processGroup(
  group: Group,
  queue: "inbound" | "sessions",
  config: Config,
  deps: ProcessLaneDeps,
): Promise<Handled[]> {
  const opened = await openAll(group, config, deps);
  const candidates = opened.flatMap((each) => (each.ok ? [each.candidate] : []));
  const pointing = candidates.filter((candidate) => sessionOf(candidate, config));
  const plain = candidates.filter((candidate) => !pointing.includes(candidate));
  const redelivered = new Set(
    opened.flatMap((each, index) => (each.ok && group[index]?.isRedelivered ? [each.candidate.id] : [])),
  );
  const results = new Map([
    ...(plain.length > 0 ? await processAll(plain, redelivered, config, deps) : []),
    ...(queue === "inbound"
      ? await forward(pointing, deps)
      : await readAndProcess(pointing, redelivered, config, deps)),
  ]);
  const excused = await excuse(
    opened.flatMap((each) => (!each.ok && each.missing ? [each.missing] : [])),
    deps,
  );
  return opened.map((each) => {
    if (each.ok) return results.get(each.candidate.id) ?? notHandled;
    return (each.missing && excused.get(each.missing)) ?? { ok: false, error: each.error };
  });
}

const notHandled: Handled = { ok: false, error: new Error("not handled") };

/** What came by the other queue: the sweep found it, or its source reads sessions only now. */
async function forward(candidates: readonly Candidate[], deps: ProcessLaneDeps): Promise<[string, Handled][]> {
  if (candidates.length === 0) return [];
  const tasks = candidates.map(({ receipt, action, reads }): { task: InboundTask } => ({
    task: { v: 1, kind: "receipt", key: deps.keyOf(receipt.address), size: receipt.body.byteLength, action, reads },
  }));
  await deps.queues.send("sessions", tasks);
  return candidates.map((candidate) => [candidate.id, { ok: true, outcome: "forwarded", fields: fieldsOf(candidate) }]);
}

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
import { fieldsOf, taskOf, type Candidate } from "./candidate.ts";
import { excuse } from "./erased.ts";
import { openAll, processAll, type ProcessDeps } from "./process.ts";
import { readAndProcess, sessionOf, type ReadBackDeps } from "./read-back.ts";
import { retire, type Filed, type RefileDeps } from "./refile.ts";

export interface ProcessLaneDeps extends Omit<ProcessDeps, "queues">, Omit<ReadBackDeps, "queues"> {
  queues: ProcessDeps["queues"] & ReadBackDeps["queues"];
  receipts: ProcessDeps["receipts"] & RefileDeps["receipts"];
  addressOf(receiptKey: string): ReceiptAddress | undefined;
  /** An earlier one, or one that is not known here yet, by its version. */
  configOf(version: string): Promise<Config | undefined>;
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
        configFor(group, config, deps)
          .then((wanted) => processGroup(group, queue, wanted, deps))
          .catch((error: unknown) => group.map((): Handled => ({ ok: false, error }))),
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
      const asked = task.kind === "receipt" ? task.again?.at : undefined;
      await deps.ledger.commit([{ ...address, receipt, receivedAt: now, state: "dead", reason: "failed", asked }], now);
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

/** What is asked for right after a change is to be done by the change, wherever it is done. */
async function configFor([first]: Group, config: Config, deps: ProcessLaneDeps): Promise<Config> {
  const wanted = first?.task.kind === "receipt" ? first.task.again?.config : undefined;
  return wanted === undefined || wanted === config.version ? config : ((await deps.configOf(wanted)) ?? config);
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
  return Promise.all(
    opened.map(async (each) => {
      if (each.ok) return settle(each, results.get(each.candidate.id) ?? notHandled, deps);
      return (each.missing && excused.get(each.missing)) ?? { ok: false, error: each.error };
    }),
  );
}

/** What has moved leaves where it was only once it is handled. */
async function settle({ candidate, from }: Filed, handled: Handled, deps: RefileDeps): Promise<Handled> {
  if (!from || !handled.ok) return handled;
  try {
    await retire(from, candidate, deps);
    return handled;
  } catch (error) {
    return { ok: false, error };
  }
}

const notHandled: Handled = { ok: false, error: new Error("not handled") };

/** What came by the other queue: the sweep found it, or its source reads sessions only now. */
async function forward(candidates: readonly Candidate[], deps: ProcessLaneDeps): Promise<[string, Handled][]> {
  if (candidates.length === 0) return [];
  const tasks = candidates.map((each) => ({ task: taskOf(each, deps.keyOf(each.receipt.address)) }));
  await deps.queues.send("sessions", tasks);
  return candidates.map((candidate) => [candidate.id, { ok: true, outcome: "forwarded", fields: fieldsOf(candidate) }]);
}

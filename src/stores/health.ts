/** Whether each store can be reached, and what waits in those that can be counted. Bounded in time: a store may hang. */
import type { Backlog } from "../core/backlog.ts";
import type { QueueName } from "../core/tasks.ts";
import { archiveKeys } from "./keys.ts";
import { reachingWithin } from "./reach.ts";
import type { LedgerMark } from "./ledger-mark.ts";
import type { BacklogLedger } from "./ledger/backlog.ts";

export interface HealthStore {
  /** By binding; each throws where it cannot be reached. */
  probes: Readonly<Record<string, () => Promise<unknown>>>;
  backlog(now: number): Promise<Backlog>;
  /** The ledger has forgotten what it knew. */
  isBehind(): Promise<boolean>;
}

export interface HealthBindings {
  kv: Readonly<Record<string, KVNamespace>>;
  bucket: R2Bucket;
  ledger: BacklogLedger;
  mark: Pick<LedgerMark, "isBehind">;
  queues: Readonly<Record<QueueName, Queue>>;
}

const REACH_MS = 2000;
/** What R2 lists at once. */
const MARKERS_COUNTED_AT_MOST = 1000;
/** There is nothing under it, and that is an answer too. */
const ABSENT = "absent";

export function createHealthStore({ kv, bucket, ledger, mark, queues }: HealthBindings): HealthStore {
  const probe = (name: string, call: () => Promise<unknown>) =>
    [name, () => reachingWithin(name, REACH_MS, call)] as const;

  async function countOutbox(): Promise<number> {
    const { objects } = await bucket.list({ prefix: archiveKeys.allOutbox, limit: MARKERS_COUNTED_AT_MOST });
    return objects.length;
  }

  async function countMessages(): Promise<Record<string, number>> {
    const counts = Object.entries(queues).map(async ([name, queue]) => [name, await readyIn(queue)] as const);
    const known = (await Promise.all(counts)).filter(([, count]) => count !== undefined);
    return Object.fromEntries(known) as Record<string, number>;
  }

  return {
    probes: Object.fromEntries([
      ...Object.entries(kv).map(([name, namespace]) => probe(name, () => namespace.get(ABSENT))),
      probe("ARCHIVE", () => bucket.head(ABSENT)),
      probe("LEDGER", ledger.probe),
      ...Object.entries(queues).map(([name, queue]) => probe(name.toUpperCase(), async () => metricsOf(queue)?.())),
    ]),
    isBehind: () => reachingWithin("ledger", REACH_MS, mark.isBehind),
    async backlog(now) {
      const [unfinished, outbox, messages] = await Promise.all([
        reachingWithin("ledger", REACH_MS, () => ledger.read(now)),
        reachingWithin("archive", REACH_MS, countOutbox),
        countMessages(),
      ]);
      return { ...unfinished, outbox, queues: messages };
    },
  };
}

/** Not every runtime's queues tell how many messages are ready. */
function metricsOf(queue: Queue): (() => Promise<{ backlogCount: number }>) | undefined {
  return typeof (queue as Partial<Queue>).metrics === "function" ? () => queue.metrics() : undefined;
}

async function readyIn(queue: Queue): Promise<number | undefined> {
  const metrics = metricsOf(queue);
  if (!metrics) return undefined;
  return reachingWithin("queue", REACH_MS, metrics).then(
    ({ backlogCount }) => backlogCount,
    () => undefined,
  );
}

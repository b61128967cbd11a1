/**
 * One invocation of the Worker under watch: bindings that count what is asked of them, and an observer that writes it into the
 * records of the work and keeps the counts that follow.
 */
import { createOperations } from "../core/operations.ts";
import type { GatewayEnv } from "../env.ts";
import type { Clock, IsolateMemory } from "../isolate.ts";
import type { Log } from "../observe/log.ts";
import { createObserver } from "../observe/observer.ts";
import { createTallyKeeper } from "../observe/tallies.ts";
import { countedBindings } from "../stores/counted.ts";
import { writeDataPoints } from "../stores/data-points.ts";
import { createHealthStore } from "../stores/health.ts";
import { createLedgerMark } from "../stores/ledger-mark.ts";
import { createBacklogLedger } from "../stores/ledger/backlog.ts";
import { createCursorLedger } from "../stores/ledger/cursors.ts";
import { createLedgerDatabase } from "../stores/ledger/database.ts";
import { createTallyLedger } from "../stores/ledger/tallies.ts";

export interface Watched {
  env: GatewayEnv;
  memory: IsolateMemory;
  clock: Clock;
  log: Log;
  /** Work that runs on after an answer. */
  afterwards(work: Promise<unknown>): void;
}

const KINDS = {
  CONFIG: "kv",
  IDEMPOTENCY: "kv",
  TOKENS: "kv",
  ARCHIVE: "r2",
  INBOUND: "queue",
  SESSIONS: "queue",
  DELIVERIES: "queue",
  RETRIES: "queue",
} as const;

export function watch({ env: bindings, memory, clock, log, afterwards }: Watched) {
  const { now, pause } = clock;
  const operations = createOperations();
  const env = countedBindings(bindings, KINDS, operations);
  const database = createLedgerDatabase(env.LEDGER, memory.schema, () => void operations.d1++);
  const tallyLedger = createTallyLedger(database);
  const tallies = createTallyKeeper({
    memory: memory.tallies,
    write: async (counts) => {
      await tallyLedger.add(counts, now());
      writeDataPoints(env.METRICS, counts);
    },
    now,
    pause,
    afterwards,
  });

  return {
    env,
    database,
    tallies: tallyLedger,
    /** Made where somebody asks for it: few requests do. */
    health: () =>
      createHealthStore({
        kv: { CONFIG: env.CONFIG, IDEMPOTENCY: env.IDEMPOTENCY, TOKENS: env.TOKENS },
        bucket: env.ARCHIVE,
        ledger: createBacklogLedger(database),
        mark: createLedgerMark(env.ARCHIVE, createCursorLedger(database)),
        queues: { inbound: env.INBOUND, sessions: env.SESSIONS, deliveries: env.DELIVERIES, retries: env.RETRIES },
      }),
    observer: createObserver({ log, now, operations, tallies }),
    /** What asks others over the network, counted. */
    requesting<Asked extends unknown[], Answer>(ask: (...asked: Asked) => Answer): (...asked: Asked) => Answer {
      return (...asked) => {
        operations.fetch++;
        return ask(...asked);
      };
    },
  };
}

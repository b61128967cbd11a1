/**
 * Counts on their way to the ledger, gathered in the isolate's memory. Best effort: what an isolate has not written down when it
 * ends is lost, and what was written down although the answer said otherwise counts twice. They are figures to steer by; what
 * became of each webhook is in the ledger's own tables. Counted is the moment of writing down.
 */
import { addTo, type Count, type Tally } from "../core/tally.ts";

/** Values only: a promise of one request must not be awaited by another. */
export interface TallyMemory {
  tally: Tally;
  /** When somebody is to write them down, epoch milliseconds. */
  dueAt: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

export const createTallyMemory = (): TallyMemory => ({ tally: new Map(), dueAt: NEVER });

export interface TallyKeeperDeps {
  memory: TallyMemory;
  write(counts: readonly Count[]): Promise<void>;
  now(): number;
  pause(milliseconds: number): Promise<void>;
  afterwards(work: Promise<unknown>): void;
}

export interface TallyKeeper {
  add(counts: readonly Count[]): void;
  /** Writes down what there is. Never throws: what could not be written waits for the next time. */
  flush(): Promise<void>;
  /** The same within ten seconds and after the answer; until then others only add. */
  flushSoon(): void;
}

/** An attack of requests that are refused costs one write in this time. A write of its own delays nobody, but shares the ledger's one thread. */
const GATHER_MS = 10_000;
/** Whoever was to write may have been cut off: after this much longer another one does. */
const GRACE_MS = 2000;

export function createTallyKeeper({ memory, write, now, pause, afterwards }: TallyKeeperDeps): TallyKeeper {
  async function flush(): Promise<void> {
    const { tally } = memory;
    if (tally.size === 0) return;
    memory.tally = new Map();
    try {
      await write([...tally.values()]);
    } catch {
      addTo(memory.tally, tally.values());
    }
  }

  return {
    add: (counts) => addTo(memory.tally, counts),
    flush,
    flushSoon() {
      if (memory.tally.size === 0 || now() < memory.dueAt + GRACE_MS) return;
      memory.dueAt = now() + GATHER_MS;
      const gathered = pause(GATHER_MS).then(() => {
        memory.dueAt = NEVER;
        return flush();
      });
      afterwards(gathered);
    },
  };
}

/**
 * Gathers the results of a batch and has them written down soon after they come: few writes where all come quickly, and no
 * 2xx left unrecorded while another subscriber of the batch takes its time.
 */
import type { AttemptResult } from "../core/tasks.ts";

export interface Recorder {
  add(results: readonly AttemptResult[]): void;
  /** Writes what is left, and waits until all is written; throws where some of it could not be. */
  finish(): Promise<void>;
}

const GATHER_MS = 500;

export function createRecorder(
  write: (results: readonly AttemptResult[]) => Promise<void>,
  pause: (milliseconds: number) => Promise<void>,
): Recorder {
  let gathered: AttemptResult[] = [];
  const writes: Promise<void>[] = [];
  const failures: unknown[] = [];

  function flush(): void {
    const results = gathered;
    gathered = [];
    if (results.length > 0) writes.push(write(results).catch((error: unknown) => void failures.push(error)));
  }

  return {
    add(results) {
      const isFirst = gathered.length === 0;
      gathered.push(...results);
      // Not waited for: a batch that is done sooner has flushed already.
      if (isFirst) pause(GATHER_MS).then(flush, flush);
    },
    async finish() {
      flush();
      await Promise.all(writes);
      if (failures.length > 0) throw failures[0];
    },
  };
}

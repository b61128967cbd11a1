/**
 * Gathers the results of a batch and has them written down soon after they come: few writes where all come quickly, and no
 * 2xx left unrecorded while another subscriber of the batch takes its time.
 */
import type { Attempted } from "./answers.ts";

export interface Recorder {
  add(attempted: readonly Attempted[]): void;
  /** Writes what is left, and waits until all is written; throws where some of it could not be. */
  finish(): Promise<void>;
}

const GATHER_MS = 500;

export function createRecorder(
  write: (attempted: readonly Attempted[]) => Promise<void>,
  pause: (milliseconds: number) => Promise<void>,
): Recorder {
  let gathered: Attempted[] = [];
  const writes: Promise<void>[] = [];
  const failures: unknown[] = [];

  function flush(): void {
    const attempted = gathered;
    gathered = [];
    if (attempted.length > 0) writes.push(write(attempted).catch((error: unknown) => void failures.push(error)));
  }

  return {
    add(attempted) {
      const isFirst = gathered.length === 0;
      gathered.push(...attempted);
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

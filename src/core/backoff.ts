/** Seconds until a queue message that could not be handled is handed out again: doubling, five minutes at the most. */
export function queueBackoffSeconds(attempts: number): number {
  return Math.min(300, 2 ** Math.min(attempts, 9));
}

/** Between the tries of a dead letter: long enough that a hundred of them outlast any outage within a queue's retention. */
export const DEAD_LETTER_BACKOFF_SECONDS = 1800;

/** Seconds until a queue message that could not be handled is handed out again: doubling, five minutes at the most. */
export function queueBackoffSeconds(attempts: number): number {
  return Math.min(300, 2 ** Math.min(attempts, 9));
}

/** Between the tries of a dead letter: long enough that a hundred of them outlast any outage within a queue's retention. */
export const DEAD_LETTER_BACKOFF_SECONDS = 1800;

const MAX_READ_BACK_SECONDS = 300;

/** Before a vendor is asked for a session again: 1, 2, 4, 8, … seconds. @param times how often it was asked in vain */
export function readBackSeconds(times: number): number {
  return Math.min(2 ** Math.min(times - 1, 20), MAX_READ_BACK_SECONDS);
}

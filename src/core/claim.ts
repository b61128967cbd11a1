/** Whether a webhook whose bytes have been seen before is a repeat, or news. */

/** A receipt of the same session. */
export interface SeenReceipt {
  /** Hash of its body. */
  body: string;
  generation: number;
  /** Epoch milliseconds. */
  receivedAt: number;
}

export type Claim = { kind: "repeat"; of: SeenReceipt } | { kind: "news"; generation: number };

/**
 * Copies that come this close together are one arrival, whatever else the session said in between. Not longer: somebody who
 * approves, rejects and approves again within a minute means the last of it, and its loss would be worse than the news that a
 * vendor's late repeat of the first would make.
 */
const ONE_ARRIVAL_MS = 2000;

/**
 * A body is a repeat while its newest receipt is younger than the window. A body without the vendor's own time in it ends
 * its window early when the session has said something else since: approved, rejected, approved is three statements, and
 * the first and the third are the same bytes.
 */
export function decideClaim(
  seen: readonly SeenReceipt[],
  arriving: { body: string; now: number; windowSeconds: number; isDated: boolean },
): Claim {
  const newest = seen
    .filter((receipt) => receipt.body === arriving.body)
    .reduce<SeenReceipt | undefined>(
      (best, each) => (best && best.generation > each.generation ? best : each),
      undefined,
    );
  if (!newest) return { kind: "news", generation: 0 };

  const age = arriving.now - newest.receivedAt;
  const isWithinWindow = age < arriving.windowSeconds * 1000;
  const hasSaidElse = seen.some((each) => each.body !== arriving.body && each.receivedAt > newest.receivedAt);
  const isSaidAgain = !arriving.isDated && hasSaidElse && age > ONE_ARRIVAL_MS;
  if (isWithinWindow && !isSaidAgain) return { kind: "repeat", of: newest };
  return { kind: "news", generation: newest.generation + 1 };
}

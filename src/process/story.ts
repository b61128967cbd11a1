/** What is written down with an event of how it came about. */
import type { Config } from "../config/config.ts";
import type { SessionMove } from "../core/ledger.ts";
import type { Story } from "../core/story.ts";
import type { Candidate } from "./candidate.ts";

/** R2's metadata is short. */
const MOST_REFUSALS = 20;

/** @param move absent where the event is only kept */
export function storyOf(candidate: Candidate, { version }: Config, move?: SessionMove): Story {
  const { receipt, reads, session: read } = candidate;
  const { address, facts, body } = receipt;
  const { receivedAt, basis } = facts;
  return {
    receipt: { body: address.body, generation: address.generation, receivedAt, basis, size: body.byteLength },
    state: move ? "event" : "recorded",
    config: version,
    session: move?.next,
    read: read && {
      asked: reads + 1,
      at: read.readAt,
      isConfirmed: read.isConfirmed,
      refusals: read.asker.refusals.slice(0, MOST_REFUSALS),
    },
  };
}

/**
 * How an event came about: what is written down beside it in the archive, where it costs nothing and outlives the ledger. Ids,
 * times and stable words.
 */
import type { Basis } from "./event.ts";
import type { SessionState } from "./standing.ts";

/** How its session was read back from the vendor. Times in epoch milliseconds. */
export interface SessionReading {
  /** How often the vendor was asked, the last time included. */
  asked: number;
  at: number;
  /** The outcome is the vendor's own answer. */
  isConfirmed: boolean;
  /** What the vendor refused, and why. */
  refusals: readonly string[];
}

export interface Story {
  /** Its receipt: with the event's source and session an address in the archive, and what the ledger tells of it. */
  receipt: { body: string; generation: number; receivedAt: number; basis: Basis; size: number };
  /** An event that is only kept is of a receipt that was only to be recorded. */
  state: "event" | "recorded";
  /** Version of the configuration that it was made and routed by. */
  config: string;
  /** What its session was left in; absent where it moved nothing. */
  session?: SessionState | undefined;
  read?: SessionReading | undefined;
}

const VERSION = 1;

export function writeStory(story: Story): string {
  return JSON.stringify({ v: VERSION, ...story });
}

/** `undefined` where there is none that this code can read. */
export function readStory(text: string | undefined): Story | undefined {
  const { v, ...story } = JSON.parse(text ?? "{}") as Story & { v?: number };
  return v === VERSION ? story : undefined;
}

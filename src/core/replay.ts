/** What has been sent, or given up, and is sent again because somebody asks for it: one by one, or all that a filter lets through. */
import type { Position } from "./cursor.ts";
import { sendByLane, type DeliveryQueues } from "./lanes.ts";
import type { EventFilter, Page } from "./search.ts";
import type { DeliverTask } from "./tasks.ts";

/** An event for one subscriber. */
export interface Target {
  /** Its delivery's id, whether there is one already or not. */
  delivery: string;
  /** The event's. */
  sequence: string;
  event: string;
  subscriber: string;
}

export interface PutBack {
  /** To be sent now; what is not is due, and found by the sweep. */
  tasks: DeliverTask[];
  /** Deliveries with an attempt under way: nothing was changed of them. */
  busy: ReadonlySet<string>;
}

export interface PuttingBackLedger {
  /**
   * Makes these deliveries due, their schedules begin anew; where there was none there is one now. Of what is erased, nothing; and
   * of an event that is not there.
   */
  putBack(targets: readonly Target[], now: number): Promise<PutBack>;
}

/** Which deliveries are put back: all that are in `filter.state`; or of every event that it lets through, one for each of `subscribers`. */
export interface ReplayOrder {
  filter: EventFilter & { from: number; to: number };
  subscribers?: readonly string[] | undefined;
}

export const REPLAY_STATES = ["running", "finished", "cancelled"] as const;

/** Walked from the oldest event on, step by step. Times are epoch milliseconds. */
export interface Replay {
  /** `rpl_` and a ULID. */
  id: string;
  state: (typeof REPLAY_STATES)[number];
  order: ReplayOrder;
  /** The last event that was looked at. */
  reached?: Position | undefined;
  /** Events that were found, and deliveries that were put back, or not: under way, settled meanwhile, or their subscriber is gone or switched off. */
  events: number;
  sent: number;
  skipped: number;
  createdAt: number;
  createdBy: string;
  finishedAt?: number | undefined;
}

export interface ReplayCount {
  events: number;
  deliveries: number;
  /** There are more than were looked at. */
  isBounded: boolean;
}

/** `able`: names of the subscribers that can be sent something. */
export interface ReplayLedger {
  /** `false`: too many are running. */
  start(replay: Pick<Replay, "id" | "order" | "createdAt" | "createdBy">): Promise<boolean>;
  /** What it would put back as things are. */
  count(order: ReplayOrder, able: readonly string[]): Promise<ReplayCount>;
  /**
   * Puts back a bounded number and moves on, in one transaction; `undefined` where somebody else did, or it does not run any more.
   */
  step(
    replay: Replay,
    able: readonly string[],
    now: number,
  ): Promise<{ tasks: DeliverTask[]; replay: Replay } | undefined>;
  find(id: string): Promise<Replay | undefined>;
  /** Newest first. */
  list(limit: number, after?: Position): Promise<Page<Replay>>;
  /** Oldest first. Those that have ended and were asked for before `before` are forgotten. */
  running(before: number): Promise<Replay[]>;
  /** What was put back stays owed. */
  cancel(id: string, now: number): Promise<void>;
  /** Whether there is as much due as is good for those who wait. */
  isBusy(now: number): Promise<boolean>;
}

/** Returns the replay as it is now; what is not enqueued is due, and found by the sweep. */
export async function stepReplay(
  replay: Replay,
  able: readonly string[],
  { replays, queues, now }: { replays: Pick<ReplayLedger, "step">; queues: DeliveryQueues; now: number },
): Promise<Replay | undefined> {
  const step = await replays.step(replay, able, now);
  if (step) await sendByLane(step.tasks, queues).catch(() => undefined);
  return step?.replay;
}

/** Names of those that can be sent something. */
export const ableOf = (subscribers: ReadonlyMap<string, { enabled: boolean }>): string[] =>
  [...subscribers].filter(([, { enabled }]) => enabled).map(([name]) => name);

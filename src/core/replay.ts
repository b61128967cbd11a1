/** What has been sent, or given up, and is sent again because somebody asks for it: deliveries put back, and new ones made. */
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

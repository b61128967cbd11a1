/** The composition root: bindings to dependencies. The only folder that knows everything. */
import { settle } from "../config/history.ts";
import { consume, type QueueMessage } from "../core/consume.ts";
import { queueOf } from "../core/tasks.ts";
import { createRouter } from "../http/router.ts";
import { ROUTES } from "../http/routes.ts";
import { findAmiss } from "../sweep/findings.ts";
import { walkReplays } from "../sweep/replays.ts";
import { sweep, type Swept } from "../sweep/sweep.ts";
import type { Watched } from "./watch.ts";
import { deliverLaneOf, processLaneOf } from "./lanes.ts";
import { createParts } from "./parts.ts";
import { routeDepsOf } from "./requests.ts";

const router = createRouter(ROUTES);

export function wire(wiring: Watched) {
  const parts = createParts(wiring);
  const { memory, clock, tallies, observer, receipts, ledger, audit, afterMs, keeping, telling, publicUrl, history } =
    parts;

  return {
    fetch: (request: Request) =>
      observer.request(async (note) => router.fetch(request, routeDepsOf(parts, request, note))),

    async queue(name: string, messages: readonly QueueMessage[]): Promise<void> {
      const lane = queueOf(name);
      if (!lane) throw new Error("a queue that this Worker does not know");
      const batch = { queue: name, messages, isDeadLetter: lane.isDeadLetter };
      const { queue } = lane;
      await observer.work({ lane: name, batch: messages.length }, (report) => {
        const deps = { recordDeadLetter: keeping.recordDeadLetter, log: report };
        return queue === "inbound" || queue === "sessions"
          ? consume(batch, processLaneOf(parts, queue), deps)
          : consume(batch, deliverLaneOf(parts), deps);
      });
    },

    async scheduled(): Promise<Swept> {
      const now = clock.now();
      return observer.work({}, async (report) => {
        const swept = await sweep({
          ...ledger,
          ...keeping,
          ...telling,
          deliveries: ledger.delivering,
          tallies,
          receipts,
          audit,
          publicUrl,
          settleConfig: () => settle(history()),
          walkReplays: () => walkReplays({ ...telling, replays: ledger.replays, now: clock.now }),
          findings: () => findAmiss(memory.config.passedOver, now),
          now,
          afterMs,
        });
        const { failures, needsReindex, ...counts } = swept;
        report({
          stage: "sweep",
          outcome: failures.length > 0 || needsReindex ? "incomplete" : "done",
          reason: needsReindex ? "reindex" : undefined,
          ...counts,
          failures: failures.length,
        });
        return swept;
      });
    },
  };
}

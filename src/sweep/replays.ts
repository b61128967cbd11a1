/** Goes on with the replays that are running, a bounded number of steps each minute, and forgets those that ended long ago. */
import type { Config } from "../config/config.ts";
import { ableOf, stepReplay, type ReplayLedger } from "../core/replay.ts";
import type { DeliveryQueues } from "../core/lanes.ts";

export interface ReplaysDeps {
  config(): Promise<Config | undefined>;
  replays: ReplayLedger;
  queues: DeliveryQueues;
  now(): number;
}

/** Of all replays together, in turn, and in this time. */
const STEPS = 20;
const STEPPING_MS = 20_000;
const KEPT_MS = 90 * 86_400_000;

/** Returns how many deliveries were put back. One replay that fails stands in no other's way. */
export async function walkReplays(deps: ReplaysDeps): Promise<number> {
  const { config, replays, now } = deps;
  const until = now() + STEPPING_MS;
  // Without a configuration nobody can tell who may be sent something.
  const able = ableOf((await config())?.subscribers ?? new Map());
  const running = able.length > 0 ? await replays.running(now() - KEPT_MS) : [];
  const failures: unknown[] = [];
  let sent = 0;
  for (let step = 0; step < STEPS && running.length > 0 && now() < until && !(await replays.isBusy(now())); step++) {
    const replay = running.shift();
    if (!replay) break;
    const next = await stepReplay(replay, able, { ...deps, now: now() }).catch(
      (error: unknown) => void failures.push(error),
    );
    if (!next) continue;
    sent += next.sent - replay.sent;
    if (next.state === "running") running.push(next);
  }
  if (failures.length > 0) throw failures[0];
  return sent;
}

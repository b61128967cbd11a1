/**
 * `ratePerSecond` and `concurrency`, best effort: the ledger hands out room for attempts, once for each batch and subscriber.
 * What has no room now comes again when it has, without counting as an attempt. With the ledger out of reach there are no limits.
 */
import type { Config, Subscriber } from "../config/config.ts";
import type { LimitingLedger, PutOff } from "../core/ledger.ts";
import type { DeliverTask } from "../core/tasks.ts";

export interface LimitsDeps {
  limits: LimitingLedger;
  now(): number;
  /** 0..1 */
  random(): number;
}

export interface Room {
  /** By delivery. */
  later: ReadonlyMap<string, PutOff>;
  /** By subscriber: how many attempts it takes at a time; those without a limit are not in it. */
  widths: ReadonlyMap<string, number>;
}

/** So far ahead of its time an attempt is made: a queue knows only whole seconds. */
const AHEAD_MS = 1000;
/** Before somebody asks for a place again. Half as long as it has waited already: a long line must not keep the ledger busy. */
const CROWDED_MS = { least: 1000, most: 30_000 };
/** The longest that a batch uses a place: its leases must not end before it does. */
const USED_MS = 240_000;
/** The longest that a place is kept by a consumer that died with it. */
const KEPT_MS = 300_000;

/** @param width the most that the batch does at a time. @param holder of the places */
export async function makeRoom(
  tasks: readonly DeliverTask[],
  config: Config,
  width: number,
  holder: string,
  deps: LimitsDeps,
): Promise<Room> {
  const later = new Map<string, PutOff>();
  const widths = new Map<string, number>();
  const makeRoomAt = async (subscriber: Subscriber, due: DeliverTask[]): Promise<void> => {
    const soon = await reserve(due, subscriber, later, deps);
    const { name, concurrency, timeoutSeconds } = subscriber;
    if (concurrency === undefined || soon.length === 0) return;
    const wanted = Math.min(soon.length, width, concurrency);
    const now = deps.now();
    const got = await deps.limits
      .occupy(name, { wanted, of: concurrency }, holder, now, now + KEPT_MS)
      .catch(() => wanted);
    if (got > 0) widths.set(name, got);
    const fitting = got * Math.max(1, Math.floor(USED_MS / (timeoutSeconds * 1000)));
    for (const { slotAt = now, ...task } of soon.slice(fitting)) {
      const dueAt = now + crowdedFor(now - slotAt, deps.random());
      later.set(task.delivery, { task: { ...task, slotAt }, dueAt });
    }
  };
  await Promise.all([...limitedOf(tasks, config)].map(([subscriber, due]) => makeRoomAt(subscriber, due)));
  return { later, widths };
}

const crowdedFor = (waitedMs: number, random: number): number =>
  Math.round(Math.min(Math.max(CROWDED_MS.least, waitedMs / 2), CROWDED_MS.most) * (1 + random));

function limitedOf(tasks: readonly DeliverTask[], config: Config): Map<Subscriber, DeliverTask[]> {
  const limited = new Map<Subscriber, DeliverTask[]>();
  for (const task of tasks) {
    const subscriber = config.subscribers.get(task.subscriber);
    if (subscriber?.ratePerSecond === undefined && subscriber?.concurrency === undefined) continue;
    limited.set(subscriber, [...(limited.get(subscriber) ?? []), task]);
  }
  return limited;
}

/** Returns those whose time has come. An attempt is given its time once, and keeps it however often it is put off. */
async function reserve(
  tasks: readonly DeliverTask[],
  { name, ratePerSecond }: Subscriber,
  later: Map<string, PutOff>,
  deps: LimitsDeps,
): Promise<DeliverTask[]> {
  if (ratePerSecond === undefined) return [...tasks];
  const now = deps.now();
  const stepMs = 1000 / ratePerSecond;
  const without = tasks.filter(({ slotAt }) => slotAt === undefined);
  const first =
    without.length > 0 ? await deps.limits.reserve(name, without.length, stepMs, now).catch(() => undefined) : now;
  // Where there is no telling when, it is now.
  const timed = [
    ...tasks.filter(({ slotAt }) => slotAt !== undefined),
    ...without.map((task, index) => ({
      ...task,
      slotAt: first === undefined ? now : Math.round(first + index * stepMs),
    })),
  ];
  const isSoon = ({ slotAt = now }: DeliverTask) => slotAt < now + AHEAD_MS;
  for (const task of timed) if (!isSoon(task)) later.set(task.delivery, { task, dueAt: task.slotAt });
  return timed.filter(isSoon);
}

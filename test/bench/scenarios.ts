/** Gateway and floor under the same load, in turn, round by round; who begins changes with each round. */
import { setTimeout as pause } from "node:timers/promises";
import { send } from "./load.ts";
import type { Sink } from "./sink.ts";
import type { Bundles, Contender, Running, Setting } from "./start.ts";
import { compare, summarize, type Comparison, type Figures } from "./statistics.ts";
import { signedWebhooks, type SignedWebhook } from "./webhooks.ts";

const CONTENDERS = ["gateway", "floor"] as const satisfies Contender[];
const WARM_UP = 400;
/** The longest that a run's last delivery may take, milliseconds. */
const ARRIVES_WITHIN = 60_000;
/** Time for a second copy of a delivery to show itself, milliseconds. */
const LINGER = 2500;

export interface Delivered {
  figures: Figures;
  lost: number;
  duplicated: number;
}

type Run<T> = (running: Running, webhooks: readonly SignedWebhook[]) => Promise<T>;

let seed = 0;

export async function inTurn<T>(
  bundles: Bundles,
  setting: Setting,
  load: { rounds: number; webhooks: number },
  run: Run<T>,
): Promise<Record<Contender, T>[]> {
  const running = {
    gateway: await bundles.start("gateway", setting),
    floor: await bundles.start("floor", setting),
  };
  try {
    for (const contender of CONTENDERS) await run(running[contender], signedWebhooks(WARM_UP, ++seed));
    const rounds: Record<Contender, T>[] = [];
    for (let round = 0; round < load.rounds; round++) {
      const webhooks = signedWebhooks(load.webhooks, ++seed);
      const results: Partial<Record<Contender, T>> = {};
      const order = round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed();
      for (const contender of order) results[contender] = await run(running[contender], webhooks);
      rounds.push(results as Record<Contender, T>);
    }
    return rounds;
  } finally {
    await Promise.all([running.gateway.close(), running.floor.close()]);
  }
}

/** Webhook sent until it is answered. */
export async function receiving(bundles: Bundles, rounds: number, connections: number): Promise<Comparison> {
  const setting = { consumes: false, subscribers: { url: "http://127.0.0.1:9", count: 1 } };
  const load = { rounds, webhooks: connections === 1 ? 300 : 1500 };
  return compare(
    await inTurn(bundles, setting, load, (running, webhooks) => send(running.inbound, webhooks, connections)),
  );
}

/** Webhook sent until every subscriber has it. */
export async function endToEnd(
  bundles: Bundles,
  rounds: number,
  subscribers: number,
  sink: Sink,
): Promise<{ comparison: Comparison; lost: number; duplicated: number }> {
  const setting = { consumes: true, subscribers: { url: sink.url, count: subscribers } };
  const load = { rounds, webhooks: subscribers === 1 ? 1000 : 300 };
  const results = await inTurn(bundles, setting, load, (running, webhooks) =>
    untilDelivered(running, webhooks, subscribers, sink),
  );
  const sum = (key: "lost" | "duplicated") => results.reduce((total, { gateway }) => total + gateway[key], 0);
  const figures = results.map(({ gateway, floor }) => ({ gateway: gateway.figures, floor: floor.figures }));
  return { comparison: compare(figures), lost: sum("lost"), duplicated: sum("duplicated") };
}

const CONNECTIONS = 16;

export async function untilDelivered(
  running: Running,
  webhooks: readonly SignedWebhook[],
  subscribers: number,
  sink: Sink,
): Promise<Delivered> {
  sink.clear();
  const { startedAt, sentAt } = await send(running.inbound, webhooks, CONNECTIONS);
  const expected = [...sentAt.keys()].flatMap((session) =>
    Array.from({ length: subscribers }, (_, index) => ({ session, key: `${index} ${session}` })),
  );
  for (const start = Date.now(); Date.now() - start < ARRIVES_WITHIN; await pause(20))
    if (sink.arrivals.size >= expected.length) break;
  await pause(LINGER);

  const times = expected.flatMap(({ session, key }) => {
    const [arrivedAt] = sink.arrivals.get(key) ?? [];
    return arrivedAt === undefined ? [] : [arrivedAt - (sentAt.get(session) ?? 0)];
  });
  const lastAt = Math.max(...[...sink.arrivals.values()].map(([first = 0]) => first));
  const { p50, p99 } = summarize(times, 1);
  const duplicated = [...sink.arrivals.values()].reduce((total, arrivals) => total + arrivals.length - 1, 0);
  const rps = (webhooks.length * 1000) / (lastAt - startedAt);
  return { figures: { rps, p50, p99 }, lost: expected.length - times.length, duplicated };
}

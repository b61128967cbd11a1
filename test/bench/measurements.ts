/** What is counted or profiled rather than timed: operations per webhook, and CPU time. */
import { send } from "./load.ts";
import { profile, type Profile } from "./profile.ts";
import { untilDelivered } from "./scenarios.ts";
import type { Sink } from "./sink.ts";
import type { Bundles, Contender, Running, Setting } from "./start.ts";
import { signedWebhooks } from "./webhooks.ts";
import type { Operations } from "./operations.ts";

const LOAD = 1000;
const CONNECTIONS = 16;
const RECEIVES: Setting = { consumes: false, subscribers: { url: "http://127.0.0.1:9", count: 1 } };
const [FIRST_SEED, SECOND_SEED] = [900_001, 900_002];

async function using<T>(running: Running, work: (running: Running) => Promise<T>): Promise<T> {
  try {
    return await work(running);
  } finally {
    await running.close();
  }
}

/** Of a load that comes after another one has warmed the isolate. */
async function count(running: Running, load: (seed: number) => Promise<void>): Promise<Operations> {
  const read = async () => {
    const response = await fetch(`${running.url}/operations`, { method: "POST" });
    return { ...((await response.json()) as Operations), logRecords: running.logged() };
  };
  await load(FIRST_SEED);
  const before = await read();
  await load(SECOND_SEED);
  const counted = await read();
  counted.logRecords -= before.logRecords;
  const perWebhook = Object.entries(counted).map(([name, operations]) => [name, operations / LOAD]);
  return Object.fromEntries(perWebhook) as Operations;
}

/** Of receiving alone, one webhook in ten a repeat. */
export async function receivingOperations(bundles: Bundles, contender: Contender): Promise<Operations> {
  return using(await bundles.start(contender, { ...RECEIVES, isCounted: true }), (running) =>
    count(running, async (seed) => {
      await send(running.inbound, signedWebhooks(LOAD, seed), CONNECTIONS);
    }),
  );
}

/** Of the whole road, every webhook a new one and under load, so that queues hand out full batches. */
export async function wholeOperations(
  bundles: Bundles,
  contender: Contender,
  subscribers: number,
  sink: Sink,
): Promise<Operations> {
  const setting = { consumes: true, subscribers: { url: sink.url, count: subscribers }, isCounted: true };
  return using(await bundles.start(contender, setting), (running) =>
    count(running, async (seed) => {
      await untilDelivered(running, signedWebhooks(LOAD, seed, "news only"), subscribers, sink);
    }),
  );
}

/** CPU per webhook received. */
export async function profileReceiving(bundles: Bundles, contender: Contender): Promise<Profile> {
  return using(await bundles.start(contender, RECEIVES), async (running) => {
    await send(running.inbound, signedWebhooks(LOAD, FIRST_SEED), CONNECTIONS);
    const webhooks = signedWebhooks(LOAD, SECOND_SEED);
    return profile(await running.inspector(), LOAD, () => send(running.inbound, webhooks, CONNECTIONS));
  });
}

/** CPU per webhook from receiving to the last delivery. */
export async function profileWhole(bundles: Bundles, subscribers: number, sink: Sink): Promise<Profile> {
  const setting = { consumes: true, subscribers: { url: sink.url, count: subscribers } };
  return using(await bundles.start("gateway", setting), async (running) => {
    await untilDelivered(running, signedWebhooks(LOAD, FIRST_SEED), subscribers, sink);
    const webhooks = signedWebhooks(LOAD, SECOND_SEED, "news only");
    return profile(await running.inspector(), LOAD, () => untilDelivered(running, webhooks, subscribers, sink));
  });
}

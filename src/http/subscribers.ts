/** `/api/subscribers`: how they fare; `…/{name}/pause`, `…/resume`, `…/test`. */
import type { Config } from "../config/config.ts";
import { array, integer, object, text, time, word } from "../core/json-schema.ts";
import { sendByLane, type DeliveryQueues } from "../core/lanes.ts";
import type { Caller } from "../core/roles.ts";
import { PAUSE_REASONS, type Backlog, type SubscriberHealth, type SubscriberLedger } from "../core/subscribers.ts";
import { tell, type TellDeps } from "../core/tell.ts";
import { problem } from "./problem.ts";
import { answer } from "./query.ts";
import type { Call, Route } from "./route.ts";
import { DELIVERY_ID, EVENT_ID, NAME } from "./schemas.ts";

export interface SubscribersDeps extends Omit<TellDeps, "queues"> {
  config(): Promise<Config | undefined>;
  subscribers: SubscriberLedger;
  queues: DeliveryQueues;
  /** Never the same twice. */
  newId(): string;
}

/** Held deliveries that a resume sends at once; the sweep sends the rest. */
const RELEASED_AT_ONCE = 500;

export async function listSubscribers(deps: SubscribersDeps): Promise<Response> {
  const config = await deps.config();
  if (!config) return problem("not_configured");
  return answer({ items: await describe([...config.subscribers.keys()], config, deps) });
}

export async function pauseSubscriber(name: string, caller: Caller, deps: SubscribersDeps): Promise<Response> {
  const config = await deps.config();
  if (!config?.subscribers.has(name)) return problem("unknown_subscriber");
  await deps.subscribers.pause(name, caller.name, deps.now);
  const [health] = await describe([name], config, deps);
  return answer({ ...health });
}

export async function resumeSubscriber(name: string, deps: SubscribersDeps): Promise<Response> {
  const config = await deps.config();
  if (!config?.subscribers.has(name)) return problem("unknown_subscriber");
  // What is held for one that is switched off would only die of it.
  if (!config.subscribers.get(name)?.enabled) return problem("no_subscriber");
  await deps.subscribers.resume(name, deps.now);
  const tasks = await deps.subscribers.release(name, RELEASED_AT_ONCE, deps.now);
  // They are due in the ledger: what is not enqueued is found by the sweep.
  await sendByLane(tasks, deps.queues).catch(() => undefined);
  const [health] = await describe([name], config, deps);
  return answer({ ...health, released: tasks.length });
}

/** An event of our own, by the road that all events take, and past what keeps others back. */
export async function testSubscriber(name: string, deps: SubscribersDeps): Promise<Response> {
  const config = await deps.config();
  if (!config?.subscribers.has(name)) return problem("unknown_subscriber");
  if (!config.subscribers.get(name)?.enabled) return problem("no_subscriber");
  const [task] = await tell(
    {
      key: deps.newId(),
      type: "gateway.test",
      subject: name,
      at: deps.now,
      environment: "test",
      data: { subscriber: name },
    },
    { subscribersOf: () => [name], passes: true },
    deps,
  );
  const headers = { "cache-control": "no-store" };
  return Response.json({ event: task?.event, delivery: task?.delivery }, { status: 202, headers });
}

async function describe(names: readonly string[], config: Config, { subscribers }: SubscribersDeps): Promise<object[]> {
  const [health, backlogs] = await Promise.all([subscribers.health(names), subscribers.backlogs()]);
  return names.map((name) => {
    const isEnabled = config.subscribers.get(name)?.enabled ?? false;
    return { name, ...toJson(isEnabled, health.get(name), backlogs.get(name)) };
  });
}

function toJson(isEnabled: boolean, health: SubscriberHealth = { consecutiveFailures: 0 }, backlog?: Backlog) {
  const { consecutiveFailures, pausedWhy, pausedBy, ...times } = health;
  const isPaused = times.pausedAt !== undefined;
  return {
    state: isEnabled ? (isPaused ? "paused" : "active") : "disabled",
    breaker: times.openedAt === undefined ? "closed" : "open",
    consecutiveFailures,
    pausedWhy,
    pausedBy,
    ...Object.fromEntries(Object.entries(times).map(([name, at]) => [name, toIso(at)])),
    owed: backlog?.owed ?? 0,
    held: backlog?.held ?? 0,
    // There are more deliveries than were counted.
    atLeast: backlog?.isBounded === true ? true : undefined,
  };
}

const toIso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const HEALTH = {
  name: NAME,
  state: word(["active", "paused", "disabled"]),
  breaker: word(["closed", "open"]),
  consecutiveFailures: integer,
  openedAt: time,
  probeAt: time,
  failingSince: time,
  lastFailureAt: time,
  lastSuccessAt: time,
  pausedAt: time,
  pausedWhy: word(PAUSE_REASONS),
  pausedBy: text,
  owed: integer,
  held: integer,
  atLeast: { const: true },
};
const HEALTH_REQUIRED = ["name", "state", "breaker", "consecutiveFailures", "owed", "held"];

type Of = { subscribers: SubscribersDeps };

/** What an operator does with one subscriber. */
const doing = (
  action: string,
  described: Pick<Route<Of>, "id" | "summary" | "answers">,
  act: (name: string, call: Call<Of>) => Promise<Response>,
): Route<Of> => ({
  method: "POST",
  path: `/api/subscribers/{name}/${action}`,
  allow: "operator",
  parameters: { name: NAME },
  problems: ["unknown_subscriber", "no_subscriber"],
  ...described,
  handle: (call) => act(call.parameter("name"), call),
});

export const subscriberRoutes: readonly Route<Of>[] = [
  {
    method: "GET",
    path: "/api/subscribers",
    allow: "viewer",
    id: "listSubscribers",
    summary: "The subscribers, and how each fares",
    answers: { 200: { schema: object({ items: array(object(HEALTH, HEALTH_REQUIRED)) }, ["items"]) } },
    problems: ["not_configured"],
    handle: ({ deps }) => listSubscribers(deps.subscribers),
  },
  doing(
    "pause",
    {
      id: "pauseSubscriber",
      summary: "Holds what a subscriber is owed, until it is resumed",
      answers: { 200: { schema: object(HEALTH, HEALTH_REQUIRED) } },
    },
    (name, { caller, deps }) => pauseSubscriber(name, caller, deps.subscribers),
  ),
  doing(
    "resume",
    {
      id: "resumeSubscriber",
      summary: "Ends a subscriber's pause, and sends what was held in the order of its receipt",
      answers: { 200: { schema: object({ ...HEALTH, released: integer }, [...HEALTH_REQUIRED, "released"]) } },
    },
    (name, { deps }) => resumeSubscriber(name, deps.subscribers),
  ),
  doing(
    "test",
    {
      id: "testSubscriber",
      summary: "Sends a subscriber an event of the gateway's own",
      answers: { 202: { schema: object({ event: EVENT_ID, delivery: DELIVERY_ID }, ["event", "delivery"]) } },
    },
    (name, { deps }) => testSubscriber(name, deps.subscribers),
  ),
];

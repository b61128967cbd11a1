/** `…/deliveries/{id}/retry` and `…/events/{id}/replay`: what somebody wants sent again, now, past pause and breaker. */
import type { Config } from "../config/config.ts";
import { deliveryId } from "../core/ids.ts";
import { array, object, text, word } from "../core/json-schema.ts";
import { sendByLane, type DeliveryQueues } from "../core/lanes.ts";
import type { DeliveryState } from "../core/ledger.ts";
import type { PuttingBackLedger, Target } from "../core/replay.ts";
import type { SearchLedger } from "../core/search.ts";
import type { DeliverTask } from "../core/tasks.ts";
import { readJson } from "./body.ts";
import { problem } from "./problem.ts";
import { answer } from "./query.ts";
import { readSubscribers } from "./replay-body.ts";
import type { Route } from "./route.ts";
import { DELIVERY_ID, EVENT_ID, NAME, ref } from "./schemas.ts";

export interface ResendDeps {
  config(): Promise<Config | undefined>;
  searching: Pick<SearchLedger, "findDelivery" | "findEvent">;
  puttingBack: PuttingBackLedger;
  queues: DeliveryQueues;
  /** Epoch milliseconds. */
  now: number;
}

const DELIVERY = /^dlv_[0-9a-f]{64}$/;
const EVENT = /^evt_[0-9a-f]{32}$/;
const MAX_BODY_BYTES = 64 * 1024;

/** An attempt takes a minute at the most; one whose consumer died with it counts as under way for six. */
const underWay = (): Response => problem("delivery_under_way", {}, { "retry-after": "60" });

export async function retryDelivery(id: string, deps: ResendDeps): Promise<Response> {
  const found = DELIVERY.test(id) ? await deps.searching.findDelivery(id) : undefined;
  if (!found) return problem("unknown_delivery");
  const config = await deps.config();
  if (!config) return problem("not_configured");
  const { attempts: _attempts, ...delivery } = found;
  if (!config.subscribers.get(delivery.subscriber)?.enabled) return problem("no_subscriber");
  const { sequence, event, subscriber } = delivery;
  const { tasks, busy } = await putBack([{ delivery: id, sequence, event, subscriber }], deps);
  const [task] = tasks;
  if (!task) return busy.has(id) ? underWay() : problem("unknown_delivery");
  return answer({ ...delivery, state: stateOf(task), dueAt: new Date(deps.now).toISOString() }, 202);
}

/** To those whom the body names, or to all who have a delivery of it. */
export async function replayEvent(id: string, request: Request, deps: ResendDeps): Promise<Response> {
  const body = await readOptional(request);
  if (body instanceof Response) return body;
  const found = EVENT.test(id) ? await deps.searching.findEvent(id) : undefined;
  if (!found) return problem("unknown_event");
  const config = await deps.config();
  if (!config) return problem("not_configured");
  const named = readSubscribers(body, config);
  if (!named.ok) return problem("invalid_replay", { errors: named.faults });

  const wanted = named.wish ?? found.deliveries.map(({ subscriber }) => subscriber);
  const whys = new Map(wanted.map((subscriber) => [subscriber, whyNot(subscriber, config)]));
  const { sequence } = found.summary;
  const targets = await Promise.all(
    wanted
      .filter((subscriber) => whys.get(subscriber) === undefined)
      .map(async (subscriber): Promise<Target> => ({
        delivery: await deliveryId(id, subscriber),
        sequence,
        event: id,
        subscriber,
      })),
  );
  const { tasks, busy } = await putBack(targets, deps);
  for (const { delivery, subscriber } of targets)
    if (!tasks.some((task) => task.delivery === delivery))
      whys.set(subscriber, busy.has(delivery) ? "under_way" : "erased");
  if (tasks.length === 0 && busy.size > 0) return underWay();
  const items = tasks.map((task) => ({ delivery: task.delivery, subscriber: task.subscriber, state: stateOf(task) }));
  const skipped = [...whys].flatMap(([subscriber, why]) => (why === undefined ? [] : [{ subscriber, why }]));
  return answer({ items, skipped }, 202);
}

async function putBack(targets: readonly Target[], { puttingBack, queues, now }: ResendDeps) {
  const put = await puttingBack.putBack(targets, now);
  await sendByLane(put.tasks, queues).catch(() => undefined);
  return put;
}

const stateOf = ({ attempt }: DeliverTask): DeliveryState => (attempt === 1 ? "pending" : "retrying");

const WHYS = ["gone", "disabled", "under_way", "erased"] as const;

function whyNot(subscriber: string, { subscribers }: Config): (typeof WHYS)[number] | undefined {
  const known = subscribers.get(subscriber);
  return known?.enabled ? undefined : known ? "disabled" : "gone";
}

/** No body says as much as an empty object. */
async function readOptional(request: Request): Promise<unknown> {
  const reading = await readJson(request, MAX_BODY_BYTES, {});
  if (!reading.ok) return reading.refusal;
  return reading.value ?? problem("bad_json");
}

export const resendRoutes: readonly Route<{ replaying: ResendDeps }>[] = [
  {
    method: "POST",
    path: "/api/deliveries/{id}/retry",
    allow: "operator",
    id: "retryDelivery",
    summary: "Attempts a delivery now, whatever became of it, and begins its schedule anew",
    parameters: { id: DELIVERY_ID },
    answers: { 202: { schema: ref("Delivery") } },
    problems: ["unknown_delivery", "delivery_under_way", "no_subscriber", "not_configured"],
    handle: ({ parameter, deps }) => retryDelivery(parameter("id"), deps.replaying),
  },
  {
    method: "POST",
    path: "/api/events/{id}/replay",
    allow: "operator",
    id: "replayEvent",
    summary: "Sends an event again: to the subscribers named, or to all that it has deliveries for",
    parameters: { id: EVENT_ID },
    body: { schema: object({ subscribers: array(NAME) }) },
    answers: {
      202: {
        schema: object(
          {
            items: array(
              object({ delivery: DELIVERY_ID, subscriber: NAME, state: word(["pending", "retrying"]) }, [
                "delivery",
                "subscriber",
                "state",
              ]),
            ),
            skipped: array(object({ subscriber: text, why: word(WHYS) }, ["subscriber", "why"])),
          },
          ["items", "skipped"],
        ),
      },
    },
    problems: ["unknown_event", "delivery_under_way", "bad_json", "too_large", "invalid_replay", "not_configured"],
    handle: ({ request, parameter, deps }) => replayEvent(parameter("id"), request, deps.replaying),
  },
];

/** `gatepost events tail`: what comes in, and what becomes of it, as it happens. */
import type { DeliveryRecord, ListedEvent } from "../../core/search.ts";
import { isObject } from "../../core/json.ts";
import { eachItem, notAGateway, Refusal, Unreachable, type Query } from "../api.ts";
import { deliveryLine } from "../delivering.ts";
import { createFollower } from "../follow.ts";
import { plain } from "../plain.ts";
import type { Session } from "../session.ts";
import { clock, howLong, readTime, toIso } from "../times.ts";
import { isSettled, outcomeStyle } from "../words.ts";

export interface TailOptions {
  since?: string;
  /** Whether deliveries are told too. */
  deliveries: boolean;
}

const LOOK_MS = 1000;
const BACKOFF_MS = [1000, 2000, 4000, 8000, 16_000, 30_000];
/** A delivery that is not settled by then is for `gatepost deliveries list`. */
const WATCHED_MS = 600_000;
/** Of one look, newest first: an hour's worth of a busy gateway must not be asked for every quarter of a minute. */
const MOST = 10_000;

/** Until it is interrupted. Times on the lines are UTC. */
export async function tail(session: Session, filter: Query, options: TailOptions): Promise<void> {
  const { printer, pause, now, api } = session;
  const first = await api.call<{ items?: unknown }>("GET", "/api/events", { query: { ...filter, limit: 1 } });
  // Later on it may be a proxy's answer, while the gateway is away.
  if (!isObject(first.body) || !Array.isArray(first.body.items)) throw notAGateway(api);
  const { date = now() } = first;
  const ahead = date - now();
  const gatewayTime = () => now() + ahead;
  const start = options.since === undefined ? gatewayTime() : readTime(options.since, gatewayTime(), "--since");
  const follower = createFollower<ListedEvent>(start);
  const watched = new Map<string, Watched>();
  printer.note(printer.paintNote("dim", `following ${api.url} since ${toIso(start)}; Ctrl-C ends it`));
  for (let failures = 0; ;) {
    try {
      for (const event of follower.take(
        await eventsSince(session, filter, follower.horizon(gatewayTime())),
        gatewayTime(),
      )) {
        tellEvent(session, event);
        if (Object.keys(event.deliveries).length > 0)
          watched.set(event.id, { receivedAt: Date.parse(event.receivedAt), told: new Set() });
      }
      if (options.deliveries) await tellDeliveries(session, watched, gatewayTime());
      if (failures > 0) printer.note(printer.paintNote("dim", "connected again; nothing was missed"));
      failures = 0;
      await pause(LOOK_MS);
    } catch (error) {
      if (!isPassing(error)) throw error;
      const wait = BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)] ?? 0;
      printer.note(printer.paintNote("yellow", `${error.message}; trying again in ${howLong(wait)}`));
      await pause(wait);
    }
  }
}

const isPassing = (error: unknown): error is Error =>
  error instanceof Unreachable ||
  (error instanceof Refusal && (error.problem.status >= 500 || error.problem.status === 429));

async function eventsSince({ api }: Session, filter: Query, from: number): Promise<ListedEvent[]> {
  return Array.fromAsync(eachItem<ListedEvent>(api, "/api/events", { ...filter, from: toIso(from) }, MOST));
}

function tellEvent({ printer }: Session, event: ListedEvent): void {
  if (printer.isJson) return printer.record(event);
  const { paint } = printer;
  const words = [
    paint("bold", plain(event.source)),
    plain(event.type),
    paint(outcomeStyle(event.outcome), event.outcome),
    paint("dim", event.id),
  ];
  printer.line(`${clock(event.receivedAt)} ${paint("cyan", "→")} ${words.join("  ")}`);
}

interface Watched {
  receivedAt: number;
  /** What was told of its deliveries. */
  told: Set<string>;
}

/** Each attempt that failed, and each end. `watched` loses the events that nothing is owed of any more. */
async function tellDeliveries({ api, printer }: Session, watched: Map<string, Watched>, now: number): Promise<void> {
  if (watched.size === 0) return;
  const oldest = Math.min(...[...watched.values()].map(({ receivedAt }) => receivedAt));
  const open = new Set<string>();
  const found = await Array.fromAsync(eachItem<DeliveryRecord>(api, "/api/deliveries", { from: toIso(oldest) }, MOST));
  for (const delivery of found.toReversed()) {
    const event = watched.get(delivery.event);
    if (!event) continue;
    if (!isSettled(delivery.state)) open.add(delivery.event);
    const said = `${delivery.id} ${delivery.state} ${delivery.attemptCount}`;
    if (delivery.state === "pending" || event.told.has(said)) continue;
    event.told.add(said);
    if (printer.isJson) printer.record(delivery);
    else printer.line(`${clock(delivery.settledAt ?? toIso(now))}   ${deliveryLine(delivery, printer.paint)}`);
  }
  for (const [id, { receivedAt }] of watched) if (!open.has(id) || receivedAt < now - WATCHED_MS) watched.delete(id);
}

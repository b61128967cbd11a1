/** Watching a replay: what it puts back, and then what becomes of that. */
import type { DeliveryRecord } from "../core/search.ts";
import { eachItem, segment, type Page } from "./api.ts";
import { createMeter } from "./meter.ts";
import type { Session } from "./session.ts";

/** As `GET /api/replays/{id}` tells it. */
export interface Replay {
  id: string;
  state: "running" | "finished" | "cancelled";
  filter: { from: string; to: string; source?: string; subscriber?: string; subscribers?: string[] };
  reached?: string;
  events: number;
  sent: number;
  skipped: number;
  createdAt: string;
  createdBy: string;
  finishedAt?: string;
}

const LOOK_MS = 1000;
const MOST = 10_000;
const PAGE = 200;

/**
 * Until it has ended and nothing is owed any more. No delivery says which replay it was put back by: what is counted is what was
 * received in its time, from its source and for its subscribers, and `dead` of that what gave up since it began.
 *
 * @param expected deliveries, where they were counted
 */
export async function watchReplay(
  session: Session,
  begun: Replay,
  expected?: number,
): Promise<{ replay: Replay; dead: number }> {
  const { api, printer, pause, now } = session;
  const tell = createMeter(printer, now);
  for (let replay = begun; ; replay = await api.get<Replay>(`/api/replays/${segment(begun.id)}`)) {
    const owed = await countOwed(session, replay);
    const of = replay.state === "running" ? expected : replay.sent;
    const isDone = replay.state !== "running" && owed === 0;
    const dead = isDone ? await countDead(session, replay) : 0;
    tell({ done: Math.max(0, replay.sent - owed), of, dead });
    if (isDone) {
      printer.status?.("");
      return { replay, dead };
    }
    await pause(LOOK_MS);
  }
}

/** No more than a page of each is counted. */
async function countOwed({ api }: Session, replay: Replay): Promise<number> {
  const queries = queriesOf(replay).flatMap((query) => [
    { ...query, state: "pending" },
    { ...query, state: "retrying" },
  ]);
  const pages = await Promise.all(
    queries.map((query) => api.get<Page<DeliveryRecord>>("/api/deliveries", { ...query, limit: PAGE })),
  );
  return pages.reduce((sum, { items }) => sum + items.length, 0);
}

async function countDead({ api }: Session, replay: Replay): Promise<number> {
  const dead = queriesOf(replay).map((query) =>
    Array.fromAsync(eachItem<DeliveryRecord>(api, "/api/deliveries", { ...query, state: "dead" }, MOST)),
  );
  const found = (await Promise.all(dead)).flat();
  return found.filter(({ settledAt = "" }) => settledAt >= replay.createdAt).length;
}

function queriesOf({ filter: { from, to, source, subscriber, subscribers } }: Replay) {
  const names = subscribers ?? [subscriber];
  return names.map((name) => ({ from, to, source, subscriber: name }));
}

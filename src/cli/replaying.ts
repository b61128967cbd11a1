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
 * Until it has ended and nothing of it is owed any more. No delivery says which replay it was put back by: what is counted is what
 * was received in its time, from its source and for its subscribers, and was settled since it began. Others may still be owed for
 * reasons of their own, so it is enough that as many are settled as were sent.
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
    if (replay.state === "running") tell({ done: Math.max(0, replay.sent - owed), of: expected, dead: 0 });
    else {
      const settled = await settledSince(session, replay);
      const dead = settled.filter(({ state }) => state === "dead").length;
      tell({ done: Math.min(settled.length, replay.sent), of: replay.sent, dead });
      if (owed === 0 || settled.length >= replay.sent) {
        printer.status?.("");
        return { replay, dead };
      }
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

async function settledSince({ api }: Session, replay: Replay): Promise<DeliveryRecord[]> {
  const lists = queriesOf(replay).flatMap((query) =>
    ["delivered", "dead"].map((state) =>
      Array.fromAsync(eachItem<DeliveryRecord>(api, "/api/deliveries", { ...query, state }, MOST)),
    ),
  );
  const found = (await Promise.all(lists)).flat();
  return found.filter(({ settledAt = "" }) => settledAt >= replay.createdAt);
}

function queriesOf({ filter: { from, to, source, subscriber, subscribers } }: Replay) {
  const names = subscribers ?? [subscriber];
  return names.map((name) => ({ from, to, source, subscriber: name }));
}

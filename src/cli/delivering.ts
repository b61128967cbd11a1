/** Waiting for what was sent again: until nothing of it is owed any more. */
import type { DeliveryRecord } from "../core/search.ts";
import type { Page } from "./api.ts";
import { Failure } from "./failure.ts";
import type { Paint } from "./paint.ts";
import type { Session } from "./session.ts";
import { stateStyle, isSettled } from "./words.ts";
import { plain } from "./plain.ts";
import { count } from "./times.ts";

const LOOK_MS = 500;
/** An event has one delivery for each subscriber. */
const MOST = 200;

/** Tells each delivery once it is settled, and throws where one is not delivered. @param isMeant of the event's deliveries */
export async function waitForEvent(
  session: Session,
  event: string,
  isMeant: (delivery: DeliveryRecord) => boolean,
): Promise<void> {
  const { api, printer, pause } = session;
  const told = new Set<string>();
  let failed = 0;
  for (; ; await pause(LOOK_MS)) {
    const { items } = await api.get<Page<DeliveryRecord>>("/api/deliveries", { event, limit: MOST });
    const meant = items.filter(isMeant);
    for (const delivery of meant.filter(({ id, state }) => isSettled(state) && !told.has(id))) {
      told.add(delivery.id);
      if (delivery.state !== "delivered") failed++;
      if (printer.isJson) printer.record(delivery);
      else printer.line(deliveryLine(delivery, printer.paint));
    }
    const left = meant.length - told.size;
    if (left === 0) break;
    printer.status?.(`waiting for ${count(left, "delivery", "deliveries")} (Ctrl-C: they go on without you)`);
  }
  printer.status?.("");
  if (failed > 0)
    throw new Failure(`${count(failed, "delivery was", "deliveries were")} not taken`, `gatepost events show ${event}`);
}

/** `✓ decisioning  delivered  200  evt_…` */
export function deliveryLine({ subscriber, state, status, reason, event }: DeliveryRecord, paint: Paint): string {
  const mark = state === "delivered" ? "✓" : state === "dead" ? "✗" : "…";
  const told = [status, reason, event].filter((each) => each !== undefined).map((each) => plain(String(each)));
  return [`${paint(stateStyle(state), mark)} ${plain(subscriber)}`, paint(stateStyle(state), state), ...told].join(
    "  ",
  );
}

/** `/api/events`: what the sessions have said, and the whole road of one event. */
import type { Config } from "../config/config.ts";
import { EVENT_TYPES, type CanonicalEvent, type EventType } from "../core/event.ts";
import { hashExternalId } from "../core/ids.ts";
import { DELIVERY_STATES, type DeliveryState } from "../core/ledger.ts";
import { NOTICE_TYPES, type NoticeEvent, type NoticeType } from "../core/notice.ts";
import { OUTCOMES, type Outcome } from "../core/outcome.ts";
import { judgeRoute } from "../core/routing.ts";
import type { SearchLedger } from "../core/search.ts";
import { problem } from "./problem.ts";
import { answer, answerList, foreignId, name, oneOf, paging, type Paging, type Parameters } from "./query.ts";

export interface EventsDeps {
  ledger: Pick<SearchLedger, "listEvents" | "findEvent">;
  config(): Promise<Config | undefined>;
  /** By its key in the archive. */
  event(object: string): Promise<CanonicalEvent | NoticeEvent | undefined>;
}

interface EventsQuery extends Paging {
  source?: string;
  type?: EventType | NoticeType;
  outcome?: Outcome;
  session?: string;
  externalId?: string;
  subscriber?: string;
  state?: DeliveryState;
}

const PARAMETERS: Parameters<EventsQuery> = {
  source: name,
  type: oneOf([...EVENT_TYPES, ...NOTICE_TYPES]),
  outcome: oneOf(OUTCOMES),
  session: foreignId,
  externalId: foreignId,
  subscriber: name,
  state: oneOf(DELIVERY_STATES),
  ...paging,
};

export function listEvents(request: Request, deps: EventsDeps): Promise<Response> {
  return answerList(request, PARAMETERS, async ({ session, externalId, ...filter }, limit, after) => {
    const external = externalId === undefined ? undefined : await hashExternalId(externalId);
    return deps.ledger.listEvents({ ...filter, subject: session, external }, limit, after);
  });
}

const ID = /^evt_[0-9a-f]{32}$/;

export async function getEvent(id: string, deps: EventsDeps): Promise<Response> {
  const found = ID.test(id) ? await deps.ledger.findEvent(id) : undefined;
  if (!found) return problem("unknown_event");
  const { summary, object, receipt, files, deliveries } = found;
  const [event, config] = await Promise.all([deps.event(object), deps.config()]);
  // Nothing says how it was routed then but its deliveries: what matched had one.
  const subscribers = event && config ? judgeAll(event, summary.source, config) : [];
  const routing = { judgedBy: "the configuration as it is now", subscribers };
  return answer({ ...summary, receipt, event, files, routing, deliveries });
}

function judgeAll(event: CanonicalEvent | NoticeEvent, source: string, config: Config) {
  return [...config.subscribers.values()].map((subscriber) => ({
    subscriber: subscriber.name,
    ...judgeRoute(event, source, subscriber),
  }));
}

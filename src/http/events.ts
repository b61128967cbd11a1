/** `/api/events`: what the sessions have said. */
import { EVENT_TYPES, type EventType } from "../core/event.ts";
import { hashExternalId } from "../core/ids.ts";
import { DELIVERY_STATES, type DeliveryState } from "../core/ledger.ts";
import { OUTCOMES, type Outcome } from "../core/outcome.ts";
import type { SearchLedger } from "../core/search.ts";
import { answerList, foreignId, name, oneOf, paging, type Paging, type Parameters } from "./query.ts";

export interface EventsDeps {
  ledger: Pick<SearchLedger, "listEvents">;
}

interface EventsQuery extends Paging {
  source?: string;
  type?: EventType;
  outcome?: Outcome;
  session?: string;
  externalId?: string;
  subscriber?: string;
  state?: DeliveryState;
}

const PARAMETERS: Parameters<EventsQuery> = {
  source: name,
  type: oneOf(EVENT_TYPES),
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

/** `/api/deliveries`: what is owed to whom, and what came of it. */
import { DELIVERY_STATES, type DeliveryState } from "../core/ledger.ts";
import type { SearchLedger } from "../core/search.ts";
import { answerList, like, name, oneOf, paging, type Paging, type Parameters } from "./query.ts";
import type { Route } from "./route.ts";
import { listOf } from "./schemas.ts";

export interface DeliveriesDeps {
  ledger: Pick<SearchLedger, "listDeliveries">;
}

interface DeliveriesQuery extends Paging {
  source?: string;
  event?: string;
  subscriber?: string;
  state?: DeliveryState;
}

const PARAMETERS: Parameters<DeliveriesQuery> = {
  source: name,
  event: like(/^evt_[0-9a-f]{32}$/, "an event's id"),
  subscriber: name,
  state: oneOf(DELIVERY_STATES),
  ...paging,
};

export function listDeliveries(request: Request, deps: DeliveriesDeps): Promise<Response> {
  return answerList(request, PARAMETERS, (filter, limit, after) => deps.ledger.listDeliveries(filter, limit, after));
}

export const deliveryRoutes: readonly Route<{ search: DeliveriesDeps }>[] = [
  {
    method: "GET",
    path: "/api/deliveries",
    allow: "viewer",
    id: "listDeliveries",
    summary: "What is owed to whom and what came of it, newest event first",
    query: PARAMETERS,
    answers: { 200: { schema: listOf("Delivery") } },
    problems: ["bad_query"],
    handle: ({ request, deps }) => listDeliveries(request, deps.search),
  },
];

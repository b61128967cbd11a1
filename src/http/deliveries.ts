/** `/api/deliveries`: what is owed to whom, and what came of it. */
import { DELIVERY_STATES, type DeliveryState } from "../core/ledger.ts";
import type { SearchLedger } from "../core/search.ts";
import { withAnswers, type AnswersDeps } from "./attempts.ts";
import { problem } from "./problem.ts";
import { answer, answerList, like, name, oneOf, paging, type Paging, type Parameters } from "./query.ts";
import type { Route } from "./route.ts";
import { DELIVERY_ID, listOf, ref } from "./schemas.ts";

export interface DeliveriesDeps extends AnswersDeps {
  ledger: Pick<SearchLedger, "listDeliveries" | "findDelivery">;
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

const ID = /^dlv_[0-9a-f]{64}$/;

export async function getDelivery(id: string, deps: DeliveriesDeps): Promise<Response> {
  const found = ID.test(id) ? await deps.ledger.findDelivery(id) : undefined;
  if (!found) return problem("unknown_delivery");
  const [delivery] = await withAnswers([found], deps);
  return answer(delivery ?? found);
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
    handle: ({ request, deps }) => listDeliveries(request, deps.search),
  },
  {
    method: "GET",
    path: "/api/deliveries/{id}",
    allow: "operator",
    id: "getDelivery",
    summary: "One delivery with its attempts, each with the start of the subscriber's answer",
    parameters: { id: DELIVERY_ID },
    answers: { 200: { schema: ref("WholeDelivery") } },
    problems: ["unknown_delivery"],
    opens: "getDelivery",
    handle: ({ parameter, deps }) => getDelivery(parameter("id"), deps.search),
  },
];

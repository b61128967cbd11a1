/** `/api/events`: what the sessions have said. */
import { EVENT_TYPES, type EventType } from "../core/event.ts";
import { hashExternalId } from "../core/ids.ts";
import { DELIVERY_STATES, type DeliveryState } from "../core/ledger.ts";
import { NOTICE_TYPES, type NoticeType } from "../core/notice.ts";
import { OUTCOMES, type Outcome } from "../core/outcome.ts";
import type { SearchLedger } from "../core/search.ts";
import { answerList, foreignId, name, oneOf, paging, type Paging, type Parameters } from "./query.ts";
import type { Route } from "./route.ts";
import { EVENT_ID, listOf, ref } from "./schemas.ts";
import { getEvent, type StoryDeps } from "./story.ts";

export interface EventsDeps {
  ledger: Pick<SearchLedger, "listEvents">;
}

export interface EventsQuery extends Paging {
  source?: string;
  type?: EventType | NoticeType;
  outcome?: Outcome;
  session?: string;
  externalId?: string;
  subscriber?: string;
  state?: DeliveryState;
}

export const EVENT_PARAMETERS: Parameters<EventsQuery> = {
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
  return answerList(request, EVENT_PARAMETERS, async ({ session, externalId, ...filter }, limit, after) => {
    const external = externalId === undefined ? undefined : await hashExternalId(externalId);
    return deps.ledger.listEvents({ ...filter, subject: session, external }, limit, after);
  });
}

export const eventRoutes: readonly Route<{ search: EventsDeps & StoryDeps }>[] = [
  {
    method: "GET",
    path: "/api/events",
    allow: "viewer",
    id: "listEvents",
    summary: "What the sessions have said, newest first",
    query: EVENT_PARAMETERS,
    answers: { 200: { schema: listOf("ListedEvent") } },
    handle: ({ request, deps }) => listEvents(request, deps.search),
  },
  {
    method: "GET",
    path: "/api/events/{id}",
    allow: "operator",
    id: "getEvent",
    summary: "One event, whole: its receipt, files, routing, deliveries and attempts",
    parameters: { id: EVENT_ID },
    answers: { 200: { schema: ref("WholeEvent") } },
    problems: ["unknown_event"],
    opens: "getEvent",
    handle: ({ parameter, deps }) => getEvent(parameter("id"), deps.search),
  },
];

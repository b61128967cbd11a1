/** `gatepost events`: what the sessions have said. */
import type { Command } from "commander";
import { EVENT_TYPES } from "../../core/event.ts";
import { DELIVERY_STATES, type DeliveryState } from "../../core/ledger.ts";
import { NOTICE_TYPES } from "../../core/notice.ts";
import { OUTCOMES } from "../../core/outcome.ts";
import type { ListedEvent } from "../../core/search.ts";
import { segment, type Query } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { addListOptions, choice, tellList, type ListOptions } from "../listing.ts";
import type { Session } from "../session.ts";
import { tellStory, type Story } from "../story.ts";
import { headings, styled, type Cell } from "../table.ts";
import { moment } from "../times.ts";
import { outcomeCell, stateStyle } from "../words.ts";
import { tail, type TailOptions } from "./tail.ts";

export interface EventFilter {
  source?: string;
  type?: string;
  outcome?: string;
  session?: string;
  externalId?: string;
  subscriber?: string;
  state?: string;
  failed?: true;
}

export function addEvents(program: Command, act: Act): void {
  const events = describe(program.command("events"), "what the sessions have said");
  const listing = describe(events.command("list"), "list events, newest first", [
    "events list --source seon-live --since 2h",
    "events list --failed --subscriber decisioning",
    "events list --external-id cust-881 --json",
  ]);
  addListOptions(addFilter(listing)).action(act<EventFilter & ListOptions, []>(list));
  describe(
    events.command("show"),
    "show one event's road: receipt, proof, files, routing, deliveries, attempts",
    ["events show evt_0123…"],
    "Looking at an event is noted in the audit, since it is about a person. The event itself is in --json.",
  )
    .argument("<id>", "evt_…")
    .action(act<object, [string]>(show));
  addFilter(
    describe(events.command("tail"), "follow events as they come in, and what becomes of them", [
      "events tail --source seon-live",
      "events tail --json | jq -r .session",
    ]),
  )
    .option("--since <time>", "begin with what was received since: 15m, 2h, 2026-02-03T09:00Z")
    .option("--no-deliveries", "events only")
    .action(act<EventFilter & TailOptions, []>((session, options) => tail(session, queryOf(options), options)));
}

export const addFilter = (command: Command): Command =>
  command
    .option("--source <name>")
    .addOption(choice("--type <type>", "of the event", [...EVENT_TYPES, ...NOTICE_TYPES]))
    .addOption(choice("--outcome <outcome>", "of the session", OUTCOMES))
    .option("--session <id>", "the vendor's id of the session")
    .option("--external-id <id>", "your own id of the person")
    .option("--subscriber <name>", "with a delivery to it")
    .addOption(choice("--state <state>", "of that delivery", DELIVERY_STATES))
    .option("--failed", "short for --state dead");

export const queryOf = ({
  source,
  type,
  outcome,
  session,
  externalId,
  subscriber,
  state,
  failed,
}: EventFilter): Query => ({
  source,
  type,
  outcome,
  session,
  externalId,
  subscriber,
  state: failed ? "dead" : state,
});

function list(session: Session, options: EventFilter & ListOptions): Promise<void> {
  return tellList(session, "/api/events", queryOf(options), options, {
    nouns: "events",
    head: headings("received (UTC)", "source", "type", "outcome", "session", "deliveries", "id"),
    row: (event: ListedEvent) => [
      moment(event.receivedAt),
      styled("bold", event.source),
      event.type,
      outcomeCell(event.outcome),
      event.session,
      deliveriesCell(event.deliveries),
      styled("dim", event.id),
    ],
  });
}

/** In the colour of the worst. */
function deliveriesCell(deliveries: ListedEvent["deliveries"]): Cell {
  const found = DELIVERY_STATES.filter((state) => (deliveries[state] ?? 0) > 0);
  const worst = WORST_FIRST.find((state) => found.includes(state));
  return worst && { text: found.map((state) => `${deliveries[state]} ${state}`).join(", "), style: stateStyle(worst) };
}

const WORST_FIRST: readonly DeliveryState[] = [
  "dead",
  "retrying",
  "held",
  "cancelled",
  "erased",
  "pending",
  "delivered",
];

async function show({ api, printer }: Session, _options: object, id: string): Promise<void> {
  const story = await api.get<Story>(`/api/events/${segment(id)}`);
  if (printer.isJson) printer.record(story);
  else tellStory(story, printer);
}

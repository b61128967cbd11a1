/** `gatepost deliveries`: what is owed to whom. */
import type { Command } from "commander";
import { DELIVERY_STATES } from "../../core/ledger.ts";
import type { DeliveryRecord } from "../../core/search.ts";
import { segment } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { waitForEvent } from "../delivering.ts";
import { addListOptions, choice, tellList, type ListOptions } from "../listing.ts";
import type { Session } from "../session.ts";
import { headings, styled } from "../table.ts";
import { moment } from "../times.ts";
import { stateCell } from "../words.ts";

interface Filter {
  source?: string;
  event?: string;
  subscriber?: string;
  state?: string;
  failed?: true;
}

export function addDeliveries(program: Command, act: Act): void {
  const deliveries = describe(program.command("deliveries"), "what is owed to whom, and what came of it");
  const listing = describe(deliveries.command("list"), "list deliveries, newest event first", [
    "deliveries list --failed --since 1d",
    "deliveries list --event evt_0123…",
  ])
    .option("--source <name>")
    .option("--event <id>", "evt_…")
    .option("--subscriber <name>")
    .addOption(choice("--state <state>", "which", DELIVERY_STATES))
    .option("--failed", "short for --state dead");
  addListOptions(listing).action(act<Filter & ListOptions, []>(list));
  describe(deliveries.command("retry"), "attempt a delivery now, whatever became of it; its schedule begins anew", [
    "deliveries retry dlv_0123… --wait",
  ])
    .argument("<id>", "dlv_…")
    .option("--wait", "until it has been taken, or not")
    .action(act(retry));
}

function list(session: Session, { failed, state, ...options }: Filter & ListOptions): Promise<void> {
  const { source, event, subscriber } = options;
  const query = { source, event, subscriber, state: failed ? "dead" : state };
  return tellList(session, "/api/deliveries", query, options, {
    nouns: "deliveries",
    head: headings("subscriber", "state", "attempts", "last answer", "settled or due (UTC)", "event", "id"),
    row: (each: DeliveryRecord) => [
      styled("bold", each.subscriber),
      stateCell(each.state),
      each.attemptCount,
      [each.status, each.reason].filter((part) => part !== undefined).join(" "),
      moment(each.settledAt ?? each.dueAt),
      styled("dim", each.event),
      styled("dim", each.id),
    ],
  });
}

async function retry(session: Session, { wait }: { wait?: true }, id: string): Promise<void> {
  const { api, printer } = session;
  const delivery = await api.post<DeliveryRecord>(`/api/deliveries/${segment(id)}/retry`);
  if (printer.isJson) printer.record(delivery);
  else printer.success(`it is on its way to ${delivery.subscriber}, under the same webhook-id`);
  if (wait === true) await waitForEvent(session, delivery.event, (each) => each.id === delivery.id);
  else printer.note(`  What came of it: gatepost events show ${delivery.event}`);
}

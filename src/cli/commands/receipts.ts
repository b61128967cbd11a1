/** `gatepost receipts`: the webhooks as they came. */
import type { Command } from "commander";
import { RECEIPT_STATES } from "../../core/ledger.ts";
import type { ReceiptRecord } from "../../core/search.ts";
import { segment } from "../api.ts";
import { describe, type Act } from "../command.ts";
import { addListOptions, choice, tellList, type ListOptions } from "../listing.ts";
import type { Session } from "../session.ts";
import { headings, styled } from "../table.ts";
import { moment } from "../times.ts";

interface Filter {
  source?: string;
  session?: string;
  externalId?: string;
  state?: string;
}

export function addReceipts(program: Command, act: Act): void {
  const receipts = describe(program.command("receipts"), "the webhooks as they came");
  const listing = describe(receipts.command("list"), "list receipts, newest first", [
    "receipts list --state unreadable",
  ])
    .option("--source <name>")
    .option("--session <id>", "the vendor's id of the session")
    .option("--external-id <id>", "your own id of the person")
    .addOption(choice("--state <state>", "what became of it", RECEIPT_STATES));
  addListOptions(listing).action(act<Filter & ListOptions, []>(list));
  describe(
    receipts.command("reprocess"),
    "have a webhook processed anew, by the configuration as it is now",
    ["receipts reprocess rcp_0123… --wait"],
    "Where its event says something else now, a new revision of it is delivered.",
  )
    .argument("<id>", "rcp_…")
    .option("--wait", "until it has been")
    .action(act(reprocess));
}

function list(session: Session, options: Filter & ListOptions): Promise<void> {
  const { source, session: of, externalId, state } = options;
  return tellList(session, "/api/receipts", { source, session: of, externalId, state }, options, {
    nouns: "receipts",
    head: headings("received (UTC)", "source", "state", "session", "event", "id"),
    row: (each: ReceiptRecord) => [
      moment(each.receivedAt),
      styled("bold", each.source),
      `${each.state}${each.reason === undefined ? "" : ` (${each.reason})`}`,
      each.session,
      styled("dim", each.event),
      styled("dim", each.id),
    ],
  });
}

const LOOK_MS = 500;

async function reprocess(session: Session, { wait }: { wait?: true }, id: string): Promise<void> {
  const { api, printer, pause } = session;
  let receipt = await api.post<ReceiptRecord>(`/api/receipts/${segment(id)}/reprocess`);
  if (wait !== true) {
    if (printer.isJson) return printer.record(receipt);
    printer.success(`${receipt.id} is processed anew`);
    return printer.note(`  Wait for it: gatepost receipts reprocess ${receipt.id} --wait`);
  }
  while (receipt.reprocessing !== undefined) {
    printer.status?.("waiting (Ctrl-C: it goes on without you)");
    await pause(LOOK_MS);
    receipt = await api.get<ReceiptRecord>(`/api/receipts/${segment(receipt.id)}`);
  }
  printer.status?.("");
  if (printer.isJson) return printer.record(receipt);
  const { outcome = receipt.state, reason } = receipt.reprocessed ?? {};
  printer.success(
    `${receipt.id}: ${outcome}${reason === undefined ? "" : ` (${reason})`}${receipt.event ? `, ${receipt.event}` : ""}`,
  );
}

/** What a batch of receipts comes to, against what the ledger knows. Receipts of one session are taken in order of arrival. */
import type { Config } from "../config/config.ts";
import { composeEvent, type CanonicalEvent } from "../core/event.ts";
import { eventId, receiptId } from "../core/ids.ts";
import { sessionKeyOf, type Past, type ReceiptOutcome, type ReceiptState, type SessionMove } from "../core/ledger.ts";
import type { KeptAction, Receipt } from "../core/receipt.ts";
import { compare, digestStatement, type SessionState } from "../core/standing.ts";
import { readReceipt } from "./read.ts";

/** A receipt to be decided about. */
export interface Candidate {
  /** Of the receipt. */
  id: string;
  /** Of the receipt of the same bytes one generation earlier. */
  earlier: string | undefined;
  receipt: Receipt;
  action: KeptAction;
}

export type Decision =
  | { kind: "done"; event: string | undefined }
  | { kind: "outcome"; outcome: ReceiptOutcome }
  | { kind: "event"; event: CanonicalEvent; move: SessionMove }
  | { kind: "failed"; error: unknown };

const SAID: ReadonlySet<string> = new Set(["event", "unchanged"]);

/** What was only recorded, or could not be read, may be looked at anew: the configuration may have been mended since. */
const isDoneFor = (action: KeptAction, state: ReceiptState): boolean =>
  SAID.has(state) || (state === "recorded" && action === "record");

export async function toCandidate(receipt: Receipt, action: KeptAction): Promise<Candidate> {
  const { address } = receipt;
  const earlier =
    address.generation > 0 ? await receiptId({ ...address, generation: address.generation - 1 }) : undefined;
  return { id: await receiptId(address), earlier, receipt, action };
}

/** One decision per candidate, in their order; each takes into account what those before it will have done to their session. */
export async function decideAll(candidates: readonly Candidate[], past: Past, config: Config): Promise<Decision[]> {
  const sessions = new Map(past.sessions);
  const decisions: Decision[] = [];
  for (const candidate of candidates) {
    const decision = await decide(candidate, { ...past, sessions }, config).catch((error: unknown): Decision => ({
      kind: "failed",
      error,
    }));
    const next = movesTo(decision);
    if (next) sessions.set(sessionKeyOf(candidate.receipt.address), next);
    decisions.push(decision);
  }
  return decisions;
}

function movesTo(decision: Decision): SessionState | undefined {
  if (decision.kind === "event") return decision.move.next;
  return decision.kind === "outcome" ? decision.outcome.move?.next : undefined;
}

async function decide(candidate: Candidate, past: Past, config: Config): Promise<Decision> {
  const { receipt, id, action } = candidate;
  const known = past.receipts.get(id);
  if (known && isDoneFor(action, known.state)) return { kind: "done", event: known.event };

  const { address, facts } = receipt;
  const outcome = (state: ReceiptOutcome["state"], details: Pick<ReceiptOutcome, "reason" | "move">): Decision => {
    const { source, session } = address;
    return {
      kind: "outcome",
      outcome: { source, session, receipt: id, receivedAt: facts.receivedAt, state, ...details },
    };
  };
  const reading = readReceipt(receipt, config);
  if (!reading.ok) return outcome("unreadable", { reason: reading.reason });
  if (action === "record") return outcome("recorded", {});

  const { statement } = reading;
  const session = past.sessions.get(sessionKeyOf(address));
  const receivedAt = new Date(facts.receivedAt).toISOString();
  const comparison = compare(
    statement,
    {
      digest: await digestStatement(statement, facts.basis),
      time: statement.time ?? receivedAt,
      isRepeatedMoment: reading.identity.time !== undefined && wasSaid(candidate.earlier, past),
    },
    session,
  );
  const move = { expectedVersion: session?.version ?? 0, next: comparison.next };
  if (comparison.kind === "unchanged") return outcome("unchanged", { move });
  const provenance = {
    id: await eventId(address, 0),
    source: address.source,
    vendor: facts.vendor,
    environment: facts.environment,
    sequence: facts.sequence,
    receivedAt,
    basis: facts.basis,
    publicUrl: facts.origin,
  };
  const event = composeEvent(statement, provenance, comparison.standing);
  return { kind: "event", event, move };
}

function wasSaid(receipt: string | undefined, past: Past): boolean {
  return receipt !== undefined && SAID.has(past.receipts.get(receipt)?.state ?? "");
}

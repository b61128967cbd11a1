/** A receipt to be decided about, as process sees it. */
import { handlingOf, type Config } from "../config/config.ts";
import type { Fields } from "../core/consume.ts";
import type { CanonicalEvent, Statement } from "../core/event.ts";
import { hashExternalId, receiptId } from "../core/ids.ts";
import type { ReceiptEntry, ReceiptSummary } from "../core/ledger.ts";
import type { KeptAction, Receipt } from "../core/receipt.ts";
import type { Again, ReceiptTask } from "../core/tasks.ts";
import { traceOf, type Trace } from "../core/trace.ts";
import type { Reading } from "./read.ts";
import type { ReadSession } from "./session.ts";

export interface Candidate {
  /** Of the receipt. */
  id: string;
  /** Of the receipt of the same bytes one generation earlier. */
  earlier: string | undefined;
  receipt: Receipt;
  action: KeptAction;
  reading: Reading;
  /** Hash of the customer's own id of the person. */
  external: string | undefined;
  /** How often its session was asked for in vain. */
  reads: number;
  /** Where somebody asked for it to be processed anew. */
  again?: Again | undefined;
  /** What was said before by what is processed anew. */
  before?: Before | undefined;
  /** Where its session was read back. */
  session?: ReadSession | undefined;
  /** The session's version in the ledger before it was read back. */
  readFrom?: number;
}

export interface Before {
  /** The receipt's own event, where the archive still has it. */
  event?: CanonicalEvent | undefined;
  /** Digests of what the receipt's session has ever stood on. */
  digests: ReadonlySet<string>;
}

export async function toCandidate(
  receipt: Receipt,
  action: KeptAction,
  reading: Reading,
  reads: number,
  again?: Again,
): Promise<Candidate> {
  const { address } = receipt;
  const earlier =
    address.generation > 0 ? await receiptId({ ...address, generation: address.generation - 1 }) : undefined;
  const external = reading.ok ? await hashOfPerson(reading.statement) : undefined;
  return { id: await receiptId(address), earlier, receipt, action, reading, external, reads, again };
}

/**
 * What is to be done with it by a configuration that may be another than that which received it. What would be ignored is there, and
 * stays; a pull was asked for, whatever is done with webhooks.
 */
export function actionNow({ address, facts }: Receipt, reading: Reading, config: Config): KeptAction {
  const source = config.sources.get(address.source);
  if (!reading.ok || facts.isPull || source?.vendor !== facts.vendor) return facts.action;
  const { action } = handlingOf(source, reading.identity.names);
  return action === "ignore" ? "record" : action;
}

export async function hashOfPerson({ session: { externalId } }: Statement): Promise<string | undefined> {
  return externalId === undefined ? undefined : hashExternalId(externalId);
}

/** The message that speaks of it. */
export function taskOf({ receipt, action, reads, again }: Candidate, key: string): ReceiptTask {
  const size = receipt.body.byteLength;
  return { v: 1, kind: "receipt", key, size, action, reads, ...(again ? { again } : {}) };
}

/** What the ledger is told of its receipt. */
export function entryOf({
  id,
  receipt,
  reading,
  external,
  again,
}: Candidate): ReceiptEntry & { facts: ReceiptSummary } {
  const { address, facts, body } = receipt;
  const { vendor, environment, basis, sequence, receivedAt } = facts;
  const subject = reading.ok ? reading.identity.sessionId : undefined;
  const size = body.byteLength;
  return {
    ...address,
    receipt: id,
    receivedAt,
    facts: { vendor, environment, basis, sequence, size, subject, external },
    asked: again?.at,
  };
}

export const traceOfReceipt = ({ id, receipt }: Candidate): Trace => traceOf(id, receipt.facts.headers["traceparent"]);

/** What the log is told of it, whatever becomes of it. */
export function fieldsOf(candidate: Candidate): Fields {
  const { id, receipt, again } = candidate;
  const { address, facts } = receipt;
  const isAgain = again ? { again: true } : {};
  return {
    receipt: id,
    source: address.source,
    vendor: facts.vendor,
    traceId: traceOfReceipt(candidate).id,
    ...isAgain,
  };
}

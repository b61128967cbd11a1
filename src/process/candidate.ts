/** A receipt to be decided about, as process sees it. */
import type { Fields } from "../core/consume.ts";
import type { Statement } from "../core/event.ts";
import { hashExternalId, receiptId } from "../core/ids.ts";
import type { ReceiptEntry, ReceiptSummary } from "../core/ledger.ts";
import type { KeptAction, Receipt } from "../core/receipt.ts";
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
  /** Where its session was read back. */
  session?: ReadSession | undefined;
  /** The session's version in the ledger before it was read back. */
  readFrom?: number;
}

export async function toCandidate(
  receipt: Receipt,
  action: KeptAction,
  reading: Reading,
  reads: number,
): Promise<Candidate> {
  const { address } = receipt;
  const earlier =
    address.generation > 0 ? await receiptId({ ...address, generation: address.generation - 1 }) : undefined;
  const external = reading.ok ? await hashOfPerson(reading.statement) : undefined;
  return { id: await receiptId(address), earlier, receipt, action, reading, external, reads };
}

export async function hashOfPerson({ session: { externalId } }: Statement): Promise<string | undefined> {
  return externalId === undefined ? undefined : hashExternalId(externalId);
}

/** What the ledger is told of its receipt. */
export function entryOf({ id, receipt, reading, external }: Candidate): ReceiptEntry & { facts: ReceiptSummary } {
  const { address, facts, body } = receipt;
  const { vendor, environment, basis, sequence, receivedAt } = facts;
  const subject = reading.ok ? reading.identity.sessionId : undefined;
  const size = body.byteLength;
  return {
    ...address,
    receipt: id,
    receivedAt,
    facts: { vendor, environment, basis, sequence, size, subject, external },
  };
}

export const traceOfReceipt = ({ id, receipt }: Candidate): Trace => traceOf(id, receipt.facts.headers["traceparent"]);

/** What the log is told of it, whatever becomes of it. */
export function fieldsOf(candidate: Candidate): Fields {
  const { id, receipt } = candidate;
  const { address, facts } = receipt;
  return { receipt: id, source: address.source, vendor: facts.vendor, traceId: traceOfReceipt(candidate).id };
}

/** What the ledger is told of a receipt, as columns of its row. */
import type { ReceiptEntry } from "../../core/ledger.ts";
import { firstSequence } from "../../core/sequence.ts";
import { archiveKeys } from "../keys.ts";

/** Of a receipt that nobody opened: the first ULIDs of its millisecond, told apart by its id. */
const SEQUENCE_OR = (facts: string, floor: string, id: string) =>
  `coalesce(${facts} ->> 'sequence', ${floor} || upper(substr(${id}, 5, 16)))`;

export const FACT_COLUMNS = "session, object, vendor, environment, basis, size, subject, external, sequence";

/** As `FACT_COLUMNS`; `facts` is the JSON of `factsOf`. */
export const factValues = (facts: string, id: string) => `
  ${facts} ->> 'session', ${facts} ->> 'object', ${facts} ->> 'vendor', ${facts} ->> 'environment', ${facts} ->> 'basis',
  ${facts} ->> 'size', ${facts} ->> 'subject', ${facts} ->> 'external', ${SEQUENCE_OR(facts, `(${facts} ->> 'floor')`, id)}`;

/** What is known of a receipt is not forgotten by one who has not opened it. */
export const LEARN_FACTS = `
  session = excluded.session, object = excluded.object, vendor = coalesce(excluded.vendor, receipts.vendor),
  environment = coalesce(excluded.environment, receipts.environment), basis = coalesce(excluded.basis, receipts.basis),
  size = coalesce(excluded.size, receipts.size), subject = coalesce(excluded.subject, receipts.subject),
  external = coalesce(excluded.external, receipts.external),
  sequence = iif(excluded.vendor IS NULL AND receipts.sequence <> '', receipts.sequence, excluded.sequence)`;

export function factsOf(entry: ReceiptEntry) {
  const { session, receivedAt, facts } = entry;
  return { session, object: archiveKeys.receipt(entry), floor: firstSequence(receivedAt), ...facts };
}

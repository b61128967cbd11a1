/** What is known of a webhook beside its bytes, as R2 keeps it with them; and a receipt whose bytes are gone. */
import type { ReceiptFacts } from "../core/receipt.ts";

const VERSION = "1";

export const metadataOf = (facts: ReceiptFacts): Record<string, string> => ({
  v: VERSION,
  facts: JSON.stringify(facts),
});

export function readFacts(object: R2Object): ReceiptFacts | undefined {
  const { v, facts } = object.customMetadata ?? {};
  return v === VERSION && facts !== undefined ? (JSON.parse(facts) as ReceiptFacts) : undefined;
}

/** Stands in the metadata where the bytes have expired. */
const HOLLOW = "expired";

/** The headers said how to read what is gone. */
export function hollowOf(object: R2Object): Record<string, string> {
  const facts = readFacts(object);
  return { ...(facts ? metadataOf({ ...facts, headers: {} }) : {}), [HOLLOW]: "1" };
}

export const isHollow = ({ customMetadata }: R2Object): boolean => customMetadata?.[HOLLOW] !== undefined;

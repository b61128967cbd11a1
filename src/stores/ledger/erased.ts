/** Whether a receipt is of a session or a person that was erased: the condition under which nothing may be written of it. */

/** Each is SQL of a value; `external` of the hash of the customer's own id of the person, or of null. */
export interface ReceiptValues {
  source: string;
  session: string;
  external: string;
  receivedAt: string;
}

/** A session that is on hold outlives the erasure of its person: who asked for that could not know of it yet. */
export const isErased = ({ source, session, external, receivedAt }: ReceiptValues): string => `(
  EXISTS (SELECT 1 FROM tombstones WHERE subject = ${session})
  OR EXISTS (SELECT 1 FROM tombstones WHERE subject = ${external} AND erased_at >= ${receivedAt})
    AND NOT EXISTS (SELECT 1 FROM holds WHERE source = ${source} AND session = ${session}))`;

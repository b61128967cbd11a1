/**
 * What a webhook is billed for, in the units of Cloudflare's price list: R2 operations of class A and B, KV reads and writes,
 * queue operations of 64 KB each, rows of D1, an invocation as a request, a line of the log.
 */
export type Operations = Record<
  | "requests"
  | "r2A"
  | "r2B"
  | "kvReads"
  | "kvWrites"
  | "queueWrites"
  | "queueReads"
  | "queueDeletes"
  | "d1Queries"
  | "d1RowsRead"
  | "d1RowsWritten"
  | "logRecords",
  number
>;

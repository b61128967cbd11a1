/** The parts of the ledger, each as its stage sees it. */
import { createCursorLedger } from "./cursors.ts";
import { createLedgerDatabase } from "./database.ts";
import { createDeliveringLedger } from "./delivering.ts";
import { createLimitingLedger } from "./limiting.ts";
import { createNoticeLedger } from "./notices.ts";
import { createProcessingLedger } from "./processing.ts";
import type { SchemaMemory } from "./schema.ts";
import { createSearchLedger } from "./searching.ts";
import { createSubscriberLedger } from "./subscribers.ts";

export function createLedger(binding: D1Database, memory: SchemaMemory) {
  const database = createLedgerDatabase(binding, memory);
  return {
    processing: createProcessingLedger(database),
    delivering: createDeliveringLedger(database),
    limits: createLimitingLedger(database),
    subscribers: createSubscriberLedger(database),
    notices: createNoticeLedger(database),
    cursors: createCursorLedger(database),
    search: createSearchLedger(database),
  };
}

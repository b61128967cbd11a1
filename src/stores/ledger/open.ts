/** The ledger with all its parts, each for those who need it. */
import { createLedgerMark } from "../ledger-mark.ts";
import { createCursorLedger } from "./cursors.ts";
import { createLedgerDatabase } from "./database.ts";
import { createDeliveringLedger } from "./delivering.ts";
import { createProcessingLedger } from "./processing.ts";
import { createRestoringLedger } from "./restoring.ts";
import type { SchemaMemory } from "./schema.ts";
import { createSearchLedger } from "./searching.ts";

export function openLedger(binding: D1Database, archive: R2Bucket, memory: SchemaMemory) {
  const database = createLedgerDatabase(binding, memory);
  const cursors = createCursorLedger(database);
  return {
    processing: createProcessingLedger(database),
    delivering: createDeliveringLedger(database),
    searching: createSearchLedger(database),
    restoring: createRestoringLedger(database),
    cursors,
    mark: createLedgerMark(archive, cursors),
  };
}

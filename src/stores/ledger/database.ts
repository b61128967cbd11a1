/** D1 as the ledger's parts use it: the schema applied first, every failure one kind of failure, and silence one too. */
import { reachingWithin } from "../reach.ts";
import { applySchema, LEDGER_MS, type SchemaMemory } from "./schema.ts";

export interface LedgerDatabase {
  run<T>(work: (database: D1Database) => Promise<T>): Promise<T>;
}

/** @param count told of each piece of work */
export function createLedgerDatabase(
  database: D1Database,
  memory: SchemaMemory,
  count: () => void = () => undefined,
): LedgerDatabase {
  return {
    async run(work) {
      count();
      await applySchema(database, memory);
      return reachingWithin("ledger", LEDGER_MS, () => work(database));
    },
  };
}

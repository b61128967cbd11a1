/** Where a rolling walk of the sweep stands. */
import type { LedgerDatabase } from "./database.ts";

export interface CursorLedger {
  read(name: string): Promise<string | undefined>;
  write(name: string, value: string | undefined): Promise<void>;
  /** Never back: of two values the one that sorts last stays. */
  advance(name: string, value: string): Promise<void>;
}

export function createCursorLedger(ledger: LedgerDatabase): CursorLedger {
  return {
    read: (name) =>
      ledger.run(async (database) => {
        const row = await database
          .prepare("SELECT value FROM cursors WHERE name = ?")
          .bind(name)
          .first<{ value: string }>();
        return row?.value;
      }),
    advance: (name, value) =>
      ledger.run(async (database) => {
        await database
          .prepare(
            "INSERT INTO cursors (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = max(value, ?2)",
          )
          .bind(name, value)
          .run();
      }),
    write: (name, value) =>
      ledger.run(async (database) => {
        await (
          value === undefined
            ? database.prepare("DELETE FROM cursors WHERE name = ?").bind(name)
            : database
                .prepare(
                  "INSERT INTO cursors (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                )
                .bind(name, value)
        ).run();
      }),
  };
}

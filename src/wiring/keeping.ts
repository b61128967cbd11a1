/** The part of the composition root that sees to what must go and what must stay: erasure, holds, retention. */
import type { Config } from "../config/config.ts";
import type { ErasableSession } from "../core/erasure.ts";
import type { GatewayEnv } from "../env.ts";
import { continueErasures, eraseSession, type EraseDeps } from "../erase/erase.ts";
import type { Clock } from "../isolate.ts";
import { createAnswerStore } from "../stores/answers.ts";
import { createArchiveEraser } from "../stores/archive-eraser.ts";
import { createArchiveExpiry } from "../stores/archive-expiry.ts";
import { createDeadLetterStore } from "../stores/dead-letters.ts";
import { createLedgerMark } from "../stores/ledger-mark.ts";
import { createCursorLedger } from "../stores/ledger/cursors.ts";
import type { LedgerDatabase } from "../stores/ledger/database.ts";
import { createErasingLedger } from "../stores/ledger/erasing.ts";
import { createExpiringLedger } from "../stores/ledger/expiring.ts";
import { createHoldingLedger } from "../stores/ledger/holding.ts";
import { createHoldMarkers, markedHolds } from "../stores/holds.ts";
import { expire } from "../sweep/retention.ts";

/** Who erases what comes after an erasure. */
const GATEWAY = "gatepost";

export function wireKeeping(
  { ARCHIVE }: GatewayEnv,
  database: LedgerDatabase,
  clock: Clock,
  config: () => Promise<Config | undefined>,
) {
  const deadLetters = createDeadLetterStore(ARCHIVE);
  const holds = markedHolds(ARCHIVE, createHoldingLedger(database));
  const cursors = createCursorLedger(database);
  const mark = createLedgerMark(ARCHIVE, cursors);
  const archive = createArchiveExpiry(ARCHIVE);
  const expiring = createExpiringLedger(database);
  const erasing: EraseDeps = {
    ledger: createErasingLedger(database),
    archive: createArchiveEraser(ARCHIVE),
    answers: createAnswerStore(ARCHIVE),
    now: clock.now,
  };

  return {
    cursors,
    mark,
    erasing,
    holds,
    markers: createHoldMarkers(ARCHIVE),
    fateOfFile: holds.fateOfFile,

    erase: async (session: ErasableSession, person: string | undefined): Promise<boolean> =>
      (await eraseSession(session, GATEWAY, erasing, person)).ok,

    /** What is filed for a session that was erased meanwhile must go. */
    async recordDeadLetter(queue: string, id: string, body: unknown): Promise<void> {
      const session = await deadLetters.record(queue, id, body);
      if (session) await erasing.ledger.revisit([session], clock.now());
    },

    continueErasures: () => continueErasures(erasing),
    expire: () => expire({ config, archive, expiring, cursors, mark, now: clock.now() }),
  };
}

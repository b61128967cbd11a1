/** The ledger with all its parts, each for those who need it. */
import { createLedgerMark } from "../ledger-mark.ts";
import { createCursorLedger } from "./cursors.ts";
import { createApiTokenLedger } from "./api-tokens.ts";
import { createAuditLedger } from "./audit.ts";
import type { LedgerDatabase } from "./database.ts";
import { createDeliveringLedger } from "./delivering.ts";
import { createLimitingLedger } from "./limiting.ts";
import { createNoticeLedger } from "./notices.ts";
import { createProcessingLedger } from "./processing.ts";
import { createPuttingBackLedger } from "./putting-back.ts";
import { createReplayLedger } from "./replaying.ts";
import { createReprocessingLedger } from "./reprocessing.ts";
import { createRestoringLedger } from "./restoring.ts";
import { createSearchLedger } from "./searching.ts";
import { createSubscriberLedger } from "./subscribers.ts";
import { createWatchLedger } from "./watching.ts";

export function openLedger(database: LedgerDatabase, archive: R2Bucket) {
  const cursors = createCursorLedger(database);
  return {
    processing: createProcessingLedger(database),
    reprocessing: createReprocessingLedger(database),
    delivering: createDeliveringLedger(database),
    limits: createLimitingLedger(database),
    subscribers: createSubscriberLedger(database),
    notices: createNoticeLedger(database),
    searching: createSearchLedger(database),
    puttingBack: createPuttingBackLedger(database),
    replays: createReplayLedger(database),
    restoring: createRestoringLedger(database),
    apiTokens: createApiTokenLedger(database),
    audit: createAuditLedger(database),
    watching: createWatchLedger(database),
    cursors,
    mark: createLedgerMark(archive, cursors),
  };
}

/** Tells what was noted since the last sweep, and what a look around finds, to the subscribers that asked for it. */
import type { Config } from "../config/config.ts";
import { composeNotice, gatherNotes, type Notice, type NoticeLedger } from "../core/notice.ts";
import { subscribersOf } from "../core/routing.ts";
import { tell, type TellDeps } from "../core/tell.ts";

export interface NoticesDeps extends TellDeps {
  config(): Promise<Config | undefined>;
  notices: NoticeLedger;
  /** What is worth a notice as long as it lasts; found again, it is told once. */
  findings(): Promise<readonly Notice[]>;
}

const NOTES = 500;

/** Returns how many were told. */
export async function tellNotices(deps: NoticesDeps): Promise<number> {
  // Without a configuration nobody can be told, and what was noted waits.
  const config = await deps.config();
  if (!config) return 0;
  const routes = [...config.subscribers.values()];
  const found = await untold(await deps.findings(), deps);
  const told = [...gatherNotes(await deps.notices.noted(NOTES)), ...found.map((notice) => ({ notice, notes: [] }))];
  for (const { notice, notes } of told)
    await tell(
      notice,
      { subscribersOf: (event) => subscribersOf(event, "gateway", routes).map(({ name }) => name), notes },
      deps,
    );
  return told.length;
}

async function untold(findings: readonly Notice[], deps: NoticesDeps): Promise<Notice[]> {
  const known = await Promise.all(
    findings.map(async (notice) => deps.notices.isTold((await composeNotice(notice, undefined)).id)),
  );
  return findings.filter((_, index) => !known[index]);
}

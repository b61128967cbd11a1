/** `POST /api/reindex`: one step of making the ledger's rows anew from the archive; its caller goes on with the cursor until there is none. */
import { writeCursor, type Position } from "../core/cursor.ts";
import type { Restored } from "../core/ledger.ts";
import { problem } from "./problem.ts";
import { answer, oneOf, paging, readQuery } from "./query.ts";

export type Reindex = (
  from: Position | undefined,
  isForced: boolean,
) => Promise<(Restored & { examined: number; next?: Position | undefined }) | "nothing_forgotten" | "not_configured">;

const PARAMETERS = { cursor: paging.cursor, force: oneOf(["true", "false"]) };

export async function reindexStep(request: Request, reindex: Reindex): Promise<Response> {
  const reading = readQuery(request, PARAMETERS);
  if (!reading.ok) return reading.refusal;
  const { cursor, force } = reading.query;
  const done = await reindex(cursor, force === "true");
  if (typeof done === "string") return problem(done);
  const { next, ...counts } = done;
  return answer({ ...counts, ...(next ? { cursor: writeCursor(next) } : {}) });
}

/** `POST /api/reindex`: one step of making the ledger's rows anew from the archive; its caller goes on with the cursor until there is none. */
import { writeCursor, type Position } from "../core/cursor.ts";
import type { Restored } from "../core/ledger.ts";
import { integer, object, text } from "../core/json-schema.ts";
import { problem } from "./problem.ts";
import { answer, oneOf, paging, readQuery } from "./query.ts";
import type { Route } from "./route.ts";

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

const COUNTS = { examined: integer, receipts: integer, sessions: integer, events: integer, files: integer };

export const reindexRoutes: readonly Route<{ reindex: Reindex }>[] = [
  {
    method: "POST",
    path: "/api/reindex",
    allow: "admin",
    id: "reindex",
    summary:
      "Makes the next of the ledger's rows anew from the archive; to be called with the cursor until there is none",
    query: PARAMETERS,
    answers: { 200: { schema: object({ ...COUNTS, cursor: text }, Object.keys(COUNTS)) } },
    problems: ["nothing_forgotten", "not_configured"],
    handle: ({ request, deps }) => reindexStep(request, deps.reindex),
  },
];

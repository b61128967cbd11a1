/** `/api/sessions/{source}/{id}/pull`: reads a session from its vendor now, whether its webhook ever came or not. */
import { pull, type PullDeps } from "../receive/pull.ts";
import { problem } from "./problem.ts";

export async function pullSession(source: string, sessionId: string, deps: PullDeps): Promise<Response> {
  const pulled = await pull(source, sessionId, deps);
  if (!pulled.ok) return problem(pulled.why);
  return Response.json({ receipt: pulled.receipt }, { status: 202, headers: { "cache-control": "no-store" } });
}

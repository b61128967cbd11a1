/** `/api/tokens`: the tokens that vendors have fetched from this gateway, and their end before time. */
import { problem } from "./problem.ts";

export interface TokensDeps {
  list(): Promise<object[]>;
  revoke(id: string): Promise<boolean>;
}

export async function listTokens(deps: TokensDeps): Promise<Response> {
  return Response.json({ items: await deps.list() }, { headers: { "cache-control": "no-store" } });
}

/** As the list gives them. */
const TOKEN_ID = /^[0-9a-f]{32}$/;

export async function revokeToken(id: string, deps: TokensDeps): Promise<Response> {
  return TOKEN_ID.test(id) && (await deps.revoke(id)) ? Response.json({ success: true }) : problem("unknown_token");
}

/** `/api/issued-tokens`: the tokens that vendors have fetched from this gateway, and their end before time. */
import { problem } from "./problem.ts";
import { answer } from "./query.ts";
import type { Route } from "./route.ts";
import { DONE, ISSUED_TOKEN_ID, listOf } from "./schemas.ts";

export interface IssuedTokensDeps {
  list(): Promise<object[]>;
  revoke(id: string): Promise<boolean>;
}

/** As the list gives them. */
const ID = /^[0-9a-f]{32}$/;

async function revoke(id: string, tokens: IssuedTokensDeps): Promise<Response> {
  return ID.test(id) && (await tokens.revoke(id)) ? answer({ success: true }) : problem("unknown_token");
}

export const issuedTokenRoutes: readonly Route<{ issuedTokens: IssuedTokensDeps }>[] = [
  {
    method: "GET",
    path: "/api/issued-tokens",
    allow: "admin",
    id: "listIssuedTokens",
    summary: "The tokens that vendors have fetched from this gateway",
    answers: { 200: { schema: listOf("IssuedToken") } },
    handle: async ({ deps }) => answer({ items: await deps.issuedTokens.list() }),
  },
  {
    method: "DELETE",
    path: "/api/issued-tokens/{id}",
    allow: "admin",
    id: "revokeIssuedToken",
    summary: "Ends a vendor's token before its time",
    parameters: { id: ISSUED_TOKEN_ID },
    answers: { 200: { schema: DONE } },
    problems: ["unknown_token"],
    handle: ({ parameter, deps }) => revoke(parameter("id"), deps.issuedTokens),
  },
];

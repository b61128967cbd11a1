/** `/api/tokens`: named tokens of this API, each with a role. A token is shown once; what is kept cannot be turned back into it. */
import * as v from "valibot";
import { writeApiToken, type ApiToken, type ApiTokenLedger } from "../core/api-token.ts";
import { sha256Hex } from "../core/digest.ts";
import { integer, object, word } from "../core/json-schema.ts";
import { ROLES, type Caller } from "../core/roles.ts";
import { readJson } from "./body.ts";
import { problem } from "./problem.ts";
import { answer } from "./query.ts";
import type { Route } from "./route.ts";
import { API_TOKEN_ID, DONE, listOf, NAME, NEW_API_TOKEN } from "./schemas.ts";

export interface ApiTokensDeps {
  tokens: ApiTokenLedger;
  /** Of so many random bytes, for a key. */
  randomHex(bytes: number): string;
  /** Epoch milliseconds. */
  now: number;
}

const MAX_BODY_BYTES = 4096;
const DAY_MS = 86_400_000;
const MOST_DAYS = 3650;
/** Names that the audit and erasures give to others. */
const RESERVED: ReadonlySet<string> = new Set(["admin", "nobody", "kv", "gatepost"]);

const bodySchema = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
    v.check((name) => !RESERVED.has(name)),
  ),
  role: v.picklist(ROLES),
  expiresInDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_DAYS))),
});

export async function createApiToken(
  request: Request,
  caller: Caller,
  { tokens, randomHex, now }: ApiTokensDeps,
): Promise<{ response: Response; id?: string }> {
  const reading = await readJson(request, MAX_BODY_BYTES);
  if (!reading.ok) return { response: reading.refusal };
  const parsed = v.safeParse(bodySchema, reading.value);
  if (!parsed.success) return { response: problem("invalid_token") };
  const { name, role, expiresInDays } = parsed.output;
  const [id, secret] = [randomHex(8), randomHex(32)];
  const token: ApiToken = {
    id,
    name,
    role,
    createdAt: new Date(now).toISOString(),
    createdBy: caller.name,
    ...(expiresInDays ? { expiresAt: new Date(now + expiresInDays * DAY_MS).toISOString() } : {}),
  };
  if (!(await tokens.create({ ...token, digest: await sha256Hex(secret) })))
    return { response: problem("token_exists") };
  return { response: answer({ ...token, token: writeApiToken(id, secret) }, 201), id };
}

/** As the list gives them. */
const ID = /^[0-9a-f]{16}$/;

export async function revokeApiToken(id: string, { tokens, now }: ApiTokensDeps): Promise<Response> {
  return ID.test(id) && (await tokens.revoke(id, now)) ? answer({ success: true }) : problem("unknown_token");
}

export const apiTokenRoutes: readonly Route<{ apiTokens: ApiTokensDeps }>[] = [
  {
    method: "POST",
    path: "/api/tokens",
    allow: "admin",
    id: "createToken",
    summary: "Makes a token of this API; it is shown once",
    body: {
      schema: object({ name: NAME, role: word(ROLES), expiresInDays: { ...integer, minimum: 1, maximum: MOST_DAYS } }, [
        "name",
        "role",
      ]),
    },
    answers: { 201: { schema: NEW_API_TOKEN } },
    problems: ["token_exists", "invalid_token", "too_large"],
    async handle({ request, caller, deps, concerns }) {
      const { response, id } = await createApiToken(request, caller, deps.apiTokens);
      if (id !== undefined) concerns(`tokens/${id}`);
      return response;
    },
  },
  {
    method: "GET",
    path: "/api/tokens",
    allow: "admin",
    id: "listTokens",
    summary: "The tokens of this API, newest first",
    answers: { 200: { schema: listOf("Token") } },
    handle: async ({ deps }) => answer({ items: await deps.apiTokens.tokens.list() }),
  },
  {
    method: "DELETE",
    path: "/api/tokens/{id}",
    allow: "admin",
    id: "revokeToken",
    summary: "Ends a token at once",
    parameters: { id: API_TOKEN_ID },
    answers: { 200: { schema: DONE } },
    problems: ["unknown_token"],
    handle: ({ parameter, deps }) => revokeApiToken(parameter("id"), deps.apiTokens),
  },
];

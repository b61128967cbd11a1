/**
 * `POST /oauth/token`: RFC 6749 client credentials, for vendors that fetch a token before they call (Incode, Unico). A token
 * opens exactly the sources that list its client.
 */
import type { Config, SecretRef } from "../config/config.ts";
import { integer, object, text } from "../core/json-schema.ts";
import type { Log } from "../observe/log.ts";
import { isDeclaredTooLarge, readBody } from "../receive/body.ts";
import { readBasic } from "../verify/authorization.ts";
import { isEqual } from "../verify/equal.ts";
import { signToken, TOKEN_SECONDS } from "../verify/token.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";

export interface TokenDeps {
  config(): Promise<Config | undefined>;
  secret(ref: SecretRef): Promise<string | undefined>;
  tokenKeys(clientSecret: string): Promise<readonly [CryptoKey, ...CryptoKey[]]>;
  record(tokenId: string, token: { client: string; issuedAt: string; expiresAt: string }): Promise<void>;
  isRefusedTooOften(key: string): Promise<boolean>;
  newTokenId(): string;
  /** Epoch milliseconds. */
  now: number;
  afterwards(work: Promise<unknown>): void;
  log: Log;
}

interface Client {
  id: string;
  secret: string;
}

const MAX_BODY_BYTES = 8192;
const FORM = "application/x-www-form-urlencoded";

export async function issueToken(request: Request, deps: TokenDeps): Promise<Response> {
  const config = await deps.config();
  if (!config) return problem("not_configured");
  const form = await readForm(request);
  if (!form || hasRepeats(form)) return refusal(400, "invalid_request");

  const client = await authenticate(presented(request, form), config, deps);
  if (!client) return refuseClient(request, deps);
  if (!form.has("grant_type")) return refusal(400, "invalid_request");
  if (form.get("grant_type") !== "client_credentials") return refusal(400, "unsupported_grant_type");

  const id = deps.newTokenId();
  const [key] = await deps.tokenKeys(client.secret);
  const token = await signToken(key, { id, client: client.id, now: deps.now });
  const issuedAt = new Date(deps.now).toISOString();
  const expiresAt = new Date(deps.now + TOKEN_SECONDS * 1000).toISOString();
  // The token carries its own proof; a record that fails to be made only leaves it out of the list.
  deps.afterwards(deps.record(id, { client: client.id, issuedAt, expiresAt }).catch(() => undefined));
  deps.log({ stage: "token", outcome: "issued", client: client.id });
  return json(200, { access_token: token, token_type: "Bearer", expires_in: TOKEN_SECONDS });
}

/** `undefined` where the body is not a form, or too large for one. */
async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== FORM || isDeclaredTooLarge(request.headers, MAX_BODY_BYTES)) return undefined;
  const reading = await readBody(request, MAX_BODY_BYTES);
  return reading.ok ? new URLSearchParams(new TextDecoder().decode(reading.body)) : undefined;
}

/** RFC 6749 section 3.2: a parameter comes once. */
function hasRepeats(form: URLSearchParams): boolean {
  return new Set(form.keys()).size !== [...form.keys()].length;
}

/**
 * The credentials as they may be meant, in order: as sent (Incode sends plain base64), then form-decoded (RFC 6749 section
 * 2.3.1). Those of the body count only where there are none in the header.
 */
function presented(request: Request, form: URLSearchParams): Client[] {
  const header = request.headers.get("authorization");
  if (header !== null) {
    const basic = readBasic(header);
    if (!basic) return [];
    return [
      { id: basic.user, secret: basic.password },
      { id: formDecode(basic.user), secret: formDecode(basic.password) },
    ];
  }
  const [id, secret] = [form.get("client_id"), form.get("client_secret")];
  return id !== null && secret !== null ? [{ id, secret }] : [];
}

function formDecode(encoded: string): string {
  return new URLSearchParams(`v=${encoded.replaceAll("&", "%26")}`).get("v") ?? "";
}

async function authenticate(attempts: readonly Client[], config: Config, deps: TokenDeps): Promise<Client | undefined> {
  const clients = clientsOf(config);
  for (const attempt of attempts) {
    for (const { id, secret: ref } of clients) {
      const secret = await deps.secret(ref);
      const isClient = await isEqual(attempt.id, id);
      if (secret !== undefined && secret !== "" && (await isEqual(attempt.secret, secret)) && isClient)
        return { id, secret };
    }
  }
  return undefined;
}

function clientsOf(config: Config): { id: string; secret: SecretRef }[] {
  return [...config.sources.values()]
    .filter(({ enabled }) => enabled)
    .flatMap(({ verify }) => verify.flatMap((each) => ("all" in each ? each.all : [each])))
    .flatMap((scheme) => (scheme.scheme === "bearer" ? scheme.clients : []));
}

async function refuseClient(request: Request, deps: TokenDeps): Promise<Response> {
  deps.log({ stage: "token", outcome: "refused" });
  const address = request.headers.get("cf-connecting-ip") ?? "";
  if (await deps.isRefusedTooOften(`token ${address}`)) return problem("too_many_refusals");
  return refusal(401, "invalid_client", { "www-authenticate": 'Basic realm="gatepost"' });
}

function refusal(status: number, error: string, headers: Record<string, string> = {}): Response {
  return json(status, { error }, headers);
}

/** RFC 6749 section 5.1 */
function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", pragma: "no-cache", ...headers } });
}

const REFUSAL = object({ error: text }, ["error"]);

export const tokenRoutes: readonly Route<{ token: TokenDeps }>[] = [
  {
    method: "POST",
    path: "/oauth/token",
    allow: "public",
    id: "issueToken",
    summary: "OAuth 2.0 client credentials, for vendors (RFC 6749)",
    body: {
      type: FORM,
      schema: object({ grant_type: { const: "client_credentials" }, client_id: text, client_secret: text }, [
        "grant_type",
      ]),
    },
    answers: {
      200: {
        schema: object({ access_token: text, token_type: { const: "Bearer" }, expires_in: integer }, [
          "access_token",
          "token_type",
          "expires_in",
        ]),
      },
      400: { schema: REFUSAL },
      401: { schema: REFUSAL },
    },
    problems: ["too_many_refusals", "not_configured"],
    handle: ({ request, deps }) => issueToken(request, deps.token),
  },
];

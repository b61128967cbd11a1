/**
 * What opens Unico's APIs: a bearer token, asked for with a signed assertion, and for the API contract a key besides.
 * Source: developer.unico.io, page "Authentication".
 */
import type { JsonObject } from "../../core/json.ts";
import { createReader } from "../reader.ts";
import type { TokenRequest } from "../../core/obtained-token.ts";
import type { SessionOptions, SessionSecrets, TokenSource } from "../session.ts";
import { signAssertion } from "./assertion.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Each token counts against the tenant's limit, so that one is used for as long as it may be. */
export const unicoToken: TokenSource = { request, read, defaultSeconds: 3600, marginSeconds: 600 };

export function authorize({ apiKey }: SessionSecrets, token: string | undefined): Record<string, string> | undefined {
  if (token === undefined) return undefined;
  return { authorization: `Bearer ${token}`, ...(apiKey !== undefined && { APIKEY: apiKey }) };
}

async function request(
  { tokenUrl, account, tenant, audience }: SessionOptions,
  { privateKey }: SessionSecrets,
  now: number,
): Promise<TokenRequest | undefined> {
  const origin = URL.parse(tokenUrl ?? "")?.origin;
  if (tokenUrl === undefined || origin === undefined) return undefined;
  if (account === undefined || tenant === undefined || privateKey === undefined) return undefined;
  const issuer = (audience ?? origin).replace(/\/+$/, "");
  const assertion = await signAssertion({ account, tenant, audience: issuer, privateKey }, now);
  if (assertion === undefined) return undefined;
  return {
    url: tokenUrl,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
  };
}

function read(json: JsonObject): { token: string; expiresInSeconds?: number } | undefined {
  const token = json["access_token"];
  if (typeof token !== "string" || token === "") return undefined;
  const seconds = Number(createReader(json).text("expires_in"));
  return { token, ...(Number.isFinite(seconds) && seconds > 0 && { expiresInSeconds: seconds }) };
}

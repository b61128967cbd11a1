/**
 * OAuth 2.0 client credentials towards a subscriber or a vendor: the request that asks for a token, and its answer (RFC 6749
 * sections 2.3.1 and 4.4, RFC 7523 section 2.2). The body holds nothing but what is configured: some servers refuse the rest.
 */
import { toBase64 } from "./base64.ts";
import type { JsonObject } from "./json.ts";
import type { TokenRequest } from "./obtained-token.ts";
import { readPrivateKey, signJwt } from "./private-key.ts";

/** Of a token whose answer does not say how long it lives. */
export const DEFAULT_SECONDS = 300;
/** A new token is asked for when less is left. */
export const MARGIN_SECONDS = 60;
const ASSERTION_SECONDS = 60;
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export interface OAuth2Client {
  tokenUrl: string;
  clientId: string;
  method: "basic" | "post" | "private_key_jwt";
  scope?: string | undefined;
  audience?: string | undefined;
}

/**
 * `undefined` where the private key cannot be read.
 * @param credential the client's secret, or the PEM of its private key
 * @param now epoch milliseconds @param id of an assertion, never the same twice
 */
export async function tokenRequest(
  { tokenUrl, clientId, method, scope, audience }: OAuth2Client,
  credential: string,
  now: number,
  id: string,
): Promise<TokenRequest | undefined> {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) form.set("scope", scope);
  if (audience !== undefined) form.set("audience", audience);
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  };
  switch (method) {
    case "basic": {
      const pair = new TextEncoder().encode(`${formEncode(clientId)}:${formEncode(credential)}`);
      headers["authorization"] = `Basic ${toBase64(pair)}`;
      break;
    }
    case "post":
      form.set("client_id", clientId);
      form.set("client_secret", credential);
      break;
    case "private_key_jwt": {
      const key = await readPrivateKey(credential);
      if (!key) return undefined;
      const iat = Math.floor(now / 1000);
      const claims = { iss: clientId, sub: clientId, aud: tokenUrl, jti: id, iat, exp: iat + ASSERTION_SECONDS };
      form.set("client_assertion_type", ASSERTION_TYPE);
      form.set("client_assertion", await signJwt(claims, key));
    }
  }
  return { url: tokenUrl, headers, body: form.toString() };
}

/** RFC 6749 section 5.1, with what servers make of it: a lifetime in digits, a type left out. */
export function readToken(json: JsonObject): { token: string; expiresInSeconds?: number | undefined } | undefined {
  const { access_token: token, expires_in: seconds, token_type: type } = json;
  const isBearer = type === undefined || (typeof type === "string" && type.toLowerCase() === "bearer");
  // A header cannot hold anything else.
  if (!isBearer || typeof token !== "string" || !/^[!-~]+$/.test(token)) return undefined;
  const lifetime = typeof seconds === "string" && /^\d+$/.test(seconds) ? Number(seconds) : seconds;
  return { token, expiresInSeconds: typeof lifetime === "number" && lifetime > 0 ? lifetime : undefined };
}

/** RFC 6749 appendix B. */
function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

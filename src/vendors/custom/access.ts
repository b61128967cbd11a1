/** What opens the session API of a vendor that configuration describes: a header, a password, a token, or one that is asked for (RFC 6749 section 4.4). */
import { toBase64 } from "../../core/base64.ts";
import { DEFAULT_SECONDS, MARGIN_SECONDS, readToken, tokenRequest } from "../../core/client-credentials.ts";
import type { SessionOptions, SessionSecrets, TokenSource } from "../session.ts";

const clientCredentials: TokenSource = {
  async request({ auth }, { apiKey }, now) {
    if (auth?.type !== "oauth2" || apiKey === undefined) return undefined;
    return tokenRequest(auth, apiKey, now, "");
  },
  read: readToken,
  defaultSeconds: DEFAULT_SECONDS,
  marginSeconds: MARGIN_SECONDS,
};

export const tokenSource = ({ auth }: SessionOptions): TokenSource | undefined =>
  auth?.type === "oauth2" ? clientCredentials : undefined;

/** An API that asks for nothing is given nothing. */
export function authorize(
  { apiKey }: SessionSecrets,
  token: string | undefined,
  { auth }: SessionOptions,
): Record<string, string> | undefined {
  if (!auth) return {};
  if (auth.type === "oauth2") return token === undefined ? undefined : { authorization: `Bearer ${token}` };
  if (apiKey === undefined) return undefined;
  switch (auth.type) {
    case "header":
      return { [auth.name.toLowerCase()]: auth.prefix + apiKey };
    case "bearer":
      return { authorization: `Bearer ${apiKey}` };
    case "basic":
      return { authorization: `Basic ${toBase64(new TextEncoder().encode(`${auth.username}:${apiKey}`))}` };
  }
}

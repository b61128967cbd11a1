/** The OAuth 2.0 client of vendors that fetch a token before they call: client credentials, RFC 6749 section 4.4. */

export interface TokenAccount {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
}

/** Milliseconds before its end at which a token is no longer used. */
const MARGIN = 60_000;

/** Returns a function that gives a token, asking for one only where the last has expired. */
export function createTokenClient(account: TokenAccount, around: { fetch: typeof fetch; now(): number }) {
  let token: { text: string; expiresAt: number } | undefined;

  return async (): Promise<string> => {
    if (token && around.now() < token.expiresAt - MARGIN) return token.text;
    const credentials = Buffer.from(`${account.clientId}:${account.clientSecret}`).toString("base64");
    const response = await around.fetch(account.tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Basic ${credentials}` },
      body: "grant_type=client_credentials",
    });
    const answer = (await response.json()) as { access_token?: string; expires_in?: number; error?: string };
    if (answer.access_token === undefined || answer.expires_in === undefined)
      throw new Error(`no token: ${response.status} ${answer.error ?? ""}`);
    token = { text: answer.access_token, expiresAt: around.now() + answer.expires_in * 1000 };
    return token.text;
  };
}

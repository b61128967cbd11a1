/** The token that opens a source's session API: which one it is, and how its vendor is asked for another. */
import type { Source, SessionSource } from "../config/config.ts";
import {
  tokenPlace,
  type Obtained,
  type TokenExchange,
  type TokenKeeper,
  type TokenResult,
} from "../core/obtained-token.ts";
import type { SessionSecrets, TokenSource } from "../vendors/session.ts";

export interface TokenDeps {
  tokens: TokenKeeper;
  obtainToken(exchange: TokenExchange): Promise<Obtained>;
  now(): number;
}

/** @param refused a token that the vendor has just turned down */
export async function tokenOf(
  { name }: Source,
  { options }: SessionSource,
  from: TokenSource,
  secrets: SessionSecrets,
  refused: string | undefined,
  deps: TokenDeps,
): Promise<TokenResult> {
  const { baseUrl, tokenUrl, account, tenant, audience, email, auth } = options;
  const settings = [baseUrl, tokenUrl, account, tenant, audience, email, ...(auth ? [JSON.stringify(auth)] : [])];
  const place = await tokenPlace(name, settings, [secrets.apiKey, secrets.password, secrets.privateKey]);
  const obtain = async (): Promise<Obtained> => {
    const request = await from.request(options, secrets, deps.now());
    if (!request) return { ok: false, why: "not_configured" };
    return deps.obtainToken({ request, read: from.read, defaultSeconds: from.defaultSeconds });
  };
  const wish = { place, marginSeconds: from.marginSeconds, obtain };
  return refused === undefined ? deps.tokens.get(wish) : deps.tokens.renew(wish, refused);
}

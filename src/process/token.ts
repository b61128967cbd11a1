/** The token that opens a source's session API: which one it is, and how its vendor is asked for another. */
import type { Source, SessionSource } from "../config/config.ts";
import type { JsonObject } from "../core/json.ts";
import { tokenPlace, type TokenFault, type TokenPlace } from "../core/obtained-token.ts";
import type { SessionSecrets, TokenRequest, TokenSource } from "../vendors/session.ts";

type Refused = { ok: false; why: TokenFault; afterSeconds?: number | undefined };

export type TokenResult = { ok: true; token: string } | Refused;

type Obtained = { ok: true; token: string; expiresInSeconds: number } | Refused;

interface Wish {
  place: TokenPlace;
  marginSeconds: number;
  obtain(): Promise<Obtained>;
}

export interface TokenDeps {
  tokens: {
    get(wish: Wish): Promise<TokenResult>;
    renew(wish: Wish, refused: string): Promise<TokenResult>;
  };
  obtainToken(exchange: {
    request: TokenRequest;
    read(json: JsonObject): { token: string; expiresInSeconds?: number | undefined } | undefined;
    defaultSeconds: number;
  }): Promise<Obtained>;
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
  const { baseUrl, tokenUrl, account, tenant, audience, email } = options;
  const settings = [baseUrl, tokenUrl, account, tenant, audience, email];
  const place = await tokenPlace(name, settings, [secrets.apiKey, secrets.password, secrets.privateKey]);
  const obtain = async (): Promise<Obtained> => {
    const request = await from.request(options, secrets, deps.now());
    if (!request) return { ok: false, why: "not_configured" };
    return deps.obtainToken({ request, read: from.read, defaultSeconds: from.defaultSeconds });
  };
  const wish = { place, marginSeconds: from.marginSeconds, obtain };
  return refused === undefined ? deps.tokens.get(wish) : deps.tokens.renew(wish, refused);
}

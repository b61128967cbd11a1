/** What opens a subscriber's door. Without it no request is made: it would tell the subscriber's data to nobody's door. */
import type { OAuth2, SecretRef, Subscriber } from "../config/config.ts";
import type { FailureReason } from "../core/attempt.ts";
import { toBase64 } from "../core/base64.ts";
import { DEFAULT_SECONDS, MARGIN_SECONDS, readToken, tokenRequest } from "../core/client-credentials.ts";
import { tokenPlace, type Obtained, type TokenExchange, type TokenKeeper } from "../core/obtained-token.ts";

export interface AuthenticateDeps {
  secret(ref: SecretRef): Promise<string | undefined>;
  tokens: TokenKeeper;
  obtainToken(exchange: TokenExchange): Promise<Obtained>;
  /** Never the same twice. */
  newTokenId(): string;
  now(): number;
}

export type Credential =
  | {
      ok: true;
      headers: Readonly<Record<string, string>>;
      /** Another one, where this one was refused and another can be asked for. */
      renew?(): Promise<Credential>;
    }
  | { ok: false; reason: FailureReason };

const SECRET_MISSING = { ok: false, reason: "secret_missing" } as const;

export async function authenticate({ name, auth }: Subscriber, deps: AuthenticateDeps): Promise<Credential> {
  switch (auth.type) {
    case "none":
      return { ok: true, headers: {} };
    case "header": {
      const value = await deps.secret(auth.value);
      return value === undefined ? SECRET_MISSING : { ok: true, headers: { [auth.name.toLowerCase()]: value } };
    }
    case "basic": {
      const password = await deps.secret(auth.password);
      if (password === undefined) return SECRET_MISSING;
      const pair = new TextEncoder().encode(`${auth.username}:${password}`);
      return { ok: true, headers: { authorization: `Basic ${toBase64(pair)}` } };
    }
    case "oauth2": {
      const secret = await deps.secret(auth.credential);
      return secret === undefined ? SECRET_MISSING : withToken(name, auth, secret, deps);
    }
  }
}

/** @param refused a token that the subscriber has just turned down */
async function withToken(
  subscriber: string,
  auth: OAuth2,
  secret: string,
  deps: AuthenticateDeps,
  refused?: string,
): Promise<Credential> {
  const { tokenUrl, clientId, method, scope, audience } = auth;
  // No source has a space in its name.
  const place = await tokenPlace(`subscriber ${subscriber}`, [tokenUrl, clientId, method, scope, audience], [secret]);
  const obtain = async (): Promise<Obtained> => {
    const request = await tokenRequest(auth, secret, deps.now(), deps.newTokenId());
    if (!request) return { ok: false, why: "not_configured" };
    return deps.obtainToken({ request, read: readToken, defaultSeconds: DEFAULT_SECONDS });
  };
  const wish = { place, marginSeconds: MARGIN_SECONDS, obtain };
  const result = refused === undefined ? await deps.tokens.get(wish) : await deps.tokens.renew(wish, refused);
  if (!result.ok) return { ok: false, reason: `token_${result.why}` };
  const { token } = result;
  return {
    ok: true,
    headers: { authorization: `Bearer ${token}` },
    renew: () => withToken(subscriber, auth, secret, deps, token),
  };
}

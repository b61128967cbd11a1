/** A token that this gateway issued to one of the scheme's clients (Incode, Unico). */
import type { Scheme } from "../config/config.ts";
import { credentialsOf } from "./authorization.ts";
import { readSecrets } from "./secrets.ts";
import { pass, refuse, type Unproven, type Verdict, type VerifyDeps } from "./scheme.ts";
import { readToken, type TokenReading } from "./token.ts";

type Bearer = Extract<Scheme, { scheme: "bearer" }>;

export async function verifyBearer(scheme: Bearer, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  const header = webhook.headers.get("authorization");
  if (header === null) return refuse("credential_missing");
  const token = credentialsOf(header, "Bearer");
  if (token === undefined) return refuse("credential_malformed");

  let hasSecret = false;
  for (const client of scheme.clients) {
    for (const secret of await readSecrets([client.secret], deps)) {
      hasSecret = true;
      const reading = await readTokenWithAny(token, await deps.tokenKeys(secret), client.id, deps.now);
      if (reading.kind === "expired") return refuse("token_expired");
      if (reading.kind === "valid")
        return (await deps.isRevoked(reading.id)) ? refuse("token_revoked") : pass("credential");
    }
  }
  return refuse(hasSecret ? "credential_wrong" : "secret_missing");
}

async function readTokenWithAny(
  token: string,
  keys: readonly CryptoKey[],
  client: string,
  now: number,
): Promise<TokenReading> {
  for (const key of keys) {
    const reading = await readToken(token, key, client, now);
    if (reading.kind !== "foreign") return reading;
  }
  return { kind: "foreign" };
}

/**
 * Tokens that the gateway issues (RFC 6749): JWTs that carry their own proof. The key is derived from the master key and
 * the client's secret, so a token is good everywhere at once, and ends when its client's secret is changed or removed.
 */
import { jwtVerify, SignJWT } from "jose";
import { JWTExpired } from "jose/errors";

const ALGORITHM = "HS256";
const ISSUER = "gatepost";

export const TOKEN_SECONDS = 3600;

/** `now` in epoch milliseconds. */
export function signToken(key: CryptoKey, token: { id: string; client: string; now: number }): Promise<string> {
  const issuedAt = Math.floor(token.now / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setSubject(token.client)
    .setJti(token.id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_SECONDS)
    .sign(key);
}

export type TokenReading = { kind: "valid"; id: string } | { kind: "expired" } | { kind: "foreign" };

/** `foreign`: not signed with this key for this client, or no token at all. */
export async function readToken(token: string, key: CryptoKey, client: string, now: number): Promise<TokenReading> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      subject: client,
      currentDate: new Date(now),
      requiredClaims: ["jti", "exp"],
    });
    return { kind: "valid", id: payload.jti ?? "" };
  } catch (error) {
    return error instanceof JWTExpired ? { kind: "expired" } : { kind: "foreign" };
  }
}

/**
 * The assertion by which a service account asks for a token (RFC 7523). Its claims are exactly these five: with any other
 * one the vendor refuses it.
 * Source: developer.unico.io, page "Authentication".
 */
import { readPrivateKey, signJwt } from "../../core/private-key.ts";

export interface ServiceAccount {
  account: string;
  tenant: string;
  /** The identity server's origin, without a slash at its end. */
  audience: string;
  /** PEM of an RSA key. */
  privateKey: string;
}

const LIFETIME_SECONDS = 3600;

/** A JWT for the next hour; `undefined` where the key cannot be read. @param now epoch milliseconds */
export async function signAssertion(
  { account, tenant, audience, privateKey }: ServiceAccount,
  now: number,
): Promise<string | undefined> {
  const key = await readPrivateKey(privateKey);
  if (key?.algorithm !== "RS256") return undefined;
  const iat = Math.floor(now / 1000);
  const iss = `${account}@${tenant}.iam.acesso.io`;
  return signJwt({ iss, aud: audience, scope: "*", iat, exp: iat + LIFETIME_SECONDS }, key);
}

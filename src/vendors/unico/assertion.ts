/**
 * The assertion by which a service account asks for a token (RFC 7523). Its claims are exactly these five: with any other
 * one the vendor refuses it.
 * Source: developer.unico.io, page "Authentication".
 */
import { toBase64Url } from "../../core/base64.ts";
import { readPrivateKey } from "./private-key.ts";

export interface ServiceAccount {
  account: string;
  tenant: string;
  /** The identity server's origin, without a slash at its end. */
  audience: string;
  /** PEM */
  privateKey: string;
}

const LIFETIME_SECONDS = 3600;

/** A JWT for the next hour; `undefined` where the key cannot be read. @param now epoch milliseconds */
export async function signAssertion(
  { account, tenant, audience, privateKey }: ServiceAccount,
  now: number,
): Promise<string | undefined> {
  const key = await readPrivateKey(privateKey);
  if (!key) return undefined;
  const iat = Math.floor(now / 1000);
  const claims = {
    iss: `${account}@${tenant}.iam.acesso.io`,
    aud: audience,
    scope: "*",
    iat,
    exp: iat + LIFETIME_SECONDS,
  };
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  const signature = await crypto.subtle.sign(key.algorithm.name, key, new TextEncoder().encode(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}

function encode(part: object): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(part)));
}

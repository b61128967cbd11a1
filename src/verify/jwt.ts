/**
 * A JWT (RFC 7519) by a key that its issuer publishes (RFC 7517). Where a claim holds the body's hash it is a signature of the
 * webhook; without one it says only who may come in.
 */
import { jwtVerify, type JWTPayload } from "jose";
import { JWTClaimValidationFailed, JWTExpired } from "jose/errors";
import type { Scheme } from "../config/config.ts";
import { toBase64 } from "../core/base64.ts";
import { Unavailable } from "../core/unavailable.ts";
import { credentialsOf } from "./authorization.ts";
import { isEqual } from "./equal.ts";
import { pass, refuse, type RefusalReason, type Unproven, type Verdict, type VerifyDeps } from "./scheme.ts";

type Jwt = Extract<Scheme, { scheme: "jwt" }>;

/** Between the issuer's clock and this one. */
const SKEW_SECONDS = 60;

export async function verifyJwt(scheme: Jwt, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  const header = webhook.headers.get(scheme.header);
  if (header === null) return refuse("credential_missing");
  const token = credentialsOf(header, "Bearer") ?? header.trim();
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return refuse("credential_malformed");

  const { issuer, audience, algorithms, maxAgeSeconds, bodyHash } = scheme;
  const keyOf = async ({ kid }: { kid?: string }) => {
    const key = await deps.publishedKey(scheme.jwksUrl, kid);
    if (!key) throw new Error("an unknown key");
    return key;
  };
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(token, keyOf, {
      algorithms,
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(deps.now),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
      ...(maxAgeSeconds === undefined ? { requiredClaims: ["exp"] } : { maxTokenAge: maxAgeSeconds }),
    }));
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    return refuse(reasonOf(error));
  }
  if ((payload.iat ?? 0) > deps.now / 1000 + SKEW_SECONDS) return refuse("too_new");
  if (!bodyHash) return pass("credential");
  const claimed = payload[bodyHash.claim];
  const isWhole =
    typeof claimed === "string" &&
    (await isEqual(normalize(claimed, bodyHash.encoding), await hashOf(webhook.body, bodyHash.encoding)));
  return isWhole ? pass("signature") : refuse("credential_wrong");
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof JWTExpired) return error.claim === "iat" ? "too_old" : "token_expired";
  const isEarly = error instanceof JWTClaimValidationFailed && error.reason === "check_failed" && error.claim === "iat";
  return isEarly ? "too_new" : "credential_wrong";
}

/** Hex in lower case; base64 in the one alphabet, without padding. */
function normalize(text: string, encoding: "hex" | "base64"): string {
  return encoding === "hex" ? text.toLowerCase() : text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
}

async function hashOf(body: Uint8Array, encoding: "hex" | "base64"): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return normalize(encoding === "hex" ? hash.toHex() : toBase64(hash), encoding);
}

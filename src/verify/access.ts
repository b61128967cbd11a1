/** The assertion that Cloudflare Access puts on a request it has let through: a JWT, RS256, with the person's e-mail. */
import { jwtVerify } from "jose";
import type { Access } from "../core/access.ts";
import { Unavailable } from "../core/unavailable.ts";

/** A public RSA key as the team publishes it (RFC 7517). */
export interface AccessKey {
  kid: string;
  n: string;
  e: string;
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/**
 * The e-mail in lower case; `undefined` where the assertion proves nothing here. Throws where the team's keys cannot be had.
 * @param keyOf by the id of a key, which anybody may have written
 */
export async function readAssertion(
  assertion: string,
  { team, audience }: Pick<Access, "team" | "audience">,
  keyOf: (kid: string) => Promise<AccessKey | undefined>,
  now: number,
): Promise<string | undefined> {
  const importKey = async ({ kid = "" }: { kid?: string }) => {
    const key = await keyOf(kid);
    if (!key) throw new Error("an unknown key");
    return crypto.subtle.importKey("jwk", { kty: "RSA", n: key.n, e: key.e }, RSA, false, ["verify"]);
  };
  try {
    const { payload } = await jwtVerify(assertion, importKey, {
      algorithms: ["RS256"],
      issuer: `https://${team}`,
      audience,
      currentDate: new Date(now),
      requiredClaims: ["exp"],
    });
    const { email } = payload;
    return typeof email === "string" && email !== "" ? email.toLowerCase() : undefined;
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    return undefined;
  }
}

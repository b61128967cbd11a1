/** The assertion that Cloudflare Access puts on a request it has let through: a JWT, RS256, with the person's e-mail. */
import { jwtVerify } from "jose";
import type { Access } from "../core/access.ts";
import { Unavailable } from "../core/unavailable.ts";

/**
 * The e-mail in lower case; `undefined` where the assertion proves nothing here. Throws where the team's keys cannot be had.
 * @param keyOf by the id of a key, which anybody may have written
 */
export async function readAssertion(
  assertion: string,
  { team, audience }: Pick<Access, "team" | "audience">,
  keyOf: (kid: string) => Promise<JsonWebKey | undefined>,
  now: number,
): Promise<string | undefined> {
  const findKey = async ({ kid = "" }: { kid?: string }) => {
    const key = await keyOf(kid);
    if (!key) throw new Error("an unknown key");
    return key;
  };
  try {
    const { payload } = await jwtVerify(assertion, findKey, {
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

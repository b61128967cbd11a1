/** HTTP Basic, RFC 7617 (Unico). */
import type { Scheme } from "../config/config.ts";
import { isEqual } from "./equal.ts";
import { readBasic } from "./authorization.ts";
import { anySecret, readSecrets } from "./secrets.ts";
import { pass, refuse, type Unproven, type Verdict, type VerifyDeps } from "./scheme.ts";

type Basic = Extract<Scheme, { scheme: "basic" }>;

export async function verifyBasic(scheme: Basic, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  const header = webhook.headers.get("authorization");
  if (header === null) return refuse("credential_missing");
  const presented = readBasic(header);
  if (!presented) return refuse("credential_malformed");
  const secrets = await readSecrets(scheme.passwords, deps);
  if (secrets.length === 0) return refuse("secret_missing");
  const isUser = await isEqual(presented.user, scheme.username);
  const isPassword = await anySecret(secrets, (secret) => isEqual(presented.password, secret));
  return isUser && isPassword ? pass("credential") : refuse("credential_wrong");
}

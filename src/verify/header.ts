/** A shared secret in a header of its own (Regula's `http` action, Incode's custom headers, Unico's API key). */
import type { Scheme } from "../config/config.ts";
import { isEqual } from "./equal.ts";
import { anySecret, readSecrets } from "./secrets.ts";
import { pass, refuse, type Unproven, type Verdict, type VerifyDeps } from "./scheme.ts";

type Header = Extract<Scheme, { scheme: "header" }>;

export async function verifyHeader(scheme: Header, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  const presented = webhook.headers.get(scheme.name);
  if (presented === null) return refuse("credential_missing");
  const secrets = await readSecrets(scheme.values, deps);
  if (secrets.length === 0) return refuse("secret_missing");
  return (await anySecret(secrets, (secret) => isEqual(presented, secret)))
    ? pass("credential")
    : refuse("credential_wrong");
}

import type { SecretRef } from "../config/config.ts";
import type { VerifyDeps } from "./scheme.ts";

/** The secrets that are set. An empty one is as good as none: everybody knows it. */
export async function readSecrets(refs: readonly SecretRef[], deps: VerifyDeps): Promise<string[]> {
  const values = await Promise.all(refs.map((ref) => deps.secret(ref)));
  return values.filter((value) => value !== undefined && value !== "") as string[];
}

/** Whether any of the secrets passes. All are tried, so that the time tells nothing about which one it was. */
export async function anySecret<Secret>(
  secrets: readonly Secret[],
  passes: (secret: Secret) => Promise<boolean>,
): Promise<boolean> {
  const results = await Promise.all(secrets.map(passes));
  return results.includes(true);
}

/** Ed25519 (RFC 8032) by a key whose public half the configuration names: nothing here is secret. */
import type { Scheme } from "../config/config.ts";
import type { Unproven, Verdict, VerifyDeps } from "./scheme.ts";
import { verifySignature } from "./signature.ts";

type Ed25519 = Extract<Scheme, { scheme: "ed25519" }>;

export function verifyEd25519(scheme: Ed25519, webhook: Unproven, { now }: VerifyDeps): Promise<Verdict> {
  const keys = () => Promise.resolve(scheme.publicKeys);
  return verifySignature(scheme, webhook, now, { algorithm: { name: "Ed25519" }, bytes: 64, keys });
}

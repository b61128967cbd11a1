/**
 * Whether a webhook is who it says it is: any one of a source's verifications suffices, `all` needs each of its own. The
 * basis is the strongest that passed.
 */
import type { Scheme, Verification } from "../config/config.ts";
import type { Basis } from "../core/event.ts";
import { Unavailable } from "../core/unavailable.ts";
import { verifyBasic } from "./basic.ts";
import { verifyBearer } from "./bearer.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { verifyHeader } from "./header.ts";
import { verifyHmac } from "./hmac.ts";
import { verifyIp } from "./ip.ts";
import { verifyJwt } from "./jwt.ts";
import { pass, refuse, type Proof, type Unproven, type Verdict, type VerifyDeps } from "./scheme.ts";

/** Strongest first. */
const BASES: readonly Basis[] = ["signature", "credential", "none"];

/**
 * Throws where what might pass cannot be known now, and nothing else has proven anything: an issuer that is down refuses nobody, and
 * what it would prove is not taken as unproven for good, since a vendor does not send again what was taken.
 */
export async function verify(
  verifications: readonly Verification[],
  webhook: Unproven,
  deps: VerifyDeps,
): Promise<Proof> {
  let best: Proof = refuse("credential_missing");
  let unavailable: Unavailable | undefined;
  for (const each of verifications) {
    try {
      const verdict = "all" in each ? await verifyAll(each.all, webhook, deps) : await verifyOne(each, webhook, deps);
      if (isStronger(verdict, best)) best = verdict;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      unavailable = error;
    }
    if (best.ok && best.basis === BASES[0]) break;
  }
  if (unavailable && (!best.ok || best.basis === "none")) throw unavailable;
  return best;
}

/** Of refusals the last one is told to the log. */
function isStronger(verdict: Proof, than: Proof): boolean {
  if (!than.ok) return true;
  return verdict.ok && BASES.indexOf(verdict.basis) < BASES.indexOf(than.basis);
}

async function verifyAll(schemes: readonly Scheme[], webhook: Unproven, deps: VerifyDeps): Promise<Proof> {
  const passed: Basis[] = [];
  for (const scheme of schemes) {
    const verdict = await verifyOne(scheme, webhook, deps);
    if (!verdict.ok) return verdict;
    passed.push(verdict.basis);
  }
  const basis = BASES.find((each) => passed.includes(each)) ?? "none";
  return { ok: true, basis, scheme: schemes.map(({ scheme }) => scheme).join("+") };
}

async function verifyOne(scheme: Scheme, webhook: Unproven, deps: VerifyDeps): Promise<Proof> {
  const verdict = await verifyBy(scheme, webhook, deps);
  return verdict.ok ? { ...verdict, scheme: scheme.scheme } : verdict;
}

async function verifyBy(scheme: Scheme, webhook: Unproven, deps: VerifyDeps): Promise<Verdict> {
  switch (scheme.scheme) {
    case "hmac":
      return verifyHmac(scheme, webhook, deps);
    case "ed25519":
      return verifyEd25519(scheme, webhook, deps);
    case "jwt":
      return verifyJwt(scheme, webhook, deps);
    case "header":
      return verifyHeader(scheme, webhook, deps);
    case "basic":
      return verifyBasic(scheme, webhook, deps);
    case "bearer":
      return verifyBearer(scheme, webhook, deps);
    case "ip":
      return verifyIp(scheme, webhook);
    case "none":
      return pass("none");
  }
}

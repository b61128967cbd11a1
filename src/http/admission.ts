/**
 * Who asks: the holder of the root token, of a named one, or a person that Cloudflare Access vouches for. The root token needs no
 * store, so that there is a way in whatever else is out.
 */
import type { Access } from "../core/access.ts";
import { isOver, readApiToken, type KeptApiToken } from "../core/api-token.ts";
import { sha256Hex } from "../core/digest.ts";
import { roleOf, type Identity } from "../core/roles.ts";
import { readAssertion } from "../verify/access.ts";
import { credentialsOf } from "../verify/authorization.ts";
import { isEqual } from "../verify/equal.ts";
import { problem } from "./problem.ts";

export interface AdmissionDeps {
  adminToken: string;
  /** By its id; throws where the ledger is out of reach. */
  apiToken(id: string): Promise<KeptApiToken | undefined>;
  /** `undefined` where Access is not used. */
  access(): Access | undefined;
  /** Throws where the team's keys cannot be had. */
  publishedKey(url: string, id: string): Promise<JsonWebKey | undefined>;
  /** Origins under which this gateway is reached. */
  ownOrigins: readonly string[];
  /** Whether this address has had too many refusals; counts one more. */
  isRefusedTooOften(key: string): Promise<boolean>;
  /** Epoch milliseconds. */
  now: number;
}

const ASSERTION = "cf-access-jwt-assertion";

/** Whether the request brings anything that `identify` would look at. */
export const bringsCredentials = ({ headers }: Request): boolean =>
  headers.has("authorization") || headers.has(ASSERTION);

/** Or the refusal of who cannot say. A token that is sent decides, whoever else is vouched for. */
export async function identify(request: Request, deps: AdmissionDeps): Promise<Identity | Response> {
  const authorization = request.headers.get("authorization");
  const assertion = authorization === null ? request.headers.get(ASSERTION) : null;
  const access = assertion === null ? undefined : deps.access();
  if (assertion !== null && access) {
    const person = await byAccess(assertion, access, deps);
    if (person) return isFromElsewhere(request, deps.ownOrigins) ? problem("cross_site") : person;
  }
  const holder = authorization === null ? undefined : await byToken(authorization, deps);
  return holder ?? refuse(request, deps);
}

async function byToken(authorization: string, deps: AdmissionDeps): Promise<Identity | undefined> {
  const presented = credentialsOf(authorization, "Bearer");
  if (presented === undefined) return undefined;
  if (await isEqual(presented, deps.adminToken)) return { name: "admin", role: "admin" };
  const token = readApiToken(presented);
  const kept = token && (await deps.apiToken(token.id));
  if (!kept || !(await isEqual(await sha256Hex(token.secret), kept.digest)) || isOver(kept, deps.now)) return undefined;
  return { name: kept.name, role: kept.role };
}

async function byAccess(assertion: string, access: Access, deps: AdmissionDeps): Promise<Identity | undefined> {
  const email = await readAssertion(
    assertion,
    access,
    (kid) => deps.publishedKey(`https://${access.team}/cdn-cgi/access/certs`, kid),
    deps.now,
  );
  return email === undefined ? undefined : { name: email, role: roleOf(email, access.rules) };
}

/** Access goes by a cookie, which a browser sends along whoever's page makes it ask. */
function isFromElsewhere({ method, headers }: Request, ownOrigins: readonly string[]): boolean {
  const origin = headers.get("origin");
  return method !== "GET" && method !== "HEAD" && origin !== null && !ownOrigins.includes(origin);
}

async function refuse(request: Request, deps: AdmissionDeps): Promise<Response> {
  const address = request.headers.get("cf-connecting-ip") ?? "";
  if (await deps.isRefusedTooOften(`admin ${address}`)) return problem("too_many_refusals");
  return problem("not_signed_in", {}, { "www-authenticate": 'Bearer realm="gatepost"' });
}

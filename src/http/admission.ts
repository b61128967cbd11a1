/** Who asks: the holder of the admin token. */
import type { Identity } from "../core/roles.ts";
import { credentialsOf } from "../verify/authorization.ts";
import { isEqual } from "../verify/equal.ts";
import { problem } from "./problem.ts";

export interface AdmissionDeps {
  adminToken: string;
  /** Whether this address has had too many refusals; counts one more. */
  isRefusedTooOften(key: string): Promise<boolean>;
}

const ROOT: Identity = { name: "admin", role: "admin" };

/** Or the refusal of who cannot say. */
export async function identify(request: Request, deps: AdmissionDeps): Promise<Identity | Response> {
  const token = credentialsOf(request.headers.get("authorization") ?? "", "Bearer");
  if (token !== undefined && (await isEqual(token, deps.adminToken))) return ROOT;
  const address = request.headers.get("cf-connecting-ip") ?? "";
  if (await deps.isRefusedTooOften(`admin ${address}`)) return problem("too_many_refusals");
  return problem("not_signed_in", {}, { "www-authenticate": 'Bearer realm="gatepost"' });
}

/** Whether the request brings anything that `identify` would look at. */
export const bringsCredentials = (request: Request): boolean => request.headers.has("authorization");

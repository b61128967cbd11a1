/** Who may call the admin API: the holder of the admin token. */
import { credentialsOf } from "../verify/authorization.ts";
import { isEqual } from "../verify/equal.ts";
import { problem } from "./problem.ts";

export interface AdminDeps {
  adminToken: string;
  isRefusedTooOften(key: string): Promise<boolean>;
}

export async function isSignedIn(request: Request, adminToken: string): Promise<boolean> {
  const token = credentialsOf(request.headers.get("authorization") ?? "", "Bearer");
  return token !== undefined && (await isEqual(token, adminToken));
}

/** `undefined` where the caller may go on. */
export async function refuseStranger(request: Request, deps: AdminDeps): Promise<Response | undefined> {
  if (await isSignedIn(request, deps.adminToken)) return undefined;
  const address = request.headers.get("cf-connecting-ip") ?? "";
  if (await deps.isRefusedTooOften(`admin ${address}`)) return problem("too_many_refusals");
  return problem("not_signed_in", {}, { "www-authenticate": 'Bearer realm="gatepost"' });
}

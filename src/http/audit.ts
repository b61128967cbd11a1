/** Writing down who did what, and `GET /api/audit`. */
import type { AuditEntry, AuditLedger, AuditParking } from "../core/audit.ts";
import { answerList, like, paging, type Paging, type Parameters } from "./query.ts";
import type { Route } from "./route.ts";
import { listOf } from "./schemas.ts";

export interface AuditDeps {
  ledger: AuditLedger;
  parking: Pick<AuditParking, "park">;
  newId(): string;
}

/** Whether it stands anywhere. */
export async function writeDown(entry: Omit<AuditEntry, "id">, deps: AuditDeps): Promise<boolean> {
  const whole = { id: deps.newId(), ...entry };
  try {
    await deps.ledger.write([whole]).catch(() => deps.parking.park(whole));
    return true;
  } catch {
    return false;
  }
}

interface AuditQuery extends Paging {
  actor?: string;
  action?: string;
}

const PARAMETERS: Parameters<AuditQuery> = {
  actor: like(/^[^\0]{1,320}$/, "a caller's name, at most 320 characters"),
  action: like(/^[\w.-]{1,64}$/, "an operationId, file.opened or config.adopted"),
  ...paging,
};

export const auditRoutes: readonly Route<{ audit: AuditDeps }>[] = [
  {
    method: "GET",
    path: "/api/audit",
    allow: "admin",
    id: "listAudit",
    summary: "Who changed what, and who opened what, newest first",
    query: PARAMETERS,
    answers: { 200: { schema: listOf("AuditEntry") } },
    handle: ({ request, deps }) =>
      answerList(request, PARAMETERS, (filter, limit, after) => deps.audit.ledger.list(filter, limit, after)),
  },
];

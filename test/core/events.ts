/** A small statement and the event made of it, to be varied by tests. */
import { composeEvent, type Provenance } from "../../src/core/compose.ts";
import type { CanonicalEvent, Statement } from "../../src/core/event.ts";

export const provenance: Provenance = {
  id: "evt_1",
  source: "seon-live",
  vendor: "seon",
  environment: "live",
  sequence: "01J00000000000000000000000",
  receivedAt: "2026-11-17T08:00:00.000Z",
  basis: "signature",
  publicUrl: "https://gateway.example",
};

export function statementOf(changes: Partial<Statement> = {}): Statement {
  return {
    type: "idv.session.finished",
    outcome: "approved",
    time: "2026-11-17T07:59:00.000Z",
    session: { id: "session-1", vendorStatus: "APPROVED" },
    ...changes,
  };
}

export function eventOf(
  statement: Partial<Statement> = {},
  known: Partial<Provenance> = {},
  superseded = false,
): CanonicalEvent {
  const complete = statementOf(statement);
  return composeEvent(complete, { ...provenance, ...known }, { type: complete.type, superseded });
}

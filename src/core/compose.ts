/** An event put together from what its vendor says, what the gateway knows, and what was fetched for it. */
import { withoutAbsent } from "./absent.ts";
import type { Basis, CanonicalEvent, Environment, Missing, Standing, Statement } from "./event.ts";
import type { StoredFile } from "./files.ts";
import { isFinal } from "./outcome.ts";

/** What the gateway itself knows about the event. */
export interface Provenance {
  id: string;
  /** From 2 on: the receipt was processed anew, and this stands in the place of the event of that id. */
  revision?: { number: number; supersedes: string } | undefined;
  source: string;
  vendor: string;
  environment: Environment;
  /** ULID of the receipt. */
  sequence: string;
  /** When the webhook was received, ISO 8601. */
  receivedAt: string;
  basis: Basis;
  /** Origin under which the gateway's schemas are read. */
  publicUrl: string;
}

/** The same event with what was fetched for it. */
export function withFiles(
  event: CanonicalEvent,
  files: readonly StoredFile[],
  missing: readonly Missing[],
): CanonicalEvent {
  const { vendorData, missing: missed = [], ...data } = event.data;
  return withoutAbsent({
    ...event,
    data: { ...data, files, missing: [...missed, ...missing], vendorData },
  }) as CanonicalEvent;
}

/** Puts a statement and what the gateway knows together. The same input gives the same bytes once serialized. */
export function composeEvent(statement: Statement, provenance: Provenance, standing: Standing): CanonicalEvent {
  const { session, outcome } = statement;
  return withoutAbsent({
    specversion: "1.0",
    id: provenance.id,
    source: `/in/${provenance.source}`,
    type: standing.type,
    subject: session.id,
    time: statement.time ?? provenance.receivedAt,
    datacontenttype: "application/json",
    dataschema: `${provenance.publicUrl}/schemas/event.v1.json`,
    vendor: provenance.vendor,
    outcome,
    environment: provenance.environment,
    sequence: provenance.sequence,
    revision: provenance.revision?.number,
    data: {
      session: {
        ...session,
        outcome,
        final: isFinal(outcome),
        basis: provenance.basis,
        superseded: standing.superseded ? true : undefined,
      },
      supersedes: provenance.revision?.supersedes,
      person: statement.person,
      document: statement.document,
      checks: statement.checks,
      timeline: statement.timeline,
      watchlist: statement.watchlist,
      extracted: statement.extracted,
      missing: statement.missing,
      vendorData: statement.vendorData,
    },
  }) as CanonicalEvent;
}

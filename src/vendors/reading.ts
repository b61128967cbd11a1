/** How what was read back from a vendor is put together with what its webhook said. */
import type { Missing, Statement } from "../core/event.ts";

/** Everything a reading may add to a statement. */
export type Findings = Pick<Statement, "person" | "document" | "checks" | "extracted">;

/** That the session was not read is said of it before; whoever reads it says it anew, or no more. */
export function withMissing(statement: Statement, ...found: readonly Missing[]): Statement {
  const earlier = (statement.missing ?? []).filter(({ what }) => what !== "session");
  return { ...statement, missing: [...earlier, ...found] };
}

/** What comes later completes what is there and never replaces it, but for `extracted`, which is each place's own. */
export function completedBy(known: Findings, more: Findings): Findings {
  return {
    person: { ...more.person, ...known.person },
    document: { ...more.document, ...known.document },
    checks: [...(known.checks ?? []), ...(more.checks ?? [])],
    extracted: { ...more.extracted, ...known.extracted },
  };
}

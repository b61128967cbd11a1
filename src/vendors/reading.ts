/** How what was read back from a vendor is put together with what its webhook said. */
import type { Missing, Statement } from "../core/event.ts";

/** A webhook whose session is read. */
export interface Webhook {
  statement: Statement;
  /** It came with a signature or a credential. */
  isProven: boolean;
}

/** Everything a reading may add to a statement. */
export type Findings = Pick<Statement, "person" | "document" | "checks" | "extracted">;

/**
 * What a reading starts from. Anyone may have sent a webhook that is not proven: whatever it says besides the ids that are asked
 * for would stand in the event beside the vendor's own words, and be taken for one of them.
 */
export function startOf({ statement, isProven }: Webhook): Statement {
  if (isProven) return statement;
  const { type, session, watchlist } = statement;
  const asked = { outcome: "unknown", session: session.id === undefined ? {} : { id: session.id } } as const;
  return type === "idv.watchlist.updated" ? { type, ...asked, watchlist } : { type: "idv.session.progress", ...asked };
}

/**
 * The answer speaks of another session than was asked for: a vendor that matches ids loosely, or a proxy that mixes answers up, must
 * not have one session's verdict stand under another one's name.
 */
export function isOfAnother(answered: string | undefined, asked: string | undefined): boolean {
  return answered !== undefined && answered !== asked;
}

/** That the session was not read is said of it before; whoever reads it says it anew, or no more. */
export function withMissing(statement: Statement, found: readonly Missing[]): Statement {
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

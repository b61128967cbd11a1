/** How a statement stands to what its session has said before: an event, which type of event, or nothing new. */
import { sha256Hex } from "./digest.ts";
import type { EventType, Standing, Statement } from "./event.ts";

/** What the ledger remembers of a session. `version` counts its changes and guards concurrent ones. */
export interface SessionState {
  version: number;
  /** Digest of the newest statement. */
  digest: string;
  /** Time of the newest statement, ISO 8601 in UTC with milliseconds. */
  time: string;
  /** A finished or updated event has been made. */
  ended: boolean;
}

export type Comparison = { kind: "unchanged" } | { kind: "event"; standing: Standing; next: SessionState | undefined };

/** A digest of all that a statement says, apart from when it was said. */
export function digestStatement(statement: Statement): Promise<string> {
  const { time: _time, vendorData: _vendorData, ...said } = statement;
  return sha256Hex(JSON.stringify(said));
}

/** Nobody can tell a watchlist notice, or a verdict that could not be read, from another one of its kind. */
export function isComparable(statement: Statement): boolean {
  return statement.type !== "idv.watchlist.updated" && statement.outcome !== "unknown";
}

/**
 * `next` is the session's state once the event is committed; `undefined` where the event does not move the session: a
 * watchlist notice says nothing of its outcome, and an older statement does not undo a newer one.
 */
export function compare(
  statement: Statement,
  said: { digest: string; time: string; isRepeatedMoment: boolean },
  session: SessionState | undefined,
): Comparison {
  const hasBeenSaid = said.isRepeatedMoment || session?.digest === said.digest;
  if (isComparable(statement) && hasBeenSaid) return { kind: "unchanged" };
  if (statement.type === "idv.watchlist.updated") {
    return { kind: "event", standing: { type: statement.type, superseded: false }, next: undefined };
  }

  const superseded = session !== undefined && said.time < session.time;
  if (superseded) return { kind: "event", standing: { type: statement.type, superseded }, next: undefined };

  const ended = session?.ended ?? false;
  const type: EventType = ended && statement.type === "idv.session.finished" ? "idv.session.updated" : statement.type;
  const next: SessionState = {
    version: (session?.version ?? 0) + 1,
    digest: said.digest,
    time: said.time,
    ended: ended || type !== "idv.session.progress",
  };
  return { kind: "event", standing: { type, superseded }, next };
}

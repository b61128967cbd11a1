/** How a statement stands to what its session has said before: an event, which type of event, or nothing new. */
import { sha256Hex } from "./digest.ts";
import type { Basis, Standing, Statement } from "./event.ts";
import { inOrder } from "./json.ts";

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

/** What is compared of a statement. */
export interface Said {
  digest: string;
  /** ISO 8601 in UTC with milliseconds. */
  time: string;
  /** The same bytes, which name a moment, were told of before. */
  isRepeatedMoment: boolean;
  /** It is its vendor's own answer. */
  isReadBack: boolean;
}

/** `next` is the session's state once this is committed; `undefined` where it does not move the session. */
export type Comparison =
  | { kind: "unchanged"; next: SessionState | undefined }
  | { kind: "event"; standing: Standing; next: SessionState | undefined };

/**
 * A digest of all that a statement says and what it rests on, apart from when it was said: proof of it is news.
 * @param files the vendor's names of the files that belong to it
 */
export function digestStatement(statement: Statement, basis: Basis, files: readonly string[] = []): Promise<string> {
  const { time: _time, vendorData: _vendorData, ...said } = statement;
  return sha256Hex(JSON.stringify(inOrder({ ...said, basis, ...(files.length > 0 ? { files } : {}) })));
}

/**
 * Nobody can tell a watchlist notice, or a verdict that could not be read, from another one of its kind. A session that was
 * read back can be told even where its verdict means nothing to us.
 */
export function isComparable(statement: Statement): boolean {
  return statement.type !== "idv.watchlist.updated" && statement.outcome !== "unknown";
}

/**
 * A watchlist notice says nothing of its session's outcome and moves nothing; nor does an older statement undo a newer one.
 * What is unchanged still moves the session's time: it has been said again, later.
 */
export function compare(statement: Statement, said: Said, session: SessionState | undefined): Comparison {
  if (statement.type === "idv.watchlist.updated") {
    return { kind: "event", standing: { type: statement.type, superseded: false }, next: undefined };
  }
  const { digest, time } = said;
  const superseded = session !== undefined && time < session.time;
  const version = (session?.version ?? 0) + 1;
  if (isComparable(statement) || said.isReadBack) {
    if (said.isRepeatedMoment) return { kind: "unchanged", next: undefined };
    if (session?.digest === digest && !superseded) return { kind: "unchanged", next: { ...session, version, time } };
  }
  if (superseded) return { kind: "event", standing: { type: statement.type, superseded }, next: undefined };

  const hasEnded = session?.ended ?? false;
  // An unknown said again is news, since nobody can tell, but no change of outcome.
  const isChange = hasEnded && statement.type === "idv.session.finished" && session?.digest !== digest;
  const type = isChange ? "idv.session.updated" : statement.type;
  const ended = hasEnded || type !== "idv.session.progress";
  return { kind: "event", standing: { type, superseded }, next: { version, digest, time, ended } };
}

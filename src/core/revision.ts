/** A receipt's event made anew, against the one that it made before: what a revision is for, and what it must not do. */
import type { CanonicalEvent, EventType, Statement } from "./event.ts";
import { inOrder } from "./json.ts";
import { compare, type Comparison, type Said, type SessionState } from "./standing.ts";

/** The event that would be superseded. `isNewest`: its session still stands on it. */
export interface Earlier {
  type: EventType | undefined;
  isNewest: boolean;
  /** Something was missing from it, and may be had now. */
  isIncomplete: boolean;
}

/**
 * A revision stands where its earlier event stood: a session that has gone on since is not turned back, and an end stays the end
 * that it was, for those who hear of nothing else. Only what a vendor says now is news of its session wherever it comes from.
 */
export function compareRevision(
  statement: Statement,
  said: Said,
  session: SessionState | undefined,
  earlier: Earlier,
): Comparison {
  const comparison = compareInPlace(statement, said, session, earlier);
  if (comparison.kind === "unchanged") return comparison;
  const { standing } = comparison;
  const { type, isNewest } = earlier;
  const isSameEnd = statement.type === "idv.session.finished" && (isNewest || standing.superseded);
  const keeps = isSameEnd && (type === "idv.session.finished" || type === "idv.session.updated");
  return keeps ? { ...comparison, standing: { ...standing, type } } : comparison;
}

function compareInPlace(
  statement: Statement,
  said: Said,
  session: SessionState | undefined,
  { isNewest, isIncomplete }: Earlier,
): Comparison {
  if (!session) return compare(statement, said, session);
  if (!isNewest) return said.isReadBack ? compare(statement, said, session) : overtaken(statement);
  // The same may have been said again since.
  const time = said.time > session.time ? said.time : session.time;
  return compare(statement, { ...said, time }, isIncomplete ? { ...session, digest: "" } : session);
}

function overtaken({ type }: Statement): Comparison {
  return { kind: "event", standing: { type, superseded: type !== "idv.watchlist.updated" }, next: undefined };
}

/** `less`: something that the earlier one has could not be had any more. What it has is worth more than a revision without. */
export function judgeRevision(event: CanonicalEvent, earlier: CanonicalEvent): "same" | "less" | "news" {
  if (wordsOf(event) === wordsOf(earlier)) return "same";
  return lacksWhatItHad(event, earlier) ? "less" : "news";
}

/** Without what tells one event from another, how it stood then, and the vendor's payload, which may differ each time it is read. */
function wordsOf({ id: _id, revision: _revision, type, data, ...attributes }: CanonicalEvent): string {
  const { supersedes: _supersedes, vendorData: _payload, session, files = [], ...said } = data;
  const { superseded: _superseded, ...ofSession } = session;
  const kind = type === "idv.session.updated" ? "idv.session.finished" : type;
  const named = files.map(({ id: _file, url: _url, ...file }) => file);
  return JSON.stringify(inOrder({ ...attributes, kind, ...said, ofSession, named }));
}

const OF_FILE = "files/";

function lacksWhatItHad({ data }: CanonicalEvent, { data: earlier }: CanonicalEvent): boolean {
  const missed = new Set(earlier.missing?.map(({ what }) => what));
  const missing = (data.missing ?? []).map(({ what }) => what).filter((what) => !missed.has(what));
  if (missing.some((what) => !what.startsWith(OF_FILE))) return true;
  const had = new Set(data.files?.map(({ sha256 }) => sha256));
  return missing.length > 0 && (earlier.files ?? []).some(({ sha256 }) => !had.has(sha256));
}

/** What a batch of receipts comes to, against what the ledger knows. Receipts of one session are taken in order of arrival. */
import type { Config } from "../config/config.ts";
import { composeEvent } from "../core/compose.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { eventId } from "../core/ids.ts";
import {
  sessionKeyOf,
  type KnownReceipt,
  type Past,
  type ReceiptOutcome,
  type ReceiptState,
  type SessionMove,
} from "../core/ledger.ts";
import type { KeptAction } from "../core/receipt.ts";
import { compareRevision } from "../core/revision.ts";
import { compare, digestStatement, type Said, type SessionState } from "../core/standing.ts";
import { Unavailable } from "../core/unavailable.ts";
import { entryOf, type Candidate } from "./candidate.ts";
import { withoutSession } from "./read.ts";

/**
 * What was read before another statement of the session was committed may be older than that one, whatever the clocks say: it
 * has to be read again.
 */
export class SessionMoved extends Unavailable {
  constructor() {
    super("session");
  }
}

export type Decision =
  | { kind: "done"; event: string | undefined }
  | { kind: "outcome"; outcome: ReceiptOutcome }
  | { kind: "event"; event: CanonicalEvent; move: SessionMove }
  /** Kept with all that belongs to it, and made known to nobody. */
  | { kind: "kept"; event: CanonicalEvent; outcome: ReceiptOutcome }
  | { kind: "failed"; error: unknown };

const SAID: ReadonlySet<string> = new Set(["event", "unchanged"]);

export const hasSaid = (known: KnownReceipt | undefined): boolean => SAID.has(known?.state ?? "");

/** What was only recorded, or could not be read, may be looked at anew: the configuration may have been mended since. */
const isDoneFor = (action: KeptAction, state: ReceiptState): boolean =>
  SAID.has(state) || state === "refiled" || (state === "recorded" && action === "record");

/** A copy of a message that was handled. */
export function isDone(
  { action, again }: Pick<Candidate, "action" | "again">,
  known: KnownReceipt | undefined,
): boolean {
  if (again) return known?.askedAt !== again.at;
  return known !== undefined && isDoneFor(action, known.state);
}

export interface Decided {
  candidate: Candidate;
  decision: Decision;
}

/** In their order; each takes into account what those before it will have done to their session. */
export async function decideAll(candidates: readonly Candidate[], past: Past, config: Config): Promise<Decided[]> {
  const sessions = new Map(past.sessions);
  const standing = new Map(past.standing);
  const decided: Decided[] = [];
  for (const candidate of candidates) {
    const decision = await decide(candidate, { ...past, sessions, standing }, config).catch(
      (error: unknown): Decision => ({
        kind: "failed",
        error,
      }),
    );
    const key = sessionKeyOf(candidate.receipt.address);
    const next = movesTo(decision);
    if (next) sessions.set(key, next);
    if (next && decision.kind === "event") standing.set(key, decision.event.id);
    decided.push({ candidate, decision });
  }
  return decided;
}

function movesTo(decision: Decision): SessionState | undefined {
  if (decision.kind === "event") return decision.move.next;
  return decision.kind === "outcome" ? decision.outcome.move?.next : undefined;
}

async function decide(candidate: Candidate, past: Past, config: Config): Promise<Decision> {
  const { receipt, id, action, reading, session: read } = candidate;
  const known = past.receipts.get(id);
  if (isDone(candidate, known)) return { kind: "done", event: known?.event };

  const { address, facts } = receipt;
  const outcomeOf = (
    state: ReceiptOutcome["state"],
    details: Pick<ReceiptOutcome, "reason" | "move">,
  ): ReceiptOutcome => ({ ...entryOf(candidate), state, ...details });
  const outcome = (...of: Parameters<typeof outcomeOf>): Decision => ({ kind: "outcome", outcome: outcomeOf(...of) });
  if (!reading.ok) return outcome("unreadable", { reason: reading.reason });
  if (action === "record" && (!read || hasSaid(known))) return outcome("recorded", {});

  const source = config.sources.get(address.source);
  if (read?.isIncomplete && source?.session?.onGiveUp === "hold") return outcome("held", { reason: "session" });
  // Nobody said that there is such a session, and its vendor does not either.
  if (facts.isPull && !read?.isConfirmed) return outcome("held", { reason: "not_confirmed" });
  const statement = read?.statement ?? withoutSession(reading.statement, facts.vendor, source);
  const basis = read?.basis ?? facts.basis;
  const receivedAt = new Date(facts.receivedAt).toISOString();
  const number = (known?.revision ?? 0) + 1;
  const supersedes = number > 1 ? (known?.event ?? (await eventId(address, number - 1))) : undefined;
  const provenance = {
    id: await eventId(address, number),
    revision: supersedes === undefined ? undefined : { number, supersedes },
    source: address.source,
    vendor: facts.vendor,
    environment: facts.environment,
    sequence: facts.sequence,
    receivedAt,
    basis,
    publicUrl: facts.origin,
  };
  if (action === "record") {
    const event = composeEvent(statement, provenance, { type: statement.type, superseded: false });
    return { kind: "kept", event, outcome: outcomeOf("recorded", {}) };
  }
  const session = past.sessions.get(sessionKeyOf(address));
  const version = session?.version ?? 0;
  if (read && candidate.readFrom !== version) throw new SessionMoved();
  // Only what the vendor's answer decided is as new as that answer; a verdict of the webhook's own is as old as the webhook.
  const confirmed = read?.isConfirmed ? read : undefined;
  const said: Said = {
    digest: await digestStatement(
      confirmed?.said ?? statement,
      basis,
      read?.files.map(({ id: file }) => file).toSorted(),
    ),
    time: confirmed ? new Date(confirmed.readAt).toISOString() : (statement.time ?? receivedAt),
    isRepeatedMoment: !supersedes && !read && reading.identity.time !== undefined && wasSaid(candidate.earlier, past),
    isReadBack: confirmed !== undefined,
  };
  // Its session has said that, and may have gone on since.
  if (!confirmed && candidate.before?.digests.has(said.digest))
    return outcome("unchanged", { move: { expectedVersion: version, next: undefined } });
  const isIncomplete = candidate.before?.event?.data.missing !== undefined;
  const isNewest = session === undefined || past.standing.get(sessionKeyOf(address)) === supersedes;
  const comparison = supersedes
    ? compareRevision(statement, said, session, { type: known?.type, isNewest, isIncomplete })
    : compare(statement, said, session);
  const move = { expectedVersion: version, next: comparison.next };
  if (comparison.kind === "unchanged") return outcome("unchanged", { move });
  return { kind: "event", event: composeEvent(statement, provenance, comparison.standing), move };
}

const wasSaid = (receipt: string | undefined, past: Past): boolean =>
  receipt !== undefined && hasSaid(past.receipts.get(receipt));

/**
 * What follows from a decision before the ledger may know of it: the session's files are fetched, the event is stored, its
 * subscribers are found. An event is in R2 before it is in the ledger, so that what the ledger knows can be read.
 */
import type { Config } from "../config/config.ts";
import { withFiles } from "../core/compose.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { StoredFile } from "../core/files.ts";
import { deliveryId, type ReceiptAddress } from "../core/ids.ts";
import type { LedgerEntry, ReceiptOutcome, SessionMove } from "../core/ledger.ts";
import { judgeRevision } from "../core/revision.ts";
import { subscribersOf } from "../core/routing.ts";
import { writeStory } from "../core/story.ts";
import { spanOf, writeTraceparent } from "../core/trace.ts";
import { entryOf, traceOfReceipt, type Candidate } from "./candidate.ts";
import type { Decision } from "./decide.ts";
import { fetchFiles, type FilesDeps } from "./files.ts";
import { storyOf } from "./story.ts";
import { mayStillBeAsked } from "./wait.ts";

export interface EnactDeps extends FilesDeps {
  events: {
    write(address: ReceiptAddress, event: CanonicalEvent, metadata: Readonly<Record<string, string>>): Promise<string>;
  };
  now(): number;
}

/** `entry`: what the ledger is to know. Throws `NotYet` while files cannot be had. */
export async function enact(
  decision: Decision,
  candidate: Candidate,
  config: Config,
  deps: EnactDeps,
): Promise<{ decision: Decision; entry: LedgerEntry | undefined }> {
  if (decision.kind === "outcome") return { decision, entry: decision.outcome };
  if (decision.kind !== "event" && decision.kind !== "kept") return { decision, entry: undefined };

  const { address } = candidate.receipt;
  const complete = await complement(decision.event, candidate, config, deps);
  if (complete === "held") return instead({ ...entryOf(candidate), state: "held", reason: "files" });
  const { event, files, hasGivenUp } = complete;
  const revised = candidate.before?.event;
  const verdict = revised ? judgeRevision(event, revised) : "news";
  if (verdict === "same") return instead({ ...entryOf(candidate), state: "unchanged" });
  if (verdict === "less") return instead({ ...entryOf(candidate), state: "held", reason: "incomplete" });
  // Whoever delivers it goes on with the trace without looking for the receipt.
  const traceparent = writeTraceparent(traceOfReceipt(candidate), await spanOf("process", candidate.id));
  const writeWith = (move?: SessionMove) =>
    deps.events.write(address, event, { traceparent, story: writeStory(storyOf(candidate, config, move)) });
  if (decision.kind === "kept") {
    await writeWith();
    return { decision, entry: decision.outcome };
  }
  const move = hasGivenUp ? asIncomplete(decision.move) : decision.move;
  const object = await writeWith(move);
  const subscribers = subscribersOf(event, address.source, [...config.subscribers.values()]);
  const deliveries = await Promise.all(
    subscribers.map(async ({ name }) => ({ id: await deliveryId(event.id, name), subscriber: name })),
  );
  const { superseded = false } = event.data.session;
  const entry: LedgerEntry = {
    ...entryOf(candidate),
    state: "event",
    event: event.id,
    revision: event.revision,
    type: event.type,
    outcome: event.outcome,
    object,
    config: config.version,
    time: event.time,
    external: candidate.external,
    superseded,
    move,
    deliveries,
    files,
  };
  return { decision: { ...decision, event }, entry };
}

/** No event after all. */
const instead = (outcome: ReceiptOutcome): { decision: Decision; entry: LedgerEntry } => ({
  decision: { kind: "outcome", outcome },
  entry: outcome,
});

/** With its files; `held` where the source would rather have somebody look than deliver without some. */
async function complement(
  event: CanonicalEvent,
  candidate: Candidate,
  config: Config,
  deps: EnactDeps,
): Promise<{ event: CanonicalEvent; files: readonly StoredFile[]; hasGivenUp: boolean } | "held"> {
  const settings = config.sources.get(candidate.receipt.address.source)?.session;
  const { session: read, receipt } = candidate;
  if (!read || !settings) return { event, files: [], hasGivenUp: false };
  const isLast = !mayStillBeAsked(candidate, settings, deps.now());
  const { source, session } = receipt.address;
  const of = { source, session, event: event.id };
  const { files, missing, hasGivenUp } = await fetchFiles(read, of, settings, isLast, deps);
  // A source may rather have somebody look than deliver without.
  if (missing.length > 0 && settings.onGiveUp === "hold") return "held";
  return { event: withFiles(event, files, missing), files, hasGivenUp };
}

/** The session has more to say than its event holds: read again once its vendor is well, it is news. */
function asIncomplete({ next, ...move }: SessionMove): SessionMove {
  return { ...move, next: next && { ...next, digest: `${next.digest} incomplete` } };
}

/**
 * A receipt whose session could not be told when it came stands under the hash of its own bytes. Once its source is configured so that it
 * can, the receipt moves below its session, since whatever is of a session is looked for there: by an erasure before all.
 */
import type { Config } from "../config/config.ts";
import { hashSession, type ReceiptAddress } from "../core/ids.ts";
import type { ProcessingLedger } from "../core/ledger.ts";
import type { Arrival, Claimed, Receipt } from "../core/receipt.ts";
import { actionNow, entryOf, toCandidate, type Candidate } from "./candidate.ts";
import { hasSaid, isDone } from "./decide.ts";
import type { Reading } from "./read.ts";

export interface RefileDeps {
  receipts: {
    claim(arrival: Arrival): Promise<Claimed>;
    read(key: string): Promise<Receipt | undefined>;
    remove(key: string): Promise<void>;
  };
  ledger: Pick<ProcessingLedger, "past" | "commit">;
  keyOf(address: ReceiptAddress): string;
  now(): number;
}

/** What is to be processed, and under which other id it came. */
export interface Filed {
  candidate: Candidate;
  from?: Candidate | undefined;
}

/** Hash of the session that it belongs to, where that is not the one under which it stands. */
export async function homeOf(
  { address, facts }: Receipt,
  reading: Reading,
  config: Config,
): Promise<string | undefined> {
  // By the defaults of its vendor alone nobody knows where a workflow's author has put the session's id.
  if (!reading.ok || config.sources.get(address.source)?.vendor !== facts.vendor) return undefined;
  const session = await hashSession(address.source, reading.identity.sessionId);
  return session === address.session ? undefined : session;
}

/** What has said something as one session says nothing as another. */
export const OTHER_SESSION: Reading = { ok: false, reason: "other_session" };

export async function refile(candidate: Candidate, config: Config, deps: RefileDeps): Promise<Filed> {
  const { id, receipt, reading } = candidate;
  const { address, facts, body } = receipt;
  const source = config.sources.get(address.source);
  const session = await homeOf(receipt, reading, config);
  if (session === undefined || !source || !reading.ok) return { candidate };
  const known = (await deps.ledger.past([id], [])).receipts.get(id);
  // Who died over it may have left its bytes where it was.
  if (isDone(candidate, known) && known?.state !== "refiled") return { candidate };
  if (hasSaid(known)) return { candidate: { ...candidate, reading: OTHER_SESSION, external: undefined } };

  const arrival: Arrival = {
    address: { source: address.source, session, body: address.body },
    facts: { ...facts, action: actionNow(receipt, reading, config) },
    body,
    windowSeconds: source.windowSeconds,
    isDated: reading.identity.time !== undefined || reading.identity.deliveryId !== undefined,
  };
  const claimed = await deps.receipts.claim(arrival);
  // The same bytes may have come again since, and been understood.
  const moved = (await deps.receipts.read(deps.keyOf(claimed.address))) ?? { ...arrival, address: claimed.address };
  return { candidate: await toCandidate(moved, moved.facts.action, reading, 0), from: candidate };
}

/** Once it is in good hands where it is now: until then its message comes again, and nothing is lost. */
export async function retire(from: Candidate, { id, receipt }: Candidate, deps: RefileDeps): Promise<void> {
  await deps.ledger.commit(
    [{ ...entryOf(from), ...receipt.address, receipt: from.id, state: "refiled", reason: id }],
    deps.now(),
  );
  await deps.receipts.remove(deps.keyOf(from.receipt.address));
}

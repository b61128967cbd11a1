/** What became of a receipt that made no event, where the ledger does not know it any more: as far as the archive tells. */
import type { Config } from "../config/config.ts";
import type { ReceiptOutcome } from "../core/ledger.ts";
import type { Receipt } from "../core/receipt.ts";
import { digestStatement } from "../core/standing.ts";
import type { Story } from "../core/story.ts";
import { entryOf, toCandidate } from "./decide.ts";
import { sessionOf } from "./read-back.ts";
import { readReceipt, withoutSession } from "./read.ts";

/** No receipt is on its way for longer; the event that an older one made may have ended by its retention. */
const UNDER_WAY_MS = 7 * 86_400_000;

/**
 * `undefined` where it is for process to look at it: nothing was ever delivered for its session, or nothing will be for it.
 * @param storiesOf the events of a session
 */
export async function recallReceipt(
  receipt: Receipt,
  config: Config,
  now: number,
  storiesOf: (receipt: Receipt) => Promise<readonly Story[]>,
): Promise<ReceiptOutcome | undefined> {
  const { address, facts } = receipt;
  const reading = readReceipt(receipt, config);
  const candidate = await toCandidate(receipt, facts.action, reading, 0);
  const entry = entryOf(candidate);
  if (!reading.ok) return { ...entry, state: "unreadable", reason: reading.reason };
  const isReadBack = sessionOf(candidate, config) !== undefined;
  if (facts.action === "record") return isReadBack ? undefined : { ...entry, state: "recorded" };

  const stories = await storiesOf(receipt);
  if (stories.length === 0 && now - facts.receivedAt < UNDER_WAY_MS) return undefined;
  const statement = withoutSession(reading.statement, facts.vendor, config.sources.get(address.source));
  const digest = await digestStatement(statement, facts.basis);
  const isSaid = !isReadBack && stories.some(({ session }) => session?.digest === digest);
  // What its vendor said of it then nobody knows: it may have been nothing new, or something that was delivered.
  return isSaid ? { ...entry, state: "unchanged" } : { ...entry, state: "held", reason: "reindexed" };
}

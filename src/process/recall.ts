/** What became of a receipt that made no event, where the ledger does not know it any more: as far as the archive tells. */
import type { Config } from "../config/config.ts";
import type { ReceiptOutcome } from "../core/ledger.ts";
import type { Receipt } from "../core/receipt.ts";
import { compare, digestStatement, type SessionState } from "../core/standing.ts";
import type { Story } from "../core/story.ts";
import { entryOf, toCandidate } from "./candidate.ts";
import { sessionOf } from "./read-back.ts";
import { readReceipt, withoutSession } from "./read.ts";
import { homeOf, OTHER_SESSION } from "./refile.ts";

const DAY_MS = 86_400_000;
/** No receipt is on its way for longer. */
const UNDER_WAY_DAYS = 7;

/**
 * `undefined` where it is for process to look at it: what it says was never delivered, or nothing will be for it.
 * @param storiesOf the events of a session
 */
export async function recallReceipt(
  receipt: Receipt,
  config: Config,
  now: number,
  storiesOf: (receipt: Receipt) => Promise<readonly Story[]>,
): Promise<ReceiptOutcome | undefined> {
  const { address, facts } = receipt;
  const read = readReceipt(receipt, config);
  const reading = (await homeOf(receipt, read, config)) === undefined ? read : OTHER_SESSION;
  const candidate = await toCandidate(receipt, facts.action, reading, 0);
  const entry = entryOf(candidate);
  if (!reading.ok) return { ...entry, state: "unreadable", reason: reading.reason };
  const isReadBack = sessionOf(candidate, config) !== undefined;
  if (facts.action === "record") return isReadBack ? undefined : { ...entry, state: "recorded" };

  const source = config.sources.get(address.source);
  const stories = await storiesOf(receipt);
  const isOf = ({ body, generation }: Story["receipt"], wanted: number) =>
    body === address.body && generation === wanted;
  // Its own event has not been brought back: it may not have been committed.
  if (stories.some(({ receipt: own }) => isOf(own, address.generation))) return undefined;
  // The event that an older one made may have ended by its retention.
  const days = Math.min(UNDER_WAY_DAYS, source?.retention.events ?? UNDER_WAY_DAYS);
  const mayBeUnderWay = now - facts.receivedAt < days * DAY_MS;
  const held: ReceiptOutcome = { ...entry, state: "held", reason: "reindexed" };
  // What its vendor said of it then nobody knows: it may have been nothing new, or something that was delivered.
  if (isReadBack) return stories.length === 0 && mayBeUnderWay ? undefined : held;

  const statement = withoutSession(reading.statement, facts.vendor, source);
  const said = {
    digest: await digestStatement(statement, facts.basis),
    time: statement.time ?? new Date(facts.receivedAt).toISOString(),
    isRepeatedMoment:
      reading.identity.time !== undefined && stories.some(({ receipt: own }) => isOf(own, address.generation - 1)),
    isReadBack,
  };
  if (compare(statement, said, standingBefore(facts.receivedAt, stories)).kind === "unchanged") {
    return { ...entry, state: "unchanged" };
  }
  return mayBeUnderWay ? undefined : held;
}

/** How its session stood then: what was said later tells nothing of whether it was news. */
function standingBefore(receivedAt: number, stories: readonly Story[]): SessionState | undefined {
  const before = stories.filter(({ receipt, session }) => session && receipt.receivedAt <= receivedAt);
  return before.toSorted(byTime).at(-1)?.session;
}

const byTime = (left: Story, right: Story): number =>
  left.receipt.receivedAt - right.receipt.receivedAt || (left.session?.version ?? 0) - (right.session?.version ?? 0);

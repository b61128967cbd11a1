/** What is processed anew is held against what it said before: only what it would say otherwise today is news. */
import type { CanonicalEvent } from "../core/event.ts";
import type { KnownReceipt } from "../core/ledger.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import { readStory } from "../core/story.ts";
import type { Candidate } from "./candidate.ts";

export interface AgainDeps {
  events: {
    read(key: string): Promise<CanonicalEvent | undefined>;
    /** As far as one page goes. */
    ofSession(
      session: Pick<ReceiptAddress, "source" | "session">,
    ): Promise<{ metadata: Readonly<Record<string, string>> }[]>;
  };
}

/** Whatever else is processed is as it was. */
export async function recollect(
  candidate: Candidate,
  known: KnownReceipt | undefined,
  { events }: AgainDeps,
): Promise<Candidate> {
  if (!candidate.again || known?.askedAt !== candidate.again.at) return candidate;
  const event = known.object === undefined ? undefined : await events.read(known.object);
  const listed = known.state === "unchanged" ? await events.ofSession(candidate.receipt.address) : [];
  const digests = listed.flatMap(({ metadata }) => readStory(metadata["story"])?.session?.digest ?? []);
  return { ...candidate, before: { event, digests: new Set(digests) } };
}

/** `/api/events/{id}`: the whole road of one event, step by step, as it was then. */
import type { Config } from "../config/config.ts";
import type { CanonicalEvent } from "../core/event.ts";
import type { NoticeEvent } from "../core/notice.ts";
import type { ReceiptFacts } from "../core/receipt.ts";
import { judgeRoute } from "../core/routing.ts";
import type { SearchLedger } from "../core/search.ts";
import { readStory, type SessionReading } from "../core/story.ts";
import { withAnswers, type AnswersDeps } from "./attempts.ts";
import { problem } from "./problem.ts";
import { answer } from "./query.ts";

export interface StoryDeps extends AnswersDeps {
  ledger: Pick<SearchLedger, "findEvent">;
  config(): Promise<Config | undefined>;
  /** The number of the newest version with the document of this hash. */
  numberOf(hash: string): Promise<number | undefined>;
  /** An earlier one, by the hash of its document. */
  configOf(version: string): Promise<Config | undefined>;
  /** By its key in the archive, with what was written down beside it. */
  event(
    object: string,
  ): Promise<
    { event: CanonicalEvent | NoticeEvent; metadata: Readonly<Record<string, string | undefined>> } | undefined
  >;
  /** Of a receipt, by its key in the archive. */
  factsOf(object: string): Promise<ReceiptFacts | undefined>;
}

const ID = /^evt_[0-9a-f]{32}$/;

export async function getEvent(id: string, deps: StoryDeps): Promise<Response> {
  const found = ID.test(id) ? await deps.ledger.findEvent(id) : undefined;
  if (!found) return problem("unknown_event");
  const { summary, config: version, files, deliveries } = found;
  const { object: receiptObject, ...receipt } = found.receipt ?? {};
  const [stored, number, facts] = await Promise.all([
    deps.event(found.object),
    version === undefined ? undefined : deps.numberOf(version).catch(() => undefined),
    receiptObject === undefined ? undefined : deps.factsOf(receiptObject),
  ]);
  const read = readStory(stored?.metadata["story"])?.read;
  return answer({
    ...summary,
    receipt: found.receipt && receipt,
    verification: facts && { basis: facts.basis, scheme: facts.scheme },
    reading: read && tellReading(read),
    normalization: { config: version, version: number },
    event: stored?.event,
    files,
    routing: await judgeAll(stored?.event, summary.source, version, deps),
    deliveries: await withAnswers(deliveries, deps),
  });
}

const tellReading = ({ asked, at, isConfirmed, refusals }: SessionReading) => ({
  asked,
  at: new Date(at).toISOString(),
  confirmed: isConfirmed,
  refusals,
});

/** By the version that was in force then; where that is not on record, by the one that is now. */
async function judgeAll(
  event: CanonicalEvent | NoticeEvent | undefined,
  source: string,
  version: string | undefined,
  deps: StoryDeps,
) {
  const then = version === undefined ? undefined : await deps.configOf(version);
  const config = then ?? (await deps.config());
  const subscribers = event && config ? [...config.subscribers.values()] : [];
  return {
    judgedBy: then ? "the configuration of that time" : "the configuration as it is now",
    config: config?.version,
    subscribers: subscribers.map((subscriber) => ({
      subscriber: subscriber.name,
      ...(event && judgeRoute(event, source, subscriber)),
    })),
  };
}

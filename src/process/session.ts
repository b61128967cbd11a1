/** Reads the session behind a webhook back from the vendor. The vendor's answer to our own credential is what an event is made from. */
import type { SessionSource, Source } from "../config/config.ts";
import type { Basis, Statement } from "../core/event.ts";
import { isLike } from "../core/glob.ts";
import type { Receipt } from "../core/receipt.ts";
import { sessionAdapters } from "../vendors/registry.ts";
import type { AnswerFault, SessionAnswer, SessionFile, SessionRequest } from "../vendors/session.ts";
import { createAsker, NotYet, type AskDeps, type Asker } from "./ask.ts";
import type { ReadWebhook } from "./read.ts";

/** What webhook and session say together. */
export interface ReadSession {
  statement: Statement;
  basis: Basis;
  /** The outcome is the vendor's own answer. */
  isConfirmed: boolean;
  files: readonly SessionFile[];
  /** Epoch milliseconds; what was read later is newer, whatever the webhooks' order. */
  readAt: number;
  /** What the vendor's answers alone say: a webhook's own words are no news of the session. */
  said: Statement;
  /** Something that the vendor has was refused, or is not asked for any longer. */
  isIncomplete: boolean;
  asker: Asker;
}

/**
 * @param isLast what cannot be had now is done without
 * Throws `NotYet`.
 */
export async function readSession(
  webhook: ReadWebhook,
  receipt: Receipt,
  source: Source,
  session: SessionSource,
  isLast: boolean,
  deps: AskDeps,
): Promise<ReadSession | undefined> {
  const adapter = sessionAdapters[source.vendor];
  if (!adapter) return undefined;
  const asker = createAsker(source, session, adapter, receipt.facts.origin, isLast, deps);

  async function ask(request: SessionRequest): Promise<SessionAnswer> {
    try {
      return await asker.ask(request);
    } catch (error) {
      if (!isLast || !(error instanceof NotYet)) throw error;
      return { ok: false, why: "unavailable" };
    }
  }

  const { basis, isPull } = receipt.facts;
  const { statement } = webhook;
  const reading = adapter.read({ statement, payload: webhook.payload, isProven: basis !== "none" }, session.options);
  let step = reading.next();
  while (!step.done) step = reading.next(await ask(step.value));
  const read = step.value;

  // Of a pull nobody has sent a webhook.
  const vendorData = { ...(isPull ? {} : statement.vendorData), ...read.vendorData };
  const missing = read.statement.missing?.filter(({ what }) => !what.startsWith("files/") || session.files.length > 0);
  const isWanted = ({ id, action, kind }: SessionFile) => isLikeAny(session.files, [id, action ?? "", kind]);
  return {
    statement: { ...read.statement, missing, vendorData },
    basis: read.isConfirmed ? "vendor_api" : basis,
    isConfirmed: read.isConfirmed,
    files: read.files.filter(isWanted),
    readAt: deps.now(),
    said: withoutWebhook(read.statement, statement),
    isIncomplete: missing?.some(({ why }) => NOT_HAD.has(why)) ?? false,
    asker,
  };
}

/** Words of `missing` for what the vendor has, or had, and did not give. */
export const NOT_HAD: ReadonlySet<string> = new Set<AnswerFault>([
  "gone",
  "forbidden",
  "refused",
  "redirected",
  "rejected",
  "unreadable",
  "too_large",
  "unavailable",
]);

function withoutWebhook(read: Statement, { extracted: sent = {} }: Statement): Statement {
  const { missing: _missing, ...said } = read;
  const own = Object.entries(read.extracted ?? {}).filter(([name, value]) => sent[name] !== value);
  const { vendorEvent: _vendorEvent, flow: _flow, lastEvent: _lastEvent, ...session } = read.session;
  return { ...said, session, extracted: Object.fromEntries(own) };
}

const isLikeAny = (globs: readonly string[], texts: readonly string[]): boolean =>
  globs.some((glob) => texts.some((text) => isLike(glob, text)));

/** Receipts whose sessions are read back from the vendor: read, decided and filed, or put off. */
import { handlingOf, isReadBack, type Config, type SessionSource, type Source } from "../config/config.ts";
import type { Handled } from "../core/consume.ts";
import { sessionKeyOf } from "../core/ledger.ts";
import { NotYet, type AskDeps } from "./ask.ts";
import { entryOf, hashOfPerson, type Candidate } from "./candidate.ts";
import { isDone, SessionMoved } from "./decide.ts";
import { vanish } from "./erased.ts";
import { processAll, type ProcessDeps } from "./process.ts";
import type { ReadWebhook } from "./read.ts";
import { readSession } from "./session.ts";
import { isOvertaken, mayStillBeAsked, overtaken, wait, type WaitDeps } from "./wait.ts";

export interface ReadBackDeps extends Omit<ProcessDeps, "queues">, AskDeps, Omit<WaitDeps, "ledger" | "queues"> {
  queues: ProcessDeps["queues"] & WaitDeps["queues"];
}

interface Reading {
  webhook: ReadWebhook;
  source: Source;
  session: SessionSource;
}

/** `undefined` where nothing is to be read back for it. */
export function sessionOf({ receipt, reading, action }: Candidate, config: Config): Reading | undefined {
  const source = config.sources.get(receipt.address.source);
  if (!reading.ok || !source?.session || source.vendor !== receipt.facts.vendor) return undefined;
  const { fetches } = handlingOf(source, reading.identity.names);
  return isReadBack(source, { action, fetches }) ? { webhook: reading, source, session: source.session } : undefined;
}

export async function readAndProcess(
  candidates: readonly Candidate[],
  redelivered: ReadonlySet<string>,
  config: Config,
  deps: ReadBackDeps,
): Promise<Map<string, Handled>> {
  const results = new Map<string, Handled>();
  for (const candidate of candidates) {
    const reading = sessionOf(candidate, config);
    if (!reading) continue;
    for (const [id, handled] of await readUntilSettled(candidate, reading, redelivered, config, deps))
      results.set(id, handled);
  }
  return results;
}

/** Rounds of reading anew because the session moved while it was read. */
const ROUNDS = 3;

async function readUntilSettled(...[candidate, ...rest]: Parameters<typeof readOne>): ReturnType<typeof readOne> {
  let results = await readOne(candidate, ...rest);
  for (let round = 1; round < ROUNDS; round++) {
    const handled = results.get(candidate.id);
    if (!handled || handled.ok || !(handled.error instanceof SessionMoved)) break;
    results = await readOne(candidate, ...rest);
  }
  return results;
}

async function readOne(
  candidate: Candidate,
  { webhook, source, session }: Reading,
  redelivered: ReadonlySet<string>,
  config: Config,
  deps: ReadBackDeps,
): Promise<ReadonlyMap<string, Handled>> {
  const { id, receipt } = candidate;
  const { receipts, sessions, erased } = await deps.ledger.past([id], [entryOf(candidate)]);
  const known = receipts.get(id);
  // Of what is erased the vendor is not asked. Not to be asked for anew: put on hold meanwhile it would go on unread.
  if (erased.has(id)) return vanish([candidate], deps);
  // A copy of a message that was handled.
  if (isDone(candidate, known)) return processAll([candidate], redelivered, config, deps);
  if (known && isOvertaken(candidate, known, redelivered.has(id), deps.now()))
    return new Map([[id, overtaken(candidate)]]);
  // A message of the sweep does not know how often the vendor was asked.
  const waiting = { ...candidate, reads: Math.max(candidate.reads, known?.reads ?? 0) };
  try {
    const isLast = !mayStillBeAsked(waiting, session, deps.now());
    const read = await readSession(webhook, receipt, source, session, isLast, deps);
    const readFrom = sessions.get(sessionKeyOf(receipt.address))?.version ?? 0;
    const external = (read && (await hashOfPerson(read.statement))) ?? candidate.external;
    return await processAll([{ ...waiting, session: read, readFrom, external }], redelivered, config, deps);
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    return waitOrVanish(waiting, session, error, deps);
  }
}

/** Some of its files may be there already when it is erased: then they must go. */
async function waitOrVanish(
  candidate: Candidate,
  session: SessionSource,
  notYet: NotYet,
  deps: ReadBackDeps,
): Promise<ReadonlyMap<string, Handled>> {
  const { id } = candidate;
  const waited = await wait(candidate, session, notYet, deps);
  if (!waited.ok || waited.outcome !== "overtaken") return new Map([[id, waited]]);
  const { erased } = await deps.ledger.past([id], [entryOf(candidate)]);
  return erased.has(id) ? vanish([candidate], deps) : new Map([[id, waited]]);
}

/**
 * What is erased before it is processed, or meanwhile: whatever the archive has of it again goes, and nobody hears of it. A webhook
 * is answered without asking the ledger, so that this is where one of an erased session ends.
 */
import type { Handled } from "../core/consume.ts";
import type { ErasableSession } from "../core/erasure.ts";
import { receiptId, type ReceiptAddress } from "../core/ids.ts";
import { sessionKeyOf, type ProcessingLedger, type ReceiptEntry, type ReceiptOutcome } from "../core/ledger.ts";
import { mapLimited } from "../core/limit.ts";
import type { InboundTask, ReceiptTask } from "../core/tasks.ts";
import { Unavailable } from "../core/unavailable.ts";
import type { Candidate } from "./candidate.ts";
import { isDone } from "./decide.ts";

export interface VanishDeps {
  /**
   * Erases the session, again or for its person's sake. Returns whether it did: not where it is on hold since.
   * @param person by hash, where one is known
   */
  erase(session: ErasableSession, person: string | undefined): Promise<boolean>;
}

/** Every one takes several calls to the archive. */
const SESSIONS_AT_A_TIME = 3;

/** By receipt. Each session goes once, however many of its webhooks there are. */
export async function vanish(candidates: readonly Candidate[], deps: VanishDeps): Promise<Map<string, Handled>> {
  const sessions = Map.groupBy(candidates, ({ receipt }) => sessionKeyOf(receipt.address));
  const handled = await mapLimited([...sessions.values()], SESSIONS_AT_A_TIME, (all) => vanishTogether(all, deps));
  return new Map(handled.flat());
}

async function vanishTogether(candidates: readonly Candidate[], deps: VanishDeps): Promise<[string, Handled][]> {
  const of = (handledOf: (receipt: string) => Handled) =>
    candidates.map(({ id }): [string, Handled] => [id, handledOf(id)]);
  const [first] = candidates;
  if (!first) return [];
  const { source, session } = first.receipt.address;
  const subject = candidates.map(({ reading }) => (reading.ok ? reading.identity.sessionId : undefined)).find(Boolean);
  try {
    if (!(await deps.erase({ source, session, subject }, first.external))) throw new Unavailable("session");
    return of((receipt) => ({ ok: true, outcome: "erased", fields: { receipt } }));
  } catch (error) {
    return of(() => ({ ok: false, error }));
  }
}

interface ExcuseDeps {
  ledger: Pick<ProcessingLedger, "past" | "commit">;
  addressOf(receiptKey: string): ReceiptAddress | undefined;
  now(): number;
}

/**
 * Messages whose receipts are not in the archive, and need not be: they were erased, or done with and then expired. What was to be
 * processed anew and has expired cannot be any more.
 */
export async function excuse(
  tasks: readonly ReceiptTask[],
  deps: ExcuseDeps,
): Promise<ReadonlyMap<InboundTask, Handled>> {
  const excused = new Map<InboundTask, Handled>();
  if (tasks.length === 0) return excused;
  const now = deps.now();
  const arrived = await Promise.all(tasks.map(({ key }) => arrivedAt(deps.addressOf(key), now)));
  const known = arrived.filter((each) => each !== undefined);
  const past = await deps.ledger.past(
    known.map(({ receipt }) => receipt),
    known,
  );
  const expired: ReceiptOutcome[] = [];
  tasks.forEach((task, index) => {
    const entry = arrived[index];
    if (!entry) return;
    const { receipt } = entry;
    const { again } = task;
    const isToBeDone = !isDone(task, past.receipts.get(receipt));
    if (isToBeDone && again) expired.push({ ...entry, state: "dead", reason: "expired", asked: again.at });
    const outcome = past.erased.has(receipt) ? "erased" : isToBeDone ? again && "dead" : "done";
    if (outcome) excused.set(task, { ok: true, outcome, fields: { receipt } });
  });
  if (expired.length > 0) await deps.ledger.commit(expired, now);
  return excused;
}

const arrivedAt = async (address: ReceiptAddress | undefined, receivedAt: number): Promise<ReceiptEntry | undefined> =>
  address && { ...address, receipt: await receiptId(address), receivedAt };

/** Receipts in R2: the exact bytes of a webhook, created once and never changed. */
import { decideClaim, type Claim, type SeenReceipt } from "../core/claim.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import type { Arrival, Claimed, KeptAction, Receipt, ReceiptFacts } from "../core/receipt.ts";
import { archiveKeys, parseReceiptKey } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";
import { isHollow, metadataOf, readFacts } from "./receipt-facts.ts";

export interface ReceiptStore {
  /**
   * Exactly one of any number of simultaneous copies gets `new`.
   * @param isDone whether the work of a receipt is remembered as durable, and so its window is not over
   */
  claim(arrival: Arrival, isDone?: (address: ReceiptAddress) => Promise<boolean>): Promise<Claimed>;
  keyOf(address: ReceiptAddress): string;
  addressOf(key: string): ReceiptAddress | undefined;
  /** The key of the receipt that an event came of. @param event the event's key */
  keyOfEvent(event: string, own: Pick<ReceiptAddress, "body" | "generation">): string;
  /** What is known of it beside its bytes. */
  factsOf(key: string): Promise<ReceiptFacts | undefined>;
  /** What its webhook was kept for. */
  actionOf(key: string): Promise<KeptAction | undefined>;
  /** `undefined` also where its bytes have expired. */
  read(key: string): Promise<Receipt | undefined>;
  remove(key: string): Promise<void>;
  /** In the order of their keys, with the time of storing in epoch milliseconds; `isLast` where no more follow. */
  list(
    after: string | undefined,
    limit: number,
  ): Promise<{ receipts: { key: string; size: number; storedAt: number }[]; isLast: boolean }>;
}

const CLAIM_ROUNDS = 5;
const CLAIM_MS = 2000;
const MOST_PAGES = 3;
/** More writes to one key in a second than R2 takes: another copy is being created right now. */
const TOO_MANY_REQUESTS = /\(10058\)/;

export function createReceiptStore(bucket: R2Bucket): ReceiptStore {
  /** R2 arbitrates: of all who create a key, one succeeds and the others get `null`. */
  async function create(address: ReceiptAddress, arrival: Arrival): Promise<boolean> {
    const options = {
      onlyIf: { etagDoesNotMatch: "*" },
      customMetadata: metadataOf(arrival.facts),
    };
    try {
      return (await bucket.put(archiveKeys.receipt(address), arrival.body, options)) !== null;
    } catch (error) {
      if (error instanceof Error && TOO_MANY_REQUESTS.test(error.message)) return false;
      throw error;
    }
  }

  /** Receipts below a prefix, in pages of a thousand; `isAll` where there are no more than were looked at. */
  async function seenBelow(prefix: string): Promise<{ seen: SeenReceipt[]; isAll: boolean }> {
    const seen: SeenReceipt[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const from = cursor === undefined ? {} : { cursor };
      const listed: R2Objects = await bucket.list({ prefix, include: ["customMetadata"], ...from });
      for (const object of listed.objects) {
        const parsed = parseReceiptKey(object.key);
        const facts = readFacts(object);
        // Of a pull nobody has said anything.
        if (!parsed || facts?.isPull) continue;
        const receivedAt = facts?.receivedAt ?? object.uploaded.getTime();
        seen.push({ body: parsed.body, generation: parsed.generation, receivedAt });
      }
      if (!listed.truncated) return { seen, isAll: true };
      cursor = listed.cursor;
    }
    return { seen, isAll: false };
  }

  /** First against the receipts of the same bytes; only if those leave it open, against all of the session. */
  async function decide(arrival: Arrival): Promise<Claim> {
    const { address, facts, windowSeconds, isDated } = arrival;
    const arriving = { body: address.body, now: facts.receivedAt, windowSeconds, isDated };
    const own = await seenBelow(archiveKeys.sameBody(address));
    const first = decideClaim(own.seen, arriving);
    if (first.kind === "news" || isDated) return first;
    const session = await seenBelow(archiveKeys.session(address));
    // Of a session with more receipts than can be looked at, the repeat is taken for news: better than a loss.
    return session.isAll ? decideClaim(session.seen, arriving) : { kind: "news", generation: first.of.generation + 1 };
  }

  async function claim(arrival: Arrival, isDone: (address: ReceiptAddress) => Promise<boolean>): Promise<Claimed> {
    const first = { ...arrival.address, generation: 0 };
    if (await create(first, arrival)) return { kind: "new", address: first };
    // Most repeats end here. A body with a time in it is a repeat throughout its window, whatever else its session has said.
    if (arrival.isDated && (await isDone(first))) return { kind: "done", address: first };
    for (let round = 0; round < CLAIM_ROUNDS; round++) {
      const decision = await decide(arrival);
      if (decision.kind === "repeat") {
        const address = { ...arrival.address, generation: decision.of.generation };
        return { kind: "repeat", address, receivedAt: decision.of.receivedAt };
      }
      const address = { ...arrival.address, generation: decision.generation };
      if (await create(address, arrival)) return { kind: "new", address };
    }
    throw new Error("contended");
  }

  const factsOf = (key: string) =>
    reaching("archive", async () => {
      const object = await bucket.head(key);
      return object ? readFacts(object) : undefined;
    });

  return {
    claim: (arrival, isDone = async () => false) => reachingWithin("archive", CLAIM_MS, () => claim(arrival, isDone)),
    keyOf: archiveKeys.receipt,
    addressOf: parseReceiptKey,
    keyOfEvent: archiveKeys.receiptOf,
    factsOf,
    actionOf: async (key) => (await factsOf(key))?.action,
    read: (key) =>
      reaching("archive", async () => {
        const address = parseReceiptKey(key);
        const object = address && (await bucket.get(key));
        const facts = object && readFacts(object);
        if (!address || !object || !facts || isHollow(object)) return undefined;
        return { address, facts, body: await object.bytes() };
      }),
    remove: (key) => reaching("archive", () => bucket.delete(key)),
    list: (after, limit) =>
      reaching("archive", async () => {
        const startAfter = after === undefined ? {} : { startAfter: after };
        const page = await bucket.list({ prefix: archiveKeys.receipts, limit, ...startAfter });
        const receipts = page.objects.map(({ key, size, uploaded }) => ({ key, size, storedAt: uploaded.getTime() }));
        return { receipts, isLast: !page.truncated };
      }),
  };
}

/** Receipts in R2: the exact bytes of a webhook, created once and never changed. */
import { decideClaim, type SeenReceipt } from "../core/claim.ts";
import type { ReceiptAddress } from "../core/ids.ts";
import type { Arrival, Claimed, KeptAction, Receipt, ReceiptFacts } from "../core/receipt.ts";
import { archiveKeys, parseReceiptKey } from "./keys.ts";
import { reaching, reachingWithin } from "./reach.ts";

export interface ReceiptStore {
  /** Exactly one of any number of simultaneous copies gets `new`. */
  claim(arrival: Arrival): Promise<Claimed>;
  keyOf(address: ReceiptAddress): string;
  addressOf(key: string): ReceiptAddress | undefined;
  /** What its webhook was kept for. */
  actionOf(key: string): Promise<KeptAction | undefined>;
  read(key: string): Promise<Receipt | undefined>;
  /** Keys in order, with the time of storing in epoch milliseconds; no cursor after the last page. */
  list(
    cursor: string | undefined,
    limit: number,
  ): Promise<{ receipts: { key: string; storedAt: number }[]; cursor: string | undefined }>;
}

const FACTS_VERSION = "1";
const CLAIM_ROUNDS = 5;
const CLAIM_MS = 2000;
/** More writes to one key in a second than R2 takes: another copy is being created right now. */
const TOO_MANY_REQUESTS = /\(10058\)/;

export function createReceiptStore(bucket: R2Bucket): ReceiptStore {
  /** R2 arbitrates: of all who create a key, one succeeds and the others get `null`. */
  async function create(address: ReceiptAddress, arrival: Arrival): Promise<boolean> {
    const options = {
      onlyIf: { etagDoesNotMatch: "*" },
      customMetadata: { v: FACTS_VERSION, facts: JSON.stringify(arrival.facts) },
    };
    try {
      return (await bucket.put(archiveKeys.receipt(address), arrival.body, options)) !== null;
    } catch (error) {
      if (error instanceof Error && TOO_MANY_REQUESTS.test(error.message)) return false;
      throw error;
    }
  }

  async function seenOf(address: Omit<ReceiptAddress, "generation">): Promise<SeenReceipt[]> {
    const seen: SeenReceipt[] = [];
    let cursor: string | undefined;
    do {
      const page: R2Objects = await bucket.list({
        prefix: archiveKeys.session(address),
        include: ["customMetadata"],
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const object of page.objects) {
        const parsed = parseReceiptKey(object.key);
        if (!parsed) continue;
        const receivedAt = readFacts(object)?.receivedAt ?? object.uploaded.getTime();
        seen.push({ body: parsed.body, generation: parsed.generation, receivedAt });
      }
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    return seen;
  }

  async function claim(arrival: Arrival): Promise<Claimed> {
    const first = { ...arrival.address, generation: 0 };
    if (await create(first, arrival)) return { kind: "new", address: first };
    const { body } = arrival.address;
    const arriving = {
      body,
      now: arrival.facts.receivedAt,
      windowSeconds: arrival.windowSeconds,
      isDated: arrival.isDated,
    };
    for (let round = 0; round < CLAIM_ROUNDS; round++) {
      const decision = decideClaim(await seenOf(arrival.address), arriving);
      if (decision.kind === "repeat") {
        const address = { ...arrival.address, generation: decision.of.generation };
        return { kind: "repeat", address, receivedAt: decision.of.receivedAt };
      }
      const address = { ...arrival.address, generation: decision.generation };
      if (await create(address, arrival)) return { kind: "new", address };
    }
    throw new Error("contended");
  }

  return {
    claim: (arrival) => reachingWithin("archive", CLAIM_MS, () => claim(arrival)),
    keyOf: archiveKeys.receipt,
    addressOf: parseReceiptKey,
    actionOf: (key) =>
      reaching("archive", async () => {
        const object = await bucket.head(key);
        return object ? readFacts(object)?.action : undefined;
      }),
    read: (key) =>
      reaching("archive", async () => {
        const address = parseReceiptKey(key);
        const object = address && (await bucket.get(key));
        const facts = object && readFacts(object);
        if (!address || !object || !facts) return undefined;
        return { address, facts, body: await object.bytes() };
      }),
    list: (cursor, limit) =>
      reaching("archive", async () => {
        const page = await bucket.list({
          prefix: archiveKeys.receipts,
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const receipts = page.objects.map((object) => ({ key: object.key, storedAt: object.uploaded.getTime() }));
        return { receipts, cursor: page.truncated ? page.cursor : undefined };
      }),
  };
}

function readFacts(object: R2Object): ReceiptFacts | undefined {
  const { v, facts } = object.customMetadata ?? {};
  return v === FACTS_VERSION && facts !== undefined ? (JSON.parse(facts) as ReceiptFacts) : undefined;
}

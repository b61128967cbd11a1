/** Asks for receipts to be processed anew, and looks at what came of it. */
import { expect } from "vitest";
import type { ReceiptRecord } from "../../src/core/search.ts";
import type { Road } from "../road.ts";
import { CONFIGURATION } from "../senders.ts";

/** Newest first. */
export async function receiptsOf(road: Road): Promise<ReceiptRecord[]> {
  const listed = await road.admin("/api/receipts");
  return (await listed.json<{ items: ReceiptRecord[] }>()).items;
}

export async function newestReceipt(road: Road): Promise<string> {
  const [receipt] = await receiptsOf(road);
  if (!receipt) throw new Error("a receipt expected");
  return receipt.id;
}

export const receiptOf = async (road: Road, id: string): Promise<ReceiptRecord> =>
  (await road.admin(`/api/receipts/${id}`)).json();

/** Asks, and does not wait. Returns the id that it has from here on. */
export async function ask(road: Road, id: string): Promise<string> {
  const response = await road.admin(`/api/receipts/${id}/reprocess`, "POST");
  expect(response.status).toBe(202);
  return (await response.json<ReceiptRecord>()).id;
}

export async function reprocess(road: Road, id: string): Promise<ReceiptRecord> {
  const asked = await ask(road, id);
  await road.drain();
  return receiptOf(road, asked);
}

/** The configuration of the tests, with one source mended. */
export async function mend(road: Road, name: keyof typeof CONFIGURATION.sources, changes: object): Promise<void> {
  const sources = { ...CONFIGURATION.sources, [name]: { ...CONFIGURATION.sources[name], ...changes } };
  const put = await road.admin("/api/config", "PUT", { ...CONFIGURATION, sources });
  if (!put.ok) throw new Error(await put.text());
}

interface Told {
  id: string;
  type: string;
  outcome: string;
  revision?: number;
  data: { supersedes?: string; session: { superseded?: boolean } };
}

export const toldBy = (road: Road): Told[] => road.events() as unknown as Told[];

/** What the subscriber has heard, each event once: type, outcome, revision, and whether it is superseded. */
export const heard = (road: Road): string[] =>
  toldBy(road).map(({ type, outcome, revision, data }) =>
    [
      type.replace("idv.session.", ""),
      outcome,
      ...(revision === undefined ? [] : [`revision ${revision}`]),
      ...(data.session.superseded ? ["superseded"] : []),
    ].join(" "),
  );

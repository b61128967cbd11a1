/** `/api/receipts`: the webhooks as they came, and what became of them. Those that process has not seen yet are not among them. */
import { hashExternalId } from "../core/ids.ts";
import { RECEIPT_STATES, type ReceiptState } from "../core/ledger.ts";
import type { Receipt } from "../core/receipt.ts";
import type { AskedAnew } from "../core/reprocessing.ts";
import type { SearchLedger } from "../core/search.ts";
import { problem } from "./problem.ts";
import { answer, answerList, foreignId, name, oneOf, paging, type Paging, type Parameters } from "./query.ts";
import type { Route } from "./route.ts";
import { listOf, RECEIPT_ID, ref } from "./schemas.ts";

export interface ReceiptsDeps {
  ledger: Pick<SearchLedger, "listReceipts" | "findReceipt">;
  /** By its key in the archive. */
  receipt(object: string): Promise<Receipt | undefined>;
}

export interface ReprocessDeps extends ReceiptsDeps {
  /** @param object its key in the archive */
  reprocess(id: string, object: string | undefined): Promise<AskedAnew>;
}

interface ReceiptsQuery extends Paging {
  source?: string;
  session?: string;
  externalId?: string;
  state?: ReceiptState;
}

const PARAMETERS: Parameters<ReceiptsQuery> = {
  source: name,
  session: foreignId,
  externalId: foreignId,
  state: oneOf(RECEIPT_STATES),
  ...paging,
};

export function listReceipts(request: Request, deps: ReceiptsDeps): Promise<Response> {
  return answerList(request, PARAMETERS, async ({ session, externalId, ...filter }, limit, after) => {
    const external = externalId === undefined ? undefined : await hashExternalId(externalId);
    return deps.ledger.listReceipts({ ...filter, subject: session, external }, limit, after);
  });
}

const ID = /^rcp_[0-9a-f]{32}$/;

const find = async (id: string, { ledger }: ReceiptsDeps) => (ID.test(id) ? ledger.findReceipt(id) : undefined);

export async function getReceipt(id: string, deps: ReceiptsDeps): Promise<Response> {
  const found = await find(id, deps);
  if (!found) return problem("unknown_receipt");
  const { object: _object, ...record } = found;
  return answer(record);
}

/** The exact bytes: a stranger's, so that no browser may take them for anything but a download. */
export async function getReceiptBody(id: string, deps: ReceiptsDeps): Promise<Response> {
  const found = await find(id, deps);
  if (!found) return problem("unknown_receipt");
  const receipt = found.object === undefined ? undefined : await deps.receipt(found.object);
  if (!receipt) return problem("expired");
  return new Response(receipt.body, {
    headers: {
      "content-type": receipt.facts.headers["content-type"] ?? "application/octet-stream",
      "content-disposition": `attachment; filename="${id}"`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox; default-src 'none'",
      "cache-control": "no-store",
    },
  });
}

/** It may have to wait for its vendor: what comes of it is told by the receipt. */
export async function reprocessReceipt(id: string, deps: ReprocessDeps): Promise<Response> {
  const found = await find(id, deps);
  if (!found) return problem("unknown_receipt");
  if (found.receipt !== undefined) return reprocessReceipt(found.receipt, deps);
  const asked = await deps.reprocess(id, found.object);
  if (!asked.ok) return problem(asked.why);
  const { object: _object, ...record } = (await find(id, deps)) ?? found;
  return answer(record, 202);
}

export const receiptRoutes: readonly Route<{ search: ReprocessDeps }>[] = [
  {
    method: "GET",
    path: "/api/receipts",
    allow: "viewer",
    id: "listReceipts",
    summary: "The webhooks as they came and what became of them, newest first",
    query: PARAMETERS,
    answers: { 200: { schema: listOf("Receipt") } },
    handle: ({ request, deps }) => listReceipts(request, deps.search),
  },
  {
    method: "GET",
    path: "/api/receipts/{id}",
    allow: "viewer",
    id: "getReceipt",
    summary: "What became of one webhook",
    parameters: { id: RECEIPT_ID },
    answers: { 200: { schema: ref("Receipt") } },
    problems: ["unknown_receipt"],
    handle: ({ parameter, deps }) => getReceipt(parameter("id"), deps.search),
  },
  {
    method: "GET",
    path: "/api/receipts/{id}/body",
    allow: "operator",
    id: "getReceiptBody",
    summary: "The exact bytes of one webhook",
    parameters: { id: RECEIPT_ID },
    answers: { 200: { type: "*/*" } },
    problems: ["unknown_receipt", "expired"],
    opens: "getReceiptBody",
    handle: ({ parameter, deps }) => getReceiptBody(parameter("id"), deps.search),
  },
  {
    method: "POST",
    path: "/api/receipts/{id}/reprocess",
    allow: "operator",
    id: "reprocessReceipt",
    summary: "Has one webhook processed anew, from its exact bytes, by the configuration as it is now",
    parameters: { id: RECEIPT_ID },
    answers: { 202: { schema: ref("Receipt") } },
    problems: ["unknown_receipt", "expired", "erased", "not_configured"],
    handle: ({ parameter, deps }) => reprocessReceipt(parameter("id"), deps.search),
  },
];

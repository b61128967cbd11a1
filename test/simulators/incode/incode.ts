/**
 * A simulated Incode account: a bearer token that it fetches from the receiver's token endpoint, or a static header; only
 * 204, or 200 with JSON, counts; one identical retry by the older rules, five by the newer.
 * Source: Incode's page "Web hooks" and developer.incode.com/docs/webhooks.
 */
import { createInvention } from "../invention.ts";
import { corrupt, createSender, exponential, type Account, type Prove } from "../sending.ts";
import { createTokenClient, type TokenAccount } from "../tokens.ts";
import { createIncodePayloads } from "./payloads.ts";

export type IncodeProof = ({ type: "oauth2" } & TokenAccount) | { type: "header"; name: string; value: string };

export interface IncodeAccount extends Account {
  proof: IncodeProof;
  /** Which of the two documents the account's retries follow; `new` if not said. */
  retries?: "old" | "new";
}

const DELAYS = {
  /** Once; the old document does not say when. */
  old: [30_000],
  new: exponential(5, 30_000, 2.5),
};

export function createIncode(account: IncodeAccount) {
  const rules = { isTaken, delays: DELAYS[account.retries ?? "new"], timeout: 30_000 };
  return {
    ...createSender(account, rules, proveBy(account.proof, account)),
    payloads: createIncodePayloads(createInvention(account.random)),
  };
}

function isTaken({ status, contentType }: { status: number; contentType: string }): boolean {
  return status === 204 || (status === 200 && contentType.split(";")[0] === "application/json");
}

function proveBy(proof: IncodeProof, account: Account): Prove {
  if (proof.type === "header") {
    const { name, value } = proof;
    return async (_body, credential) => ({ [name]: credential === "right" ? value : corrupt(value) });
  }
  const token = createTokenClient(proof, account);
  return async (_body, credential) => ({
    authorization: `Bearer ${credential === "right" ? await token() : corrupt(await token())}`,
  });
}

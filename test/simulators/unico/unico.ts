/**
 * A simulated Unico account: a bearer token that it fetches from the receiver, Basic, or an API key; any 2xx counts;
 * attempts and interval are chosen when the webhook is registered.
 * Source: Unico's page "Event types", developer.unico.io.
 */
import { createInvention } from "../invention.ts";
import { corrupt, createSender, exponential, type Account, type Prove } from "../sending.ts";
import { createTokenClient, type TokenAccount } from "../tokens.ts";
import { createUnicoPayloads } from "./payloads.ts";

export type UnicoProof =
  | ({ type: "oauth2" } & TokenAccount)
  | { type: "basic"; username: string; password: string }
  /** As typed into the vendor's portal: `Header-Name:value`, or a value alone, which goes to `Authorization`. */
  | { type: "api_key"; key: string };

export interface UnicoAccount extends Account {
  proof: UnicoProof;
  /** The first attempt included; 3 if not said. */
  attempts?: number;
  /** Before the second attempt, doubling from there; 60 if not said. */
  intervalSeconds?: number;
}

export function createUnico(account: UnicoAccount) {
  const { attempts = 3, intervalSeconds = 60 } = account;
  const rules = { isTaken, delays: exponential(attempts - 1, intervalSeconds * 1000, 2), timeout: 30_000 };
  return {
    ...createSender(account, rules, proveBy(account.proof, account)),
    payloads: createUnicoPayloads(createInvention(account.random)),
  };
}

function isTaken({ status }: { status: number }): boolean {
  return status >= 200 && status <= 299;
}

function proveBy(proof: UnicoProof, account: Account): Prove {
  switch (proof.type) {
    case "oauth2": {
      const token = createTokenClient(proof, account);
      return async (_body, credential) => ({
        authorization: `Bearer ${credential === "right" ? await token() : corrupt(await token())}`,
      });
    }
    case "basic": {
      const { username, password } = proof;
      return async (_body, credential) => {
        const pair = `${username}:${credential === "right" ? password : corrupt(password)}`;
        return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
      };
    }
    case "api_key": {
      const { name, value } = splitApiKey(proof.key);
      return async (_body, credential) => ({ [name]: credential === "right" ? value : corrupt(value) });
    }
  }
}

function splitApiKey(key: string): { name: string; value: string } {
  const colon = key.indexOf(":");
  return colon < 0
    ? { name: "authorization", value: key }
    : { name: key.slice(0, colon), value: key.slice(colon + 1).trim() };
}

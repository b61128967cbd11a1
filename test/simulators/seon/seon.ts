/**
 * A simulated SEON account: HMAC-SHA256 of the raw body under the license key in `Digest: SHA-256=…`, a `Request-Id` per
 * event, five more attempts unless the answer is 200, and an unsigned ping when the URL is saved.
 * Source: SEON's page "Integration and webhooks" and docs.seon.io/api-reference/webhooks.
 */
import { createHmac } from "node:crypto";
import { createInvention } from "../invention.ts";
import { corrupt, createSender, exponential, type Account, type Rules } from "../sending.ts";
import { createSeonPayloads, PING } from "./payloads.ts";

export interface SeonAccount extends Account {
  licenseKey: string;
  /** The documentation does not say which; both are seen. */
  encoding: "hex" | "base64";
}

/** Five more attempts are documented, their spacing is not: a minute, then always twice as long. */
const RULES: Rules = {
  isTaken: ({ status }) => status === 200,
  delays: exponential(5, 60_000, 2),
  timeout: 30_000,
};

export function createSeon(account: SeonAccount) {
  const invention = createInvention(account.random);

  const sender = createSender(account, RULES, async (body, credential) => {
    const digest = createHmac("sha256", account.licenseKey).update(body).digest(account.encoding);
    return {
      digest: `SHA-256=${credential === "right" ? digest : corrupt(digest)}`,
      "request-id": invention.uuid(),
    };
  });

  return {
    ...sender,
    payloads: createSeonPayloads(invention, account.now),
    /** What happens when the URL is saved: without a 200 it cannot be. */
    validateUrl: () => sender.send(PING, "no_credential"),
  };
}

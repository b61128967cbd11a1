/**
 * A simulated Regula workflow: an `http` action that posts the session's id with a shared secret in a header of the
 * integrator's choice, and tries again unless the status is one of its success codes.
 * Source: Regula's page "Getting Session Data via API".
 */
import { createInvention } from "../invention.ts";
import { corrupt, createSender, exponential, type Account } from "../sending.ts";

export interface RegulaAccount extends Account {
  header: { name: string; value: string };
  /** 200 alone if not said. */
  successCodes?: readonly number[];
  /** 2 further attempts 10 s apart if not said. */
  retry?: { attempts: number; delaySeconds: number };
}

export interface RegulaWish {
  sessionId?: string;
  event?: string;
  workflowId?: string;
}

export function createRegula(account: RegulaAccount) {
  const { name, value } = account.header;
  const { attempts, delaySeconds } = account.retry ?? { attempts: 2, delaySeconds: 10 };
  const successCodes = account.successCodes ?? [200];
  const rules = {
    isTaken: ({ status }: { status: number }) => successCodes.includes(status),
    delays: exponential(attempts, delaySeconds * 1000, 1),
    timeout: 30_000,
  };
  const invention = createInvention(account.random);

  return {
    ...createSender(account, rules, async (_body, credential) => ({
      [name]: credential === "right" ? value : corrupt(value),
    })),
    payloads: {
      /** All that the vendor documents. */
      idOnly: () => ({ sessionId: invention.uuid() }),
      session: (wish: RegulaWish = {}) => ({
        sessionId: wish.sessionId ?? invention.uuid(),
        event: wish.event ?? "session.finished",
        workflowId: wish.workflowId ?? "onboarding-br",
      }),
    },
  };
}

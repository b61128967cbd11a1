/** What the status of a vendor's answer means for whoever asked. */
import { readRetryAfter } from "./retry-after.ts";

export type VendorAnswer =
  /** What was asked for is in the body. */
  | { kind: "ok" }
  /** Worth another try; `afterSeconds` where the vendor says when, 0..3600. */
  | { kind: "later"; afterSeconds?: number | undefined }
  /** A new token may help, once. */
  | { kind: "expired_credential" }
  | { kind: "final"; why: "forbidden" | "gone" | "rejected" | "redirected" };

/** Beyond it the vendor is asked anyway: sessions are kept for hours, and no header may make one expire unread. */
const MAX_WAIT_SECONDS = 3600;

/** 203 is 200 behind a proxy. Any other success, such as 202 or 204, says that there is nothing to be had yet. */
const ANSWERED: ReadonlySet<number> = new Set([200, 201, 203]);
/** 409 is how a vendor says that a session is not in the state yet to be read (Unico). */
const LATER: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const GONE: ReadonlySet<number> = new Set([404, 410]);

/** @param now epoch milliseconds, against which a date in `Retry-After` is read */
export function classifyAnswer(status: number, retryAfter: string | null, now: number): VendorAnswer {
  if (ANSWERED.has(status)) return { kind: "ok" };
  if (status <= 299 || LATER.has(status) || status >= 500) return { kind: "later", ...readWait(retryAfter, now) };
  if (status === 401) return { kind: "expired_credential" };
  if (status === 403) return { kind: "final", why: "forbidden" };
  if (GONE.has(status)) return { kind: "final", why: "gone" };
  return { kind: "final", why: status >= 300 && status <= 399 ? "redirected" : "rejected" };
}

function readWait(retryAfter: string | null, now: number): { afterSeconds?: number } {
  const seconds = readRetryAfter(retryAfter, now);
  return seconds === undefined ? {} : { afterSeconds: Math.min(seconds, MAX_WAIT_SECONDS) };
}

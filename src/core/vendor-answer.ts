/** What the status of a vendor's answer means for whoever asked. */
import { readRetryAfter } from "./retry-after.ts";

export type VendorAnswer =
  | { kind: "ok" }
  /** Worth another try; `afterSeconds` where the vendor says when, 0..3600. */
  | { kind: "later"; afterSeconds?: number | undefined }
  /** A new token may help, once. */
  | { kind: "expired_credential" }
  | { kind: "final"; why: "forbidden" | "gone" | "rejected" | "redirected" };

/** Beyond it the vendor is asked anyway: sessions are kept for hours, and no header may make one expire unread. */
const MAX_WAIT_SECONDS = 3600;

/** 409 is how a vendor says that a session is not in the state yet to be read (Unico). */
const LATER: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const GONE: ReadonlySet<number> = new Set([404, 410]);

/** @param now epoch milliseconds, against which a date in `Retry-After` is read */
export function classifyAnswer(status: number, retryAfter: string | null, now: number): VendorAnswer {
  if (status >= 200 && status <= 299) return { kind: "ok" };
  if (LATER.has(status) || status >= 500) return { kind: "later", ...readWait(retryAfter, now) };
  if (status === 401) return { kind: "expired_credential" };
  if (status === 403) return { kind: "final", why: "forbidden" };
  if (GONE.has(status)) return { kind: "final", why: "gone" };
  return { kind: "final", why: status >= 300 && status <= 399 ? "redirected" : "rejected" };
}

function readWait(retryAfter: string | null, now: number): { afterSeconds?: number } {
  const seconds = readRetryAfter(retryAfter, now);
  return seconds === undefined ? {} : { afterSeconds: Math.min(seconds, MAX_WAIT_SECONDS) };
}

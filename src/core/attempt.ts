/** What follows from one attempt of a delivery: a pure decision over what came back. */
import type { TokenFault } from "./obtained-token.ts";
import { readRetryAfter } from "./retry-after.ts";

/** What came back from the subscriber, or why nothing did. */
export type Answer =
  | { kind: "response"; status: number; retryAfter: string | null; body: string }
  | { kind: "failure"; reason: FailureReason };

/**
 * What is told of a request that had no whole answer. workerd tells apart only these: a connection that was refused, or broke
 * before the answer, is one and the same error, and so are a name that is not found and a certificate that is not trusted.
 */
export const NETWORK_FAILURES = ["timeout", "connection", "reset", "dns", "tls", "dns_or_tls"] as const;

export type FailureReason =
  | (typeof NETWORK_FAILURES)[number]
  /** The subscriber's breaker was open: there was no request. */
  | "skipped"
  | "forbidden_destination"
  | "subscriber_disabled"
  | "secret_missing"
  | "signing_key_invalid"
  | "event_missing"
  | "receipt_missing"
  | `token_${TokenFault}`;

export type Decision =
  | { kind: "delivered" }
  | { kind: "again"; afterSeconds: number; reason: string }
  | { kind: "dead"; reason: string };

export interface RetryPolicy {
  /** Seconds before each further attempt after the first. */
  schedule: readonly number[];
  /** `success`: a JSON answer whose `success` is false is a failure, whatever its status. */
  accept: "2xx" | "success";
}

/** A queue message can wait no longer. */
export const MAX_DELAY_SECONDS = 86_400;

/**
 * @param attempt number of the attempt just made, from 1; of one that somebody asked for, and those after it, counted from that one
 * @param random 0..1, for ±20 % jitter, so that a recovering subscriber is not met by all its retries at once
 */
export function decide(answer: Answer, policy: RetryPolicy, attempt: number, now: number, random: number): Decision {
  if (isAccepted(answer, policy.accept)) return { kind: "delivered" };
  const reason = describe(answer);
  if (answer.kind === "response" && answer.status === 410) return { kind: "dead", reason: "gone" };

  const scheduled = policy.schedule[attempt - 1];
  if (scheduled === undefined) return { kind: "dead", reason };
  const jittered = Math.round(scheduled * (0.8 + 0.4 * random));
  const asked = answer.kind === "response" ? secondsAsked(answer, now) : 0;
  const afterSeconds = Math.min(Math.max(jittered, asked), MAX_DELAY_SECONDS);
  return { kind: "again", afterSeconds, reason };
}

function isAccepted(answer: Answer, accept: RetryPolicy["accept"]): boolean {
  if (answer.kind !== "response" || answer.status < 200 || answer.status > 299) return false;
  return accept === "2xx" || !saysFailure(answer.body);
}

function saysFailure(body: string): boolean {
  try {
    return (JSON.parse(body) as { success?: unknown } | null)?.success === false;
  } catch {
    return false;
  }
}

function describe(answer: Answer): string {
  if (answer.kind === "failure") return answer.reason;
  return answer.status >= 200 && answer.status <= 299 ? "refused_by_body" : `status_${answer.status}`;
}

/** Heeded where the subscriber says that it is busy. */
function secondsAsked({ status, retryAfter }: { status: number; retryAfter: string | null }, now: number): number {
  return status === 429 || status === 503 ? (readRetryAfter(retryAfter, now) ?? 0) : 0;
}

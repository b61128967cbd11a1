/** The only place that calls fetch: guarded, timed, without redirects, reading no more of an answer than is needed. */
import type { Answer, FailureReason } from "../core/attempt.ts";
import { refuseDestination, type Allowance } from "../core/destination.ts";

export interface Outgoing {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  timeoutMs: number;
}

const MAX_ANSWER_BYTES = 4096;

/** Never throws: whatever happens on the way is an answer too. `ownOrigins` are the gateway's own. */
export async function post(outgoing: Outgoing, allowance: Allowance, ownOrigins: readonly string[]): Promise<Answer> {
  if (refuseDestination(outgoing.url, allowance, ownOrigins))
    return { kind: "failure", reason: "forbidden_destination" };
  // Started with the request itself: a timeout that runs while a request waits for a free connection ends it unsent.
  const signal = AbortSignal.timeout(outgoing.timeoutMs);
  let hasAnswered = false;
  try {
    const { url, headers, body } = outgoing;
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    hasAnswered = true;
    const text = await readStart(response);
    return { kind: "response", status: response.status, retryAfter: response.headers.get("retry-after"), body: text };
  } catch (error) {
    const reason = signal.aborted ? "timeout" : hasAnswered ? "reset" : classify(error, outgoing.url);
    return { kind: "failure", reason };
  }
}

/**
 * As far as workerd tells. It says "Network connection lost." of a connection that was refused, reset or closed, and "internal
 * error" of a name that does not resolve and of a certificate or handshake that fails; their causes only reach its own log.
 */
function classify(error: unknown, url: string): FailureReason {
  const message = error instanceof Error ? error.message : "";
  if (/\bDNS\b|lookup|resolve host/i.test(message)) return "dns";
  if (/\b(?:TLS|SSL)\b|certificate|handshake/i.test(message)) return "tls";
  if (!message.startsWith("internal error")) return "connection";
  return url.startsWith("http:") ? "dns" : "dns_or_tls";
}

async function readStart(response: Response): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  while (size < MAX_ANSWER_BYTES) {
    const part = await reader.read();
    if (part.done) break;
    text += decoder.decode(part.value.subarray(0, MAX_ANSWER_BYTES - size), { stream: true });
    size += part.value.byteLength;
  }
  // An answer that is not needed to its end holds a connection until it is cancelled.
  await reader.cancel();
  return text;
}

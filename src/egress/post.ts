/** The only place that calls fetch: guarded, timed, without redirects, reading no more of an answer than is needed. */
import type { Answer } from "../core/attempt.ts";
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
  try {
    const { url, headers, body } = outgoing;
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    const text = await readStart(response);
    return { kind: "response", status: response.status, retryAfter: response.headers.get("retry-after"), body: text };
  } catch {
    return { kind: "failure", reason: signal.aborted ? "timeout" : "connection" };
  }
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

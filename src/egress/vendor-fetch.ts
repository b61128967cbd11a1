/**
 * The only way to a vendor: every hop guarded, every wait timed, credentials for the vendor's own origin and nobody else.
 * Nothing here throws for what a vendor or the network does.
 */
import { refuseDestination, withoutRanges, type Allowance, type DestinationFault } from "../core/destination.ts";

export interface VendorRequest {
  method: "GET" | "POST";
  url: string;
  /** None that is a credential: these go along a redirect too. */
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** Headers that open the vendor's API; sent to these origins alone, and never along a redirect. */
  credential?: Readonly<Record<string, string>> | undefined;
  credentialOrigins: readonly string[];
  /** Those that a configuration names: for them alone an allowance's ranges hold. Without it, those of the credential. */
  trustedOrigins?: readonly string[] | undefined;
  /** Until the answer's headers are there, for each hop anew. */
  timeoutMs: number;
  /** Object storage redirects to where a file is; an API that does so is not the one that was configured. Only for GET. */
  followsRedirects: boolean;
}

export type Fetched =
  /** The body is still to be read, or to be let go with `discard`. */
  | { kind: "response"; response: Response }
  | { kind: "failure"; reason: "timeout" | "connection" }
  | { kind: "refused"; reason: DestinationFault | "redirected" | "too_many_redirects" };

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** @param ownOrigins the gateway's own, which no vendor's URL may lead to */
export async function fetchFromVendor(
  request: VendorRequest,
  allowance: Allowance,
  ownOrigins: readonly string[] = [],
): Promise<Fetched> {
  const mayFollow = request.followsRedirects && request.method === "GET";
  let url = request.url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const fault = refuseDestination(url, allowanceFor(url, request, allowance), ownOrigins);
    if (fault) return { kind: "refused", reason: fault };
    // Even a redirect to the same origin is an address that nobody here chose: what is there must not see a credential.
    const fetched = await send(request, url, hop === 0 ? credentialFor(request) : {});
    if (fetched.kind !== "response" || !REDIRECTS.has(fetched.response.status)) return fetched;
    await discard(fetched.response);
    const target = targetOf(fetched.response, url);
    if (!mayFollow || target === undefined) return { kind: "refused", reason: "redirected" };
    url = target;
  }
  return { kind: "refused", reason: "too_many_redirects" };
}

/** Lets go of an answer that is not read: its body holds a connection until it is cancelled. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

async function send(request: VendorRequest, url: string, credential: Readonly<Record<string, string>>) {
  const { method, body = null, timeoutMs } = request;
  // A compressed answer is one whose length is not known, and R2 stores none such in one go.
  const headers = { "accept-encoding": "identity", ...request.headers, ...credential };
  const controller = new AbortController();
  // Ends with the headers: a signal that runs on would cut a long file off in the middle.
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const { signal } = controller;
    // Not into the platform's cache: a picture of a person would outlive there its erasure here.
    const response = await fetch(url, { method, headers, body, redirect: "manual", cache: "no-store", signal });
    return { kind: "response", response } as const;
  } catch {
    return { kind: "failure", reason: controller.signal.aborted ? "timeout" : "connection" } as const;
  } finally {
    clearTimeout(timer);
  }
}

/** A network that is allowed is meant for what the operator has configured there, not for whatever a vendor's answer points at. */
function allowanceFor(url: string, request: VendorRequest, allowance: Allowance): Allowance {
  const trusted = request.trustedOrigins ?? request.credentialOrigins;
  const origin = URL.parse(url)?.origin;
  return origin !== undefined && trusted.includes(origin) ? allowance : withoutRanges(allowance);
}

function credentialFor({ url, credentialOrigins, credential = {} }: VendorRequest): Readonly<Record<string, string>> {
  return credentialOrigins.includes(new URL(url).origin) ? credential : {};
}

function targetOf(response: Response, url: string): string | undefined {
  const location = response.headers.get("location");
  return location !== null && URL.canParse(location, url) ? new URL(location, url).href : undefined;
}

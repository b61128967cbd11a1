/** One request for a vendor's token. What the vendor answers to it is never repeated: it may hold the token. */
import type { Allowance } from "../core/destination.ts";
import type { Obtained, TokenExchange } from "../core/obtained-token.ts";
import { classifyAnswer } from "../core/vendor-answer.ts";
import { readJsonBody } from "./vendor-body.ts";
import { discard, fetchFromVendor } from "./vendor-fetch.ts";

/** Together less than a second invocation waits for the first one. */
const HEADERS_MS = 6000;
const BODY_MS = 2000;
const MAX_BYTES = 64 * 1024;

/** @param now epoch milliseconds */
export async function obtainToken(
  { request, read, defaultSeconds }: TokenExchange,
  now: number,
  allowance: Allowance,
  ownOrigins: readonly string[] = [],
): Promise<Obtained> {
  const fetched = await fetchFromVendor(
    {
      ...request,
      method: "POST",
      credentialOrigins: [],
      trustedOrigins: originsOf(request.url),
      timeoutMs: HEADERS_MS,
      followsRedirects: false,
    },
    allowance,
    ownOrigins,
  );
  if (fetched.kind === "failure") return { ok: false, why: "unavailable" };
  if (fetched.kind === "refused") return { ok: false, why: "refused" };

  const { response } = fetched;
  const answer = classifyAnswer(response.status, response.headers.get("retry-after"), now);
  if (answer.kind !== "ok") {
    await discard(response);
    if (answer.kind !== "later") return { ok: false, why: "refused" };
    return { ok: false, why: "unavailable", afterSeconds: answer.afterSeconds };
  }
  const body = await readJsonBody(response, MAX_BYTES, BODY_MS);
  if (!body.ok) return { ok: false, why: body.why === "interrupted" ? "unavailable" : "unreadable" };
  const token = read(body.json);
  if (!token) return { ok: false, why: "unreadable" };
  return { ok: true, token: token.token, expiresInSeconds: token.expiresInSeconds ?? defaultSeconds };
}

/** Where tokens are asked for is configured. */
function originsOf(url: string): string[] {
  const parsed = URL.parse(url);
  return parsed ? [parsed.origin] : [];
}

/**
 * How a vendor makes sure that the URL is its customer's: it sends a word, and the answer has to repeat it. Nothing proves who
 * asked, so that only what the source's configuration describes is answered, and as nothing that a browser would run.
 */
import type { Challenge, Source } from "../config/config.ts";
import { parseJson } from "../core/json.ts";
import { valueAt } from "../core/pointer.ts";

/** Of what is repeated, and of the body that it is looked for in; bytes. */
const MAX_ECHO_BYTES = 1024;
const MAX_BODY_BYTES = 8 * 1024;

export interface Answered {
  answer: "challenge";
  echo: string;
  as: "text" | "json";
  /** Of the JSON object. */
  member: string;
}

export function challengeInUrl({ challenge }: Source, request: Request): Answered | undefined {
  if (challenge?.method !== "GET" || request.method !== "GET") return undefined;
  return answer(challenge, new URL(request.url).searchParams.get(challenge.query));
}

export function challengeInBody({ challenge }: Source, body: Uint8Array): Answered | undefined {
  if (challenge?.method !== "POST" || body.byteLength > MAX_BODY_BYTES) return undefined;
  const { when, echo } = challenge;
  const parsed = parseJson(body);
  if (!parsed.ok || valueAt(parsed.value, when.at) !== when.equals) return undefined;
  return answer(challenge, valueAt(parsed.value, echo));
}

function answer({ as, member = "challenge" }: Challenge, word: unknown): Answered | undefined {
  const isWord = typeof word === "string" && word !== "" && new TextEncoder().encode(word).length <= MAX_ECHO_BYTES;
  return isWord ? { answer: "challenge", echo: word, as, member } : undefined;
}

/**
 * Stage 1, `POST /in/{source}`: verify the bytes, make them and their work durable, answer. It touches KV, R2 and a queue,
 * never the ledger. A webhook that was verified is never refused for what it says.
 */
import { handlingOf, isReadBack, type Config, type Source } from "../config/config.ts";
import type { Basis } from "../core/event.ts";
import { isCredential } from "../core/headers.ts";
import { hashBody, hashSession, receiptId } from "../core/ids.ts";
import type { Arrival, KeptAction, ReceiptFacts } from "../core/receipt.ts";
import { headersOf } from "../verify/headers.ts";
import type { RefusalReason } from "../verify/scheme.ts";
import { verify } from "../verify/verify.ts";
import type { VerifyDeps } from "../verify/scheme.ts";
import type { Identified } from "../vendors/adapter.ts";
import { challengeInBody, challengeInUrl, type Answered } from "./challenge.ts";
import { isDeclaredTooLarge, readBody } from "./body.ts";
import { makeDurable, type DurableDeps, type InboundQueue } from "./durable.ts";
import { identify, isPing } from "./identify.ts";

export interface ReceiveDeps extends DurableDeps {
  /** Throws where no configuration can be loaded. */
  config(): Promise<Config | undefined>;
  verifying: VerifyDeps;
  /** Whether this address has had too many refusals; counts one more. */
  isRefusedTooOften(key: string): Promise<boolean>;
  /** A ULID for a time in epoch milliseconds. */
  sequence(now: number): string;
  /** Configured origin of links, if any. */
  publicUrl: string | undefined;
}

export type Received =
  /** `event` is the configured name that it was handled by: the vendor's own text stays out of the log. */
  | { answer: "accepted"; id: string; isRepeat: boolean; event: string }
  | { answer: "ignored"; event: string }
  /** A vendor's validation of the URL: nothing proves who asked. */
  | { answer: "ping" }
  | Answered
  | { answer: "not_configured" | "unknown_source" | "method_not_allowed" | "too_large" | "unreadable" | "not_durable" }
  | { answer: "not_verified" | "refused_too_often"; reason: RefusalReason };

export async function receive(request: Request, sourceName: string, deps: ReceiveDeps): Promise<Received> {
  const config = await deps.config();
  if (!config) return { answer: "not_configured" };
  const source = config.sources.get(sourceName);
  if (!source?.enabled) return { answer: "unknown_source" };
  const asked = challengeInUrl(source, request);
  if (asked) return asked;
  if (request.method !== "POST") return { answer: "method_not_allowed" };

  if (isDeclaredTooLarge(request.headers, source.maxBytes)) return { answer: "too_large" };
  const reading = await readBody(request, source.maxBytes);
  if (!reading.ok) return { answer: "too_large" };
  const { body } = reading;
  if (isPing(source, body)) return { answer: "ping" };

  const address = request.headers.get("cf-connecting-ip") ?? undefined;
  const verdict = await verify(
    source.verify,
    { source: source.name, headers: request.headers, body, address, method: request.method, url: request.url },
    deps.verifying,
  );
  if (!verdict.ok) {
    const challenged = challengeInBody(source, body);
    if (challenged) return challenged;
    const tooOften = await deps.isRefusedTooOften(`${source.name} ${address ?? ""}`);
    return { answer: tooOften ? "refused_too_often" : "not_verified", reason: verdict.reason };
  }

  const identified = identify(source, body);
  // What has passed and is about a session is no challenge, whatever word stands in it.
  const challenged = identified.ok ? undefined : challengeInBody(source, body);
  if (challenged) return challenged;
  if (!identified.ok && verdict.basis === "none" && provesNothing(source)) return { answer: "unreadable" };
  const handling = identified.ok ? handlingOf(source, identified.identity.names) : UNREADABLE;
  const { name: event, action } = handling;
  if (action === "ignore") return { answer: "ignored", event };
  const queue = isReadBack(source, handling) ? "sessions" : "inbound";
  return keep(request, { source, body, proof: verdict, identified, action, event, queue }, deps);
}

const UNREADABLE = { name: "unreadable", action: "record", fetches: false } as const;

interface Verified {
  source: Source;
  body: Uint8Array;
  proof: { basis: Basis; scheme: string };
  identified: Identified;
  action: KeptAction;
  event: string;
  queue: InboundQueue;
}

async function keep(request: Request, webhook: Verified, deps: ReceiveDeps): Promise<Received> {
  const { source, body, proof, identified, action, event } = webhook;
  const { now } = deps.verifying;
  const deliveryId = identified.ok ? identified.identity.deliveryId : undefined;
  // The same delivery is a repeat whatever its session has said since; who proves nothing names none.
  const isNamed = deliveryId !== undefined && proof.basis !== "none";
  // The id alone makes no repeat: what differs under it may be another verdict, and would be kept nowhere.
  const bodyHash = await hashBody(body);
  const session = identified.ok ? await hashSession(source.name, identified.identity.sessionId) : bodyHash;
  const facts: ReceiptFacts = {
    vendor: source.vendor,
    environment: source.environment,
    basis: proof.basis,
    scheme: proof.scheme,
    action,
    sequence: deps.sequence(now),
    receivedAt: now,
    origin: deps.publicUrl ?? new URL(request.url).origin,
    headers: keptHeaders(request.headers, source),
  };
  const arrival: Arrival = {
    address: { source: source.name, session, body: bodyHash },
    facts,
    body,
    windowSeconds: source.windowSeconds,
    isDated: isNamed || (identified.ok && identified.identity.time !== undefined),
  };
  const durable = await makeDurable(arrival, webhook.queue, deps);
  if (!durable) return { answer: "not_durable" };
  return { answer: "accepted", id: await receiptId(durable.address), isRepeat: durable.isRepeat, event };
}

/** Only a source that asks for no proof at all may tell a stranger that it cannot read him. */
function provesNothing(source: Source): boolean {
  return source.verify.every((each) => !("all" in each) && each.scheme === "none");
}

/** What says how the bytes are to be read, and the trace they belong to. */
const KEPT_HEADERS = ["content-type", "content-encoding", "traceparent"];
/** R2's metadata holds nothing but printable ASCII for certain. */
const KEEPABLE = /^[ -~]{1,512}$/;
/** Of the 2 KiB that R2 keeps beside an object, a quarter is for the other facts. */
const MOST_CHARACTERS = 1536;

/**
 * With the vendor's signature where there is one, so that a later reader can verify the bytes again, and what a subscriber wants
 * to see of them; never a credential. Where they are too many, the first are kept.
 */
function keptHeaders(headers: Headers, { verify: proofs, keptHeaders: wanted }: Source): Record<string, string> {
  const shown = proofs.flatMap((each) => ("all" in each ? each.all : [each])).map(headersOf);
  const signatures = shown.flatMap(({ signature = [] }) => signature.map((name) => name.toLowerCase()));
  const credentials = shown.flatMap(({ credential }) => credential?.toLowerCase() ?? []);
  const kept: Record<string, string> = {};
  for (const name of [...KEPT_HEADERS, ...signatures, ...wanted]) {
    const value = headers.get(name) ?? "";
    const isTooMuch = JSON.stringify({ ...kept, [name]: value }).length > MOST_CHARACTERS;
    if (KEEPABLE.test(value) && !isTooMuch && !isCredential(name) && !credentials.includes(name)) kept[name] = value;
  }
  return kept;
}

/** The request that an attempt makes: shape, sign, open the door, POST. */
import type { Subscriber } from "../config/config.ts";
import type { Answer, FailureReason } from "../core/attempt.ts";
import type { DeliverTask } from "../core/tasks.ts";
import { authenticate, type AuthenticateDeps } from "./authenticate.ts";
import { contentOf, type ContentDeps, type StoredEvent } from "./content.ts";
import { headerOf, sign, type SignedMessage, type Signer } from "./sign.ts";

export interface RequestDeps extends AuthenticateDeps, ContentDeps {
  /** `cameInAt`: the origin at which the event came in; there it must not come in again. */
  post(request: Request, cameInAt: string): Promise<Answer>;
  now(): number;
}

interface Request {
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
  timeoutMs: number;
}

interface Occasion {
  task: DeliverTask;
  stored: StoredEvent | undefined;
  traceparent: string;
}

const failure = (reason: FailureReason): Answer => ({ kind: "failure", reason });

export async function makeRequest(
  { task, stored, traceparent }: Occasion,
  subscriber: Subscriber,
  deps: RequestDeps,
): Promise<Answer> {
  if (!subscriber.enabled) return failure("subscriber_disabled");
  if (!stored) return failure("event_missing");
  const { id, dataschema } = stored.event;
  const { origin } = new URL(dataschema);
  const content = await contentOf(stored, task.object, subscriber, origin, deps);
  if (!content) return failure("receipt_missing");
  const { body } = content;

  const timestamp = Math.floor(deps.now() / 1000);
  const proof = await prove({ id, timestamp, body }, subscriber, deps);
  if (typeof proof === "string") return failure(proof);
  const credential = await authenticate(subscriber, deps);
  if (!credential.ok) return failure(credential.reason);

  const send = (opening: Readonly<Record<string, string>>): Promise<Answer> => {
    const headers = {
      ...lowerCased(subscriber.headers),
      ...content.headers,
      ...proof,
      ...opening,
      "user-agent": "Gatepost",
      traceparent,
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
    };
    return deps.post({ url: subscriber.url, headers, body, timeoutMs: subscriber.timeoutSeconds * 1000 }, origin);
  };
  const answer = await send(credential.headers);
  // A token may have ended before its time: revoked, or its server begun anew.
  const isRefused = answer.kind === "response" && answer.status === 401;
  const other = isRefused ? await credential.renew?.() : undefined;
  return other?.ok ? send(other.headers) : answer;
}

/** The headers that prove who sent it, every one that is configured; of several keys for one header, those that are set. */
async function prove(
  message: SignedMessage,
  { signing }: Subscriber,
  deps: RequestDeps,
): Promise<Record<string, string> | FailureReason> {
  const secrets = await Promise.all(signing.map(({ secret }) => deps.secret(secret)));
  const signers = signing.flatMap((method, index): Signer[] => {
    const secret = secrets[index];
    return secret === undefined ? [] : [{ method, secret }];
  });
  const headers = await sign(signers, message);
  if (!headers) return "signing_key_invalid";
  return signing.every((method) => headerOf(method) in headers) ? headers : "secret_missing";
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

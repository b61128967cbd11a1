/** One attempt of a delivery: shape, sign, POST, and what follows from the answer. */
import type { SecretRef, Subscriber } from "../config/config.ts";
import type { Answer, FailureReason } from "../core/attempt.ts";
import { toBase64 } from "../core/base64.ts";
import type { CanonicalEvent } from "../core/event.ts";
import { signLink } from "../core/file-link.ts";
import { isNotice, type NoticeEvent } from "../core/notice.ts";
import { project } from "../core/projection.ts";
import type { AttemptResult, DeliverTask } from "../core/tasks.ts";
import { toResult } from "./result.ts";
import { signatures } from "./sign.ts";

export interface AttemptDeps {
  event(object: string): Promise<CanonicalEvent | NoticeEvent | undefined>;
  secret(ref: SecretRef): Promise<string | undefined>;
  /** Signs links to files. */
  linkKey(): Promise<CryptoKey>;
  /** `cameInAt`: the origin at which the event came in; there it must not come in again. */
  post(request: Request, cameInAt: string): Promise<Answer>;
  now(): number;
  /** 0..1 */
  random(): number;
}

/** Throws only where a store is out of reach, before anything was sent. */
export async function attempt(task: DeliverTask, subscriber: Subscriber, deps: AttemptDeps): Promise<AttemptResult> {
  const startedAt = deps.now();
  const answer = await makeRequest(task, subscriber, deps);
  const at = deps.now();
  return { ...toResult(task, answer, subscriber, at, deps.random()), ms: at - startedAt };
}

interface Request {
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
  timeoutMs: number;
}

const failure = (reason: FailureReason): Answer => ({ kind: "failure", reason });

async function makeRequest(task: DeliverTask, subscriber: Subscriber, deps: AttemptDeps): Promise<Answer> {
  if (!subscriber.enabled) return failure("subscriber_disabled");
  const event = await deps.event(task.object);
  if (!event) return failure("event_missing");
  const origin = new URL(event.dataschema).origin;
  const shown = isNotice(event) ? event : project(await withLinks(event, subscriber, origin, deps), subscriber);
  const body = new TextEncoder().encode(JSON.stringify(shown));

  const secrets = await Promise.all(subscriber.signing.map((ref) => deps.secret(ref)));
  const known = secrets.filter((secret) => secret !== undefined);
  if (known.length === 0) return failure("secret_missing");
  const timestamp = Math.floor(deps.now() / 1000);
  const signature = await signatures(known, { id: event.id, timestamp, body });
  if (signature === undefined) return failure("signing_key_invalid");

  const authentication = await authenticate(subscriber, deps);
  if (!authentication) return failure("secret_missing");
  const headers = {
    ...authentication,
    "content-type": "application/cloudevents+json; charset=utf-8",
    "user-agent": "Gatepost",
    "webhook-id": event.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
  };
  const request = { url: subscriber.url, headers, body, timeoutMs: subscriber.timeoutSeconds * 1000 };
  return deps.post(request, origin);
}

async function withLinks(
  event: CanonicalEvent,
  { name, linkSeconds }: Subscriber,
  origin: string,
  deps: AttemptDeps,
): Promise<CanonicalEvent> {
  const { files } = event.data;
  if (!files) return event;
  const key = await deps.linkKey();
  const expires = Math.floor(deps.now() / 1000) + linkSeconds;
  const linked = files.map(async (file) => {
    const url = await signLink({ id: file.id, subscriber: name, expires }, origin, key);
    return { ...file, url };
  });
  return { ...event, data: { ...event.data, files: await Promise.all(linked) } };
}

/** `undefined` where the credential is not set: a request without it would tell the subscriber's data to nobody's door. */
async function authenticate({ auth }: Subscriber, deps: AttemptDeps): Promise<Record<string, string> | undefined> {
  if (auth.type === "none") return {};
  const secret = await deps.secret(auth.type === "header" ? auth.value : auth.password);
  if (secret === undefined) return undefined;
  if (auth.type === "header") return { [auth.name]: secret };
  return { authorization: `Basic ${toBase64(new TextEncoder().encode(`${auth.username}:${secret}`))}` };
}

/** The defaults of a document that has passed its checks. */
import { MAX_DELAY_SECONDS } from "../core/attempt.ts";
import { adapters } from "../vendors/registry.ts";
import { DEFAULT_OPTIONS, type AdapterOptions } from "../vendors/adapter.ts";
import { completeScheme } from "./complete-scheme.ts";
import type {
  Handling,
  SecretRef,
  SessionSource,
  Settings,
  SigningMethod,
  Source,
  Subscriber,
  SubscriberAuth,
} from "./config.ts";
import { completeCustomSession, completeRules, windowOf } from "./complete-custom.ts";
import { withPreset } from "./preset.ts";
import type { ConfigDocument } from "./schema.ts";
import type { SchemeDocument } from "./scheme-schema.ts";
import type { SourceDocument } from "./source-schema.ts";
import type { SubscriberDocument } from "./subscriber-schema.ts";

/** Seconds before each further attempt: the schedule that the Standard Webhooks specification gives as its example. */
const RETRY_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

export function completeDocument(document: ConfigDocument): Settings {
  const wanted = Object.values(document.subscribers).flatMap(({ forwardHeaders = [] }) => forwardHeaders);
  const keptHeaders = [...new Set(wanted.map((header) => header.toLowerCase()))];
  const sources = Object.entries(document.sources).map(([name, source]): [string, Source] => [
    name,
    { ...completeSource(name, source), keptHeaders },
  ]);
  const subscribers = Object.entries(document.subscribers).map(([name, subscriber]): [string, Subscriber] => [
    name,
    completeSubscriber(name, subscriber),
  ]);
  return { sources: new Map(sources), subscribers: new Map(subscribers) };
}

function completeSource(name: string, written: SourceDocument): Omit<Source, "keptHeaders"> {
  const source = withPreset(written);
  const adapter = adapters[source.vendor];
  const complete = (scheme: SchemeDocument) => completeScheme(scheme, adapter.signature);
  const events = Object.entries(source.events).map(([event, handling]): [string, Handling] => [
    event,
    typeof handling === "string"
      ? { action: handling, fetches: false }
      : { action: handling.action, fetches: handling.fetch ?? false },
  ]);
  const adapterOptions = {
    outcomes: source.outcomes,
    sessionIdAt: source.session?.sessionIdAt ?? DEFAULT_OPTIONS.sessionIdAt,
    custom: completeRules(source),
  };
  return {
    name,
    vendor: source.vendor,
    enabled: source.enabled,
    environment: source.environment,
    maxBytes: source.maxBytes,
    verify: source.verify.map((each) => ("all" in each ? { all: each.all.map(complete) } : complete(each))),
    events: Object.fromEntries(events),
    windowSeconds: source.dedupe?.windowSeconds ?? windowOf(source, adapter.dedupeSeconds),
    adapterOptions,
    session: source.session && completeSession(source.session, adapterOptions),
    silentAfterSeconds: source.silentAfterSeconds,
    retention: source.retention,
    challenge: source.challenge,
  };
}

const PATIENCE_SECONDS = 3600;
const MEBIBYTE = 1024 * 1024;

function completeSession(session: NonNullable<SourceDocument["session"]>, options: AdapterOptions): SessionSource {
  const { apiKey, login, privateKey, tokenUrl, account, tenant, audience } = session;
  const { secret, ...custom } = completeCustomSession(session);
  const baseUrl = session.baseUrl.replace(/\/+$/, "");
  return {
    options: {
      ...options,
      baseUrl,
      properties: session.properties ?? {},
      fetch: session.fetch ?? ["score", "ocr", "images"],
      contract: session.contract ?? "websdk",
      contracts: session.contracts ?? {},
      tokenUrl,
      account,
      tenant,
      audience,
      email: login?.email,
      ...custom,
    },
    apiKey: secret ?? apiKey,
    password: login?.password,
    privateKey,
    origins: [new URL(baseUrl).origin, ...(session.hosts ?? []).map(toOrigin)],
    files: session.files ?? ["*"],
    patienceSeconds: session.patienceSeconds ?? PATIENCE_SECONDS,
    onGiveUp: session.onGiveUp ?? "deliver",
    maxFileBytes: session.maxFileBytes ?? 256 * MEBIBYTE,
    maxSessionBytes: session.maxSessionBytes ?? 1024 * MEBIBYTE,
  };
}

/** A host is reached by https unless it is written with another scheme. */
function toOrigin(host: string): string {
  return new URL(host.includes("://") ? host : `https://${host}`).origin;
}

function completeSubscriber(name: string, subscriber: SubscriberDocument): Subscriber {
  const { url, enabled, filter, format, include, redact, headers, accept, timeoutSeconds, linkSeconds } = subscriber;
  const { ratePerSecond, concurrency } = subscriber;
  return {
    name,
    url,
    enabled,
    filter,
    signing: subscriber.signing.map(completeSigning),
    format,
    include,
    redact: redact ?? [],
    forwardHeaders: (subscriber.forwardHeaders ?? []).map((header) => header.toLowerCase()),
    headers,
    auth: completeAuth(subscriber.auth),
    schedule: completeSchedule(subscriber.retry),
    accept,
    timeoutSeconds,
    ratePerSecond,
    concurrency,
    linkSeconds,
  };
}

function completeSigning(method: SubscriberDocument["signing"][number]): SigningMethod {
  return "scheme" in method ? method : { scheme: "standard", secret: method };
}

function completeAuth(auth: SubscriberDocument["auth"]): SubscriberAuth {
  if (auth.type !== "oauth2") return auth;
  const { clientSecret, privateKey, ...rest } = auth;
  // The checks have seen to it that there is one.
  const credential = (auth.method === "private_key_jwt" ? privateKey : clientSecret) as SecretRef;
  return { ...rest, credential };
}

function completeSchedule(retry: SubscriberDocument["retry"]): readonly number[] {
  if (retry === undefined) return RETRY_SECONDS;
  if (Array.isArray(retry)) return retry;
  const { attempts, firstSeconds, factor } = retry;
  return Array.from({ length: attempts - 1 }, (_, index) =>
    Math.min(Math.round(firstSeconds * factor ** index), MAX_DELAY_SECONDS),
  );
}

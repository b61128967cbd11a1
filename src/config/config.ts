/** The configuration as the stages use it: read, checked, every default filled in. */
import type { Includable } from "../core/projection.ts";
import type { Environment } from "../core/event.ts";
import type { Filter } from "../core/filter.ts";
import type { Format } from "../core/formats.ts";
import type { KeptAction } from "../core/receipt.ts";
import type { Retention } from "../core/retention.ts";
import type { AdapterOptions, Vendor } from "../vendors/adapter.ts";
import type { SessionOptions } from "../vendors/session.ts";
import type { HMAC_ALGORITHMS, HMAC_KEYS, TIMESTAMP_UNITS } from "./scheme-schema.ts";
import type { SignedPart } from "./signed-template.ts";

export interface SecretRef {
  secret: string;
}

/** Where a signature stands, and what it is over. */
export interface SignatureLayout {
  header: string;
  prefix: string;
  /** Absent where the vendor's documents do not say: either is read. */
  encoding?: "hex" | "base64" | undefined;
  /** Of a header that is a list of `name=value`: the names of the members that count. */
  list?: { signature: string; timestamp?: string | undefined } | undefined;
  signed: readonly SignedPart[];
  /** Absent where no time is signed. Without a header of its own the time is a member of the list. */
  time?: { header?: string | undefined; unit: (typeof TIMESTAMP_UNITS)[number]; toleranceSeconds: number } | undefined;
}

/** How a webhook proves where it comes from. */
export type Scheme =
  | ({
      scheme: "hmac";
      secrets: SecretRef[];
      algorithm: (typeof HMAC_ALGORITHMS)[number];
      /** How the secret's text is a key. */
      key: (typeof HMAC_KEYS)[number];
    } & SignatureLayout)
  | ({ scheme: "ed25519"; publicKeys: Uint8Array[] } & SignatureLayout)
  | {
      scheme: "jwt";
      header: string;
      jwksUrl: string;
      issuer?: string | undefined;
      audience?: string | undefined;
      algorithms: string[];
      /** The claim that holds the SHA-256 of the body. */
      bodyHash?: { claim: string; encoding: "hex" | "base64" } | undefined;
      /** Since it was issued. Absent where the token's own end is what counts. */
      maxAgeSeconds?: number | undefined;
    }
  | { scheme: "header"; name: string; values: SecretRef[] }
  | { scheme: "basic"; username: string; passwords: SecretRef[] }
  | { scheme: "bearer"; clients: { id: string; secret: SecretRef }[] }
  | { scheme: "ip"; ranges: string[] }
  | { scheme: "none" };

export type Verification = Scheme | { all: Scheme[] };

export type Action = KeptAction | "ignore";

/** What is done with an event. `fetches`: what is only recorded is read back all the same. */
export interface Handling {
  action: Action;
  fetches: boolean;
}

/** How a source's sessions are read back from the vendor. */
export interface SessionSource {
  options: SessionOptions;
  apiKey?: SecretRef | undefined;
  password?: SecretRef | undefined;
  privateKey?: SecretRef | undefined;
  /** Origins that the credential may go to: the base URL's, and those that are named beside it. */
  origins: readonly string[];
  /** Globs on a file's id, action and kind. */
  files: readonly string[];
  /** How long a session that cannot be had is asked for, from the webhook on. */
  patienceSeconds: number;
  /** What then: an event that says what is missing, or none before somebody looks. */
  onGiveUp: "deliver" | "hold";
  maxFileBytes: number;
  /** Of all files of one session. */
  maxSessionBytes: number;
}

/** What the vendor sends to see that the URL is ours, and how it is answered: with its own word. */
export type Challenge = { as: "text" | "json"; member?: string | undefined } & (
  | { method: "GET"; query: string }
  | { method: "POST"; when: { at: string; equals: string }; echo: string }
);

export interface Source {
  name: string;
  vendor: Vendor;
  enabled: boolean;
  environment: Environment;
  maxBytes: number;
  verify: Verification[];
  events: Readonly<Record<string, Handling>>;
  windowSeconds: number;
  adapterOptions: AdapterOptions;
  /** Absent where sessions are not read back. */
  session?: SessionSource | undefined;
  /** How long nothing may come of it before that is told; absent where it may be for ever. */
  silentAfterSeconds?: number | undefined;
  retention: Retention;
  challenge?: Challenge | undefined;
  /** Headers of its webhooks that some subscriber wants to see, in lower case. */
  keptHeaders: readonly string[];
}

/** OAuth 2.0 client credentials. */
export interface OAuth2 {
  type: "oauth2";
  tokenUrl: string;
  clientId: string;
  method: "basic" | "post" | "private_key_jwt";
  /** The client's secret, or for `private_key_jwt` the PEM of its private key. */
  credential: SecretRef;
  scope?: string | undefined;
  audience?: string | undefined;
}

export type SubscriberAuth =
  | { type: "none" }
  | { type: "header"; name: string; value: SecretRef }
  | { type: "basic"; username: string; password: SecretRef }
  | OAuth2;

/** How a delivery proves where it comes from. */
export type SigningMethod =
  | { scheme: "standard"; secret: SecretRef }
  | {
      scheme: "hmac";
      secret: SecretRef;
      header: string;
      prefix: string;
      encoding: "hex" | "base64";
      algorithm: "sha1" | "sha256" | "sha512";
    };

export interface Subscriber {
  name: string;
  url: string;
  enabled: boolean;
  filter?: Filter | undefined;
  signing: SigningMethod[];
  format: Format;
  /** Of the vendor's request, in lower case; only with the format `raw`. */
  forwardHeaders: readonly string[];
  /** Sent with every delivery. */
  headers: Readonly<Record<string, string>>;
  include?: readonly Includable[] | undefined;
  redact: readonly string[];
  auth: SubscriberAuth;
  schedule: readonly number[];
  accept: "2xx" | "success";
  timeoutSeconds: number;
  /** The most attempts, each second and at a time; best effort. */
  ratePerSecond?: number | undefined;
  concurrency?: number | undefined;
  /** How long links to files live. */
  linkSeconds: number;
}

/** What a document says. */
export interface Settings {
  sources: ReadonlyMap<string, Source>;
  subscribers: ReadonlyMap<string, Subscriber>;
}

export interface Config extends Settings {
  /** Hash of the document that says it. */
  version: string;
}

/** How a source handles an event: by the most specific of its names that is configured, else by `*`, else `record`. */
export function handlingOf(source: Source, names: readonly string[]): { name: string } & Handling {
  const name = [...names, "*"].find((each) => Object.hasOwn(source.events, each)) ?? "*";
  return { name, ...(source.events[name] ?? { action: "record", fetches: false }) };
}

/** Whether the session behind a webhook that is handled like this is to be read back. */
export function isReadBack(source: Source, { action, fetches }: Handling): boolean {
  return source.session !== undefined && (action === "deliver" || (action === "record" && fetches));
}

/**
 * How a vendor's session is read back: the requests to make and what their answers mean. Nothing here fetches; whoever runs
 * a reading sends its requests, with the source's credential where one asks for it, and hands back the answers.
 */
import type { Statement } from "../core/event.ts";
import type { FileKind } from "../core/files.ts";
import type { JsonObject } from "../core/json.ts";
import type { TokenRequest } from "../core/obtained-token.ts";
import type { AdapterOptions, PropertyField } from "./adapter.ts";
import type { FileRule, ReadRule, SessionAuth } from "./custom/rules.ts";

export interface SessionRequest {
  method: "GET" | "POST";
  /** Absolute. */
  url: string;
  /** The source's credential goes along; only to the origins that its configuration names, whatever stands here. */
  withCredential: boolean;
  /** JSON. */
  body?: string;
  /** Of a file that is read for what it says: object storage may hold it, behind a redirect. */
  followsRedirects?: boolean;
}

/** Why an answer is not what was asked for. `unavailable`: not now, and the source's patience is over. */
export type AnswerFault =
  | "gone"
  | "forbidden"
  | "refused"
  | "redirected"
  | "rejected"
  | "unreadable"
  | "too_large"
  | "unavailable";

/** `json` of a refusal where it has any: a vendor may say with a 410 how a session ended. */
export type SessionAnswer =
  | { ok: true; json: JsonObject }
  | { ok: false; why: AnswerFault; json?: JsonObject | undefined };

/** A file to be fetched. */
export interface SessionFile {
  /** The vendor's name for it, one of a kind within its session. */
  id: string;
  kind: FileKind;
  action?: string | undefined;
  name?: string | undefined;
  /** As the vendor states it beforehand. */
  contentType?: string | undefined;
  request: SessionRequest;
  /** Member of the answer's JSON object that holds the bytes in base64; without it the answer is the bytes. */
  base64At?: string | undefined;
  /** The vendor does not say beforehand whether it has this file: that it has not is no loss. */
  isOptional?: boolean;
  /** Bytes that an answer already held; nothing is left to fetch, and `request` says where they came from. */
  inline?: Uint8Array;
}

export interface SessionRead {
  /** What webhook and session say together. */
  statement: Statement;
  /** Whether the outcome was read from the vendor's API, or is still the webhook's. */
  isConfirmed: boolean;
  files: readonly SessionFile[];
  /** Answers as they came, by name; for `vendorData`. */
  vendorData: Readonly<Record<string, JsonObject>>;
}

/** Yields a request, is handed its answer. */
export type SessionReading = Generator<SessionRequest, SessionRead, SessionAnswer>;

/** The part of a source's configuration that a reading goes by. */
export interface SessionOptions extends AdapterOptions {
  /** Without a slash at its end. */
  baseUrl: string;
  /** Regula: what properties that the workflow's author named are called here. */
  properties: Readonly<Record<string, PropertyField>>;
  /** Incode: what is read. */
  fetch: readonly ("score" | "ocr" | "images")[];
  /** Unico: which of its two APIs, by flow where that differs. */
  contract: "websdk" | "api";
  contracts: Readonly<Record<string, "websdk" | "api">>;
  /** Unico: where tokens are asked for, by whom, for whom. */
  tokenUrl?: string | undefined;
  account?: string | undefined;
  tenant?: string | undefined;
  audience?: string | undefined;
  /** Incode: who logs in. */
  email?: string | undefined;
  /** A vendor that configuration describes: what is read, in turn, what opens it, which files there are. */
  auth?: SessionAuth | undefined;
  reads?: readonly ReadRule[];
  fileList?: readonly FileRule[];
}

/** What a session API is opened with; each is absent where the source does not configure it or it is not set. */
export interface SessionSecrets {
  apiKey?: string | undefined;
  password?: string | undefined;
  /** PEM */
  privateKey?: string | undefined;
}

export interface TokenSource {
  /** `undefined` where configuration or secrets do not suffice, or the key cannot be read. `now` in epoch milliseconds. */
  request(options: SessionOptions, secrets: SessionSecrets, now: number): Promise<TokenRequest | undefined>;
  /** `expiresInSeconds` where the answer says it. */
  read(json: JsonObject): { token: string; expiresInSeconds?: number | undefined } | undefined;
  /** Where the answer does not say it. */
  defaultSeconds: number;
  /** Renewed when less than this is left. */
  marginSeconds: number;
}

export interface SessionAdapter {
  /** Vendors whose API is opened by a token that is asked for first. */
  token?(options: SessionOptions): TokenSource | undefined;
  /** Headers that carry the credential. `undefined` where a secret is missing. */
  authorize(
    secrets: SessionSecrets,
    token: string | undefined,
    options: SessionOptions,
  ): Record<string, string> | undefined;
  /** @param isProven the webhook came with a signature or a credential: its verdict may stand */
  read(
    webhook: { statement: Statement; payload: JsonObject; isProven: boolean },
    options: SessionOptions,
  ): SessionReading;
  /** A body such as the vendor's webhook would have, for a session whose webhook never came. */
  webhookOf(sessionId: string, options: SessionOptions): JsonObject;
}

/** One segment of a path. `undefined` for what would climb out of it. */
export function pathSegment(id: string): string | undefined {
  return id === "." || id === ".." || id === "" || !id.isWellFormed() ? undefined : encodeURIComponent(id);
}

/**
 * One request to a vendor's session API: with the source's credential where it belongs, a token renewed once when it is refused,
 * and an answer that is either final or not to be had now.
 */
import type { SecretRef, SessionSource, Source } from "../config/config.ts";
import type { JsonObject } from "../core/json.ts";
import { classifyAnswer } from "../core/vendor-answer.ts";
import type { AnswerFault, SessionAdapter, SessionAnswer, SessionRequest, SessionSecrets } from "../vendors/session.ts";
import { tokenOf, type TokenDeps } from "./token.ts";

export type Fetched =
  | { kind: "response"; response: Response }
  | { kind: "failure"; reason: string }
  | { kind: "refused"; reason: string };

export interface VendorRequest {
  method: "GET" | "POST";
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  credential?: Readonly<Record<string, string>> | undefined;
  credentialOrigins: readonly string[];
  timeoutMs: number;
  followsRedirects: boolean;
}

export interface AskDeps extends TokenDeps {
  pause(milliseconds: number): Promise<void>;
  /** By source, epoch milliseconds; what an isolate remembers of vendors that hang. */
  illUntil: Map<string, number>;
  secret(ref: SecretRef): Promise<string | undefined>;
  fetch(request: VendorRequest, cameInAt: string): Promise<Fetched>;
  discard(response: Response): Promise<void>;
  readJson(
    response: Response,
    maxBytes: number,
  ): Promise<{ ok: true; json: JsonObject } | { ok: false; why: "too_large" | "unreadable" | "interrupted" }>;
}

/** The vendor cannot answer now: worth another try, later. */
export class NotYet extends Error {
  override readonly name = "NotYet";
  /** As the vendor wishes, seconds. */
  readonly afterSeconds: number | undefined;
  /** Stable words, for the ledger and the log. */
  readonly reason: string;

  constructor(reason: string, afterSeconds?: number) {
    super(`the vendor cannot answer now: ${reason}`);
    this.reason = reason;
    this.afterSeconds = afterSeconds;
  }
}

export type Opened =
  | { ok: true; response: Response }
  | { ok: false; why: AnswerFault; response?: Response; detail?: string };

/** Asks one source's vendor; what it knows of the credential lasts as long as it does. */
export interface Asker {
  /** Throws `NotYet`. A response that is not used must be discarded. */
  open(request: SessionRequest, followsRedirects: boolean): Promise<Opened>;
  /** The whole answer, as JSON. Throws `NotYet`. */
  ask(request: SessionRequest): Promise<SessionAnswer>;
  /** Words for the log: what was refused, and why. */
  refusals: readonly string[];
  /** Tries again what failed quickly, after 1 s and after 2 s and no more than that in all; then `NotYet` is for the queue. */
  retrying<T>(work: () => Promise<T>): Promise<T>;
}

const TIMEOUT_MS = 20_000;
/** An answer is parsed whole, in an isolate of 128 MB that it shares. */
const MAX_JSON_BYTES = 10 * 1024 * 1024;

/**
 * How long one session may keep a consumer, of the platform's 15 minutes for a whole batch. Within it a vendor that is slow gives what
 * it can; what it did not is asked for in the next message.
 */
const SESSION_MS = 240_000;
/** A vendor that hangs is left alone by this isolate for so long: each question would keep a consumer for its timeout. */
const ILL_MS = 30_000;

const TIMED_OUT = "timeout";

/**
 * @param cameInAt origin of the gateway that the webhook came in at; no vendor's URL may lead back there
 * @param isLast nobody will ask again, so that even a vendor that hangs is asked
 */
export function createAsker(
  source: Source,
  session: SessionSource,
  adapter: SessionAdapter,
  cameInAt: string,
  isLast: boolean,
  deps: AskDeps,
): Asker {
  const refusals: string[] = [];
  const startedAt = deps.now();
  const tokenSource = adapter.token?.(session.options);
  const pauses = session.patienceSeconds > 0 ? [1000, 2000] : [];
  let token: string | undefined;

  function checkTime(): void {
    if (deps.now() - startedAt > SESSION_MS) throw new NotYet("took too long");
    const illFor = (deps.illUntil.get(source.name) ?? 0) - deps.now();
    if (illFor > 0 && !isLast) throw new NotYet("vendor hangs", Math.ceil(illFor / 1000));
  }

  async function retrying<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const [milliseconds] = pauses;
        if (!(error instanceof NotYet) || !isQuick(error) || milliseconds === undefined) throw error;
        if ((error.afterSeconds ?? 0) * 1000 > milliseconds) throw error;
        pauses.shift();
        await deps.pause(milliseconds);
      }
    }
  }

  async function readSecrets(): Promise<SessionSecrets> {
    const read = async (ref: SecretRef | undefined) => (ref ? deps.secret(ref) : undefined);
    const [apiKey, password, privateKey] = await Promise.all([
      read(session.apiKey),
      read(session.password),
      read(session.privateKey),
    ]);
    return { apiKey, password, privateKey };
  }

  /** A secret that is missing or wrong is waited for as well: somebody may be mending it. */
  async function credentialOf(refused?: string): Promise<Record<string, string>> {
    const secrets = await readSecrets();
    if (tokenSource && (token === undefined || refused !== undefined)) {
      const result = await tokenOf(source, session, tokenSource, secrets, refused, deps);
      if (!result.ok) throw putOff(`token ${result.why}`, result.afterSeconds);
      token = result.token;
    }
    const credential = adapter.authorize(secrets, token, session.options);
    if (!credential) throw putOff("secret missing");
    return credential;
  }

  function putOff(reason: string, afterSeconds?: number): NotYet {
    refusals.push(reason);
    return new NotYet(reason, afterSeconds);
  }

  async function send(
    request: SessionRequest,
    credential: Record<string, string>,
    followsRedirects: boolean,
  ): Promise<Fetched> {
    const { method, url, body } = request;
    return deps.fetch(
      {
        method,
        url,
        body,
        headers: {
          accept: "application/json, */*",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(request.withCredential ? { credential } : {}),
        credentialOrigins: session.origins,
        timeoutMs: TIMEOUT_MS,
        followsRedirects,
      },
      cameInAt,
    );
  }

  async function open(request: SessionRequest, followsRedirects: boolean): Promise<Opened> {
    checkTime();
    let credential = request.withCredential ? await credentialOf() : {};
    for (let isRenewed = false; ; isRenewed = true) {
      const fetched = await send(request, credential, followsRedirects);
      if (fetched.kind === "failure") {
        if (fetched.reason === TIMED_OUT) deps.illUntil.set(source.name, deps.now() + ILL_MS);
        throw new NotYet(fetched.reason);
      }
      if (fetched.kind === "refused")
        return refuse(fetched.reason === "redirected" ? "redirected" : "refused", fetched.reason);
      const { response } = fetched;
      const answer = classifyAnswer(response.status, response.headers.get("retry-after"), deps.now());
      deps.illUntil.delete(source.name);
      if (answer.kind === "ok") return { ok: true, response };
      if (answer.kind === "final") return { ...refuse(answer.why, String(response.status)), response };
      await deps.discard(response);
      if (answer.kind === "later") throw new NotYet(String(response.status), answer.afterSeconds);
      if (isRenewed || !tokenSource || !request.withCredential) return refuse("forbidden", String(response.status));
      credential = await credentialOf(token);
    }
  }

  function refuse(why: AnswerFault, detail: string): Opened & { ok: false } {
    refusals.push(`${why} ${detail}`);
    return { ok: false, why };
  }

  return {
    open,
    refusals,
    retrying,
    ask: (request) => retrying(() => ask(request)),
  };

  async function ask(request: SessionRequest): Promise<SessionAnswer> {
    const opened = await open(request, request.followsRedirects ?? false);
    if (!opened.ok && !opened.response) return { ok: false, why: opened.why };
    const { response } = opened;
    const read = response ? await deps.readJson(response, MAX_JSON_BYTES) : undefined;
    if (!opened.ok) return { ok: false, why: opened.why, json: read?.ok ? read.json : undefined };
    if (!read?.ok) {
      if (read?.why === "interrupted") throw new NotYet("interrupted");
      return { ok: false, why: read?.why ?? "unreadable" };
    }
    return { ok: true, json: read.json };
  }
}

/** Of these the same question may be answered a moment later; of a token, a secret or a timeout it is not. */
const QUICK = /^(connection|interrupted|cut_off|408|409|425|429|5\d\d)$/;

const isQuick = ({ reason }: NotYet): boolean => QUICK.test(reason);

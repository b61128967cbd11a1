/** `GET` and `PUT /api/config`: the document that was accepted last, from the record and not from a cache; its ETag is its version. */
import type { Config } from "../config/config.ts";
import { accept, look, type HistoryDeps } from "../config/history.ts";
import { changesBetween } from "../config/changes.ts";
import type { Fault } from "../config/faults.ts";
import { MAX_DOCUMENT_BYTES } from "../config/load.ts";
import { readConfig } from "../config/read.ts";
import { warnOfSecrets, type KnownSecrets } from "../config/secret-warnings.ts";
import type { ConfigVersion } from "../core/config-version.ts";
import type { Allowance } from "../core/destination.ts";
import { parseText } from "../core/json.ts";
import { array, integer, object } from "../core/json-schema.ts";
import { isDeclaredTooLarge, readBody } from "../receive/body.ts";
import { problem } from "./problem.ts";
import { answer, oneOf } from "./query.ts";
import type { Call, Route } from "./route.ts";
import { ref } from "./schemas.ts";

export interface ConfigDeps {
  history: HistoryDeps;
  /** Uses an accepted document here and at once. */
  adopt(text: string, config: Config, version: number): void;
  allowance: Allowance;
  /** Origins under which this gateway is reached. */
  ownOrigins: readonly string[];
  secrets: KnownSecrets;
}

type Of = { config: ConfigDeps };

export async function getConfig({ history }: ConfigDeps): Promise<Response> {
  const { newest } = await look(history);
  return answerDocument(newest, history);
}

export async function answerDocument(version: ConfigVersion | undefined, { records }: HistoryDeps): Promise<Response> {
  const text = version && (await records.read(version.hash));
  if (!version || text === undefined) return problem("not_found", { detail: "No configuration has been put yet." });
  const headers = { "content-type": "application/json", "cache-control": "no-store", etag: etagOf(version) };
  return new Response(text, { headers });
}

async function putConfig(call: Call<Of>): Promise<Response> {
  const { request } = call;
  if (isDeclaredTooLarge(request.headers, MAX_DOCUMENT_BYTES)) return problem("too_large");
  const reading = await readBody(request, MAX_DOCUMENT_BYTES);
  if (!reading.ok) return problem("too_large");
  const text = new TextDecoder().decode(reading.body);
  if (parseText(text) === undefined) return problem("bad_json");
  const message = readMessage(request.headers.get("gatepost-message"));
  if (message === NOT_A_MESSAGE) return problem("invalid_message");
  return propose(text, message, call);
}

/** A document becomes a version, or with `dryRun` only what that would change is said. */
export async function propose(text: string, message: string | undefined, call: Call<Of>): Promise<Response> {
  const { request, caller, concerns } = call;
  const { history, allowance, ownOrigins, adopt, secrets } = call.deps.config;
  const isDry = new URL(request.url).searchParams.get("dryRun") === "true";
  if (isDry) concerns("config/dry-run");
  const document = parseText(text);
  const read = readConfig(document, allowance, ownOrigins);
  if (!read.ok) return problem("invalid_config", { errors: read.faults });
  const warnings = [...read.warnings, ...(await warnOfSecrets(document, secrets))];
  const follows = (newest: ConfigVersion | undefined) => isNamed(request.headers.get("if-match"), newest);
  if (isDry) {
    const { newest } = await look(history);
    if (!follows(newest)) return problem("stale");
    const changes = changesBetween(await documentOf(newest, history), document);
    return answer({ valid: true, changes, ...tell(warnings) });
  }
  const accepted = await accept({ text, by: caller.name, message, follows }, history);
  if (!accepted) return problem("stale");
  const { version, isPublished } = accepted;
  concerns(`config/${version.version}`);
  adopt(text, { ...read.config, version: version.hash }, version.version);
  const told = tell(isPublished ? warnings : [...warnings, UNPUBLISHED]);
  return answer({ success: true, version: version.version, ...told }, 200, { etag: etagOf(version) });
}

const UNPUBLISHED: Fault = {
  path: "",
  message: "in force here and on record; elsewhere within minutes, since the store that all read cannot be written now",
};

const tell = (warnings: readonly Fault[]) => (warnings.length > 0 ? { warnings } : {});

/** `undefined` where there is none. */
export async function documentOf(version: ConfigVersion | undefined, { records }: HistoryDeps): Promise<unknown> {
  const text = version && (await records.read(version.hash));
  return text === undefined ? undefined : parseText(text);
}

const etagOf = ({ version }: ConfigVersion): string => `"${version}"`;

/** RFC 9110 section 13.1.1, but that a tag which was weakened on its way, as by compression at the edge, names the same version. */
function isNamed(expected: string | null, newest: ConfigVersion | undefined): boolean {
  if (expected === null) return true;
  if (!newest) return false;
  return expected.split(",").some((tag) => ["*", etagOf(newest), `W/${etagOf(newest)}`].includes(tag.trim()));
}

/** What a version may say of itself: no control characters, since it ends up on terminals. */
export const MESSAGE = /^(?:\n|\P{Cc}){1,500}$/u;
const NOT_A_MESSAGE = Symbol("not a message");

/** Of a header, which holds nothing but ASCII. */
function readMessage(header: string | null): string | undefined | typeof NOT_A_MESSAGE {
  if (header === null || header === "") return undefined;
  try {
    const message = decodeURIComponent(header);
    return MESSAGE.test(message) ? message : NOT_A_MESSAGE;
  } catch {
    return NOT_A_MESSAGE;
  }
}

/** What a change of the configuration takes and answers, by whichever road. */
export const CHANGING = {
  allow: "admin",
  query: { dryRun: oneOf(["true", "false"]) },
  answers: {
    200: {
      schema: object({
        success: { const: true },
        version: integer,
        valid: { const: true },
        changes: array(ref("Change")),
        warnings: array(ref("Fault")),
      }),
    },
  },
} as const satisfies Partial<Route<Of>>;

export const configRoutes: readonly Route<Of>[] = [
  {
    method: "GET",
    path: "/api/config",
    allow: "viewer",
    id: "getConfig",
    summary: "The configuration document; its ETag is its version",
    answers: { 200: { schema: { type: "object" } } },
    problems: ["not_found"],
    handle: ({ deps }) => getConfig(deps.config),
  },
  {
    ...CHANGING,
    method: "PUT",
    path: "/api/config",
    id: "putConfig",
    summary: "Replaces the configuration document, or with dryRun only says what that would change",
    headers: { "if-match": { type: "string" }, "gatepost-message": { type: "string" } },
    body: { schema: { type: "object" } },
    problems: ["bad_json", "stale", "too_large", "invalid_config", "invalid_message"],
    handle: putConfig,
  },
];

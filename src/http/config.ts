/** `GET` and `PUT /api/config`: the document, read from the store and not from a cache; its ETag is its version. */
import type { Config } from "../config/config.ts";
import { changesBetween } from "../config/changes.ts";
import { readConfig } from "../config/read.ts";
import { warnOfSecrets, type KnownSecrets } from "../config/secret-warnings.ts";
import { versionOf } from "../config/version.ts";
import type { Allowance } from "../core/destination.ts";
import { parseText } from "../core/json.ts";
import { array, object } from "../core/json-schema.ts";
import { isDeclaredTooLarge, readBody } from "../receive/body.ts";
import { problem } from "./problem.ts";
import { oneOf } from "./query.ts";
import type { Route } from "./route.ts";
import { ref } from "./schemas.ts";

export interface ConfigDeps {
  documents: {
    current(): Promise<string | undefined>;
    write(text: string): Promise<void>;
    keepGood(text: string): Promise<void>;
  };
  /** Uses an accepted document here and at once. */
  adopt(text: string, config: Config): void;
  allowance: Allowance;
  /** Origins under which this gateway is reached. */
  ownOrigins: readonly string[];
  secrets: KnownSecrets;
}

/** A KV value holds 25 MiB; a document of this size is a mistake already. */
const MAX_DOCUMENT_BYTES = 5 * 1024 * 1024;

export async function getConfig(deps: ConfigDeps): Promise<Response> {
  const text = await deps.documents.current();
  if (text === undefined) return problem("not_found", { detail: "No configuration has been put yet." });
  const headers = { "content-type": "application/json", "cache-control": "no-store", etag: await etagOf(text) };
  return new Response(text, { headers });
}

export async function putConfig(request: Request, deps: ConfigDeps): Promise<Response> {
  if (isDeclaredTooLarge(request.headers, MAX_DOCUMENT_BYTES)) return problem("too_large");
  const reading = await readBody(request, MAX_DOCUMENT_BYTES);
  if (!reading.ok) return problem("too_large");
  const text = new TextDecoder().decode(reading.body);
  const document = parseText(text);
  if (document === undefined) return problem("bad_json");

  const current = await deps.documents.current();
  const expected = request.headers.get("if-match");
  if (expected !== null && !(await isVersion(expected, current))) return problem("stale");

  const read = readConfig(document, deps.allowance, deps.ownOrigins);
  if (!read.ok) return problem("invalid_config", { errors: read.faults });
  const warnings = [...read.warnings, ...(await warnOfSecrets(document, deps.secrets))];
  if (isDryRun(request)) {
    const changes = changesBetween(current === undefined ? undefined : parseText(current), document);
    return Response.json({ valid: true, changes, ...(warnings.length > 0 ? { warnings } : {}) });
  }
  await deps.documents.write(text);
  await deps.documents.keepGood(text).catch(() => undefined);
  deps.adopt(text, { ...read.config, version: await versionOf(text) });
  return Response.json(
    { success: true, ...(warnings.length > 0 ? { warnings } : {}) },
    { headers: { etag: await etagOf(text) } },
  );
}

const isDryRun = ({ url }: Request): boolean => new URL(url).searchParams.get("dryRun") === "true";

async function etagOf(text: string): Promise<string> {
  return `"${await versionOf(text)}"`;
}

/** RFC 9110 section 13.1.1 */
async function isVersion(expected: string, current: string | undefined): Promise<boolean> {
  if (current === undefined) return false;
  const version = await etagOf(current);
  return expected.split(",").some((tag) => tag.trim() === "*" || tag.trim() === version);
}

export const configRoutes: readonly Route<{ config: ConfigDeps }>[] = [
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
    method: "PUT",
    path: "/api/config",
    allow: "admin",
    id: "putConfig",
    summary: "Replaces the configuration document, or with dryRun only says what that would change",
    query: { dryRun: oneOf(["true", "false"]) },
    headers: { "if-match": { type: "string" } },
    body: { schema: { type: "object" } },
    answers: {
      200: {
        schema: object({
          success: { const: true },
          valid: { const: true },
          changes: array(ref("Change")),
          warnings: array(ref("Fault")),
        }),
      },
    },
    problems: ["bad_json", "stale", "too_large", "invalid_config"],
    handle({ request, deps, concerns }) {
      if (isDryRun(request)) concerns("config/dry-run");
      return putConfig(request, deps.config);
    },
  },
];

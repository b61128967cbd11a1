/** `/api/config/versions`, `…/changes` and `…/rollback`: what was in force before, what differs, and the way back. */
import * as v from "valibot";
import { changesBetween } from "../config/changes.ts";
import { look } from "../config/history.ts";
import type { ConfigVersion } from "../core/config-version.ts";
import { array, integer, object } from "../core/json-schema.ts";
import { readJson } from "./body.ts";
import { answerDocument, CHANGING, documentOf, MESSAGE, propose, type ConfigDeps } from "./config.ts";
import { problem } from "./problem.ts";
import { answer, paging, readQuery, type Parameter, type Parameters } from "./query.ts";
import type { Call, Route } from "./route.ts";
import { listOf, ref } from "./schemas.ts";

type Of = { config: ConfigDeps };

const NUMBER = /^[1-9]\d{0,8}$/;

const version: Parameter<number> = {
  expects: "the number of a version",
  schema: { ...integer, minimum: 1 },
  read: (text) => (NUMBER.test(text) ? Number(text) : undefined),
};

interface VersionsQuery {
  limit?: number;
  /** The last version of the page before. */
  cursor?: number;
}

const LIST: Parameters<VersionsQuery> = {
  limit: paging.limit,
  cursor: { ...version, expects: paging.cursor.expects, schema: { type: "string" } },
};
const DEFAULT_LIMIT = 50;

async function listVersions({ request, deps }: Call<Of>): Promise<Response> {
  const reading = readQuery<VersionsQuery>(request, LIST);
  if (!reading.ok) return reading.refusal;
  const { limit = DEFAULT_LIMIT, cursor } = reading.query;
  const { newest } = await look(deps.config.history);
  const { versions, isLast } = await deps.config.history.records.list(limit, cursor);
  const last = versions.at(-1);
  return answer({
    items: versions.map((each) => ({
      ...each,
      at: new Date(each.at).toISOString(),
      ...(each.version === newest?.version ? { current: true } : {}),
    })),
    ...(isLast || !last ? {} : { cursor: String(last.version) }),
  });
}

async function getVersion({ parameter, deps }: Call<Of>): Promise<Response> {
  const number = version.read(parameter("version"));
  const found = number === undefined ? undefined : await deps.config.history.records.find(number);
  return found ? answerDocument(found, deps.config.history) : problem("unknown_version");
}

interface ChangesQuery {
  from?: number;
  to?: number;
}

const CHANGES: Parameters<ChangesQuery> = { from: version, to: version };

/** Between two versions; by default between the newest and the one before it. */
async function getChanges({ request, deps }: Call<Of>): Promise<Response> {
  const reading = readQuery<ChangesQuery>(request, CHANGES);
  if (!reading.ok) return reading.refusal;
  const { history } = deps.config;
  const { newest } = await look(history);
  const { to = newest?.version ?? 0, from = to - 1 } = reading.query;
  const [before, after] = await Promise.all([from, to].map((number) => history.records.find(number)));
  // Before the first there was nothing.
  if (!after || (!before && from > 0)) return problem("unknown_version");
  const [older, newer] = await Promise.all([documentOf(before, history), documentOf(after, history)]);
  return answer({ from, to, changes: changesBetween(older, newer) });
}

const MAX_BODY_BYTES = 16 * 1024;
const bodySchema = v.strictObject({
  version: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999)),
  message: v.optional(v.pipe(v.string(), v.regex(MESSAGE))),
});

/** An earlier document becomes the newest version, if it is valid by today's rules. */
async function rollBack(call: Call<Of>): Promise<Response> {
  const { records } = call.deps.config.history;
  const reading = await readJson(call.request, MAX_BODY_BYTES);
  if (!reading.ok) return reading.refusal;
  const parsed = v.safeParse(bodySchema, reading.value);
  if (!parsed.success) return problem("invalid_rollback");
  const found: ConfigVersion | undefined = await records.find(parsed.output.version);
  const text = found && (await records.read(found.hash));
  if (text === undefined) return problem("unknown_version");
  const { message = `Back to version ${parsed.output.version}` } = parsed.output;
  return propose(text, message.toWellFormed(), call);
}

const VERSIONS = "/api/config/versions";

export const configVersionRoutes: readonly Route<Of>[] = [
  {
    method: "GET",
    path: VERSIONS,
    allow: "viewer",
    id: "listConfigVersions",
    summary: "Every configuration document that was accepted: when, by whom and why, newest first",
    query: LIST,
    answers: { 200: { schema: listOf("ConfigVersion") } },
    problems: ["bad_query"],
    handle: listVersions,
  },
  {
    method: "GET",
    path: `${VERSIONS}/{version}`,
    allow: "viewer",
    id: "getConfigVersion",
    summary: "An earlier configuration document",
    parameters: { version: version.schema },
    answers: { 200: { schema: { type: "object" } } },
    problems: ["unknown_version"],
    handle: getVersion,
  },
  {
    method: "GET",
    path: "/api/config/changes",
    allow: "viewer",
    id: "getConfigChanges",
    summary: "What differs between two versions; by default between the newest and the one before",
    query: CHANGES,
    answers: {
      200: {
        schema: object({ from: integer, to: integer, changes: array(ref("Change")) }, ["from", "to", "changes"]),
      },
    },
    problems: ["bad_query", "unknown_version"],
    handle: getChanges,
  },
  {
    ...CHANGING,
    method: "POST",
    path: "/api/config/rollback",
    id: "rollBackConfig",
    summary: "Makes an earlier document the newest version, or with dryRun only says what that would change",
    headers: { "if-match": { type: "string" } },
    body: {
      schema: object({ version: version.schema, message: { type: "string", minLength: 1, maxLength: 500 } }, [
        "version",
      ]),
    },
    problems: ["invalid_rollback", "unknown_version", "stale", "too_large", "invalid_config"],
    handle: rollBack,
  },
];

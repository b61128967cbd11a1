/**
 * Reads a Regula session back: its status is the outcome, its properties are the person and the checks, its files are listed.
 * What the Document Reader found completes what the workflow did not make a property of.
 * Source: Regula's page "Getting Session Data via API".
 */
import type { Json, Scalar, Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { parsePointer } from "../../core/pointer.ts";
import { withUniqueIds } from "../file-ids.ts";
import { withinLimits } from "../limits.ts";
import { createReader, type Reader } from "../reader.ts";
import { completedBy, startOf, withMissing, type Findings, type Webhook, isOfAnother } from "../reading.ts";
import {
  pathSegment,
  type SessionAdapter,
  type SessionOptions,
  type SessionRead,
  type SessionReading,
  type SessionRequest,
} from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { listFiles } from "./files.ts";
import { readTexts } from "./docreader.ts";
import { readProperties, renamed, toProperties } from "./properties.ts";
import { picturesOf, readResult } from "./result.ts";
import { readStatus } from "./statuses.ts";

export const regulaSession: SessionAdapter = {
  authorize: ({ apiKey }) => (apiKey === undefined ? undefined : { authorization: `Apikey ${apiKey}` }),
  read: (webhook, options) => withinLimits(read(webhook, options)),
  webhookOf,
};

function* read(webhook: Webhook, options: SessionOptions): SessionReading {
  const statement = startOf(webhook);
  const request = requestOf(statement.session.id, options);
  if (!request) return unread(statement, "refused");
  const answer = yield request;
  if (!answer.ok) return unread(statement, answer.why);
  if (isOfAnother(createReader(answer.json).text("id", "sessionId"), statement.session.id))
    return unread(statement, "unreadable");

  const listing = listFiles(answer.json, options.baseUrl);
  const { result, missing } = yield* readResult(answer.json, request, listing.results);
  const session = toVendorData(answer.json);
  const said = withoutResults(session) as JsonObject;
  const properties = readProperties(renamed(toProperties(said["properties"]), options.properties));
  const findings = result ? completedBy(properties, readTexts(result.containers)) : properties;
  const known = withMissing(statement, [...listing.missing, ...missing]);
  return {
    ...conclude(known, createReader(said), findings, options),
    files: withUniqueIds([...listing.files, ...(result ? picturesOf(result) : [])]),
    vendorData: { session },
  };
}

function requestOf(id: string | undefined, { baseUrl }: SessionOptions): SessionRequest | undefined {
  const segment = pathSegment(id ?? "");
  if (segment === undefined) return undefined;
  return { method: "GET", url: `${baseUrl}/api/sessions/${segment}`, withCredential: true };
}

function unread(statement: Statement, why: string): SessionRead {
  return {
    statement: withMissing(statement, [{ what: "session", why }]),
    isConfirmed: false,
    files: [],
    vendorData: {},
  };
}

/** A session without a status has no verdict, whatever else it holds. */
function conclude(
  statement: Statement,
  session: Reader,
  findings: Findings,
  { outcomes }: SessionOptions,
): Pick<SessionRead, "statement" | "isConfirmed"> {
  const status = session.text("status");
  const { type, outcome, decidedBy } = readStatus(status, outcomes);
  const flow = session.object("workflow")?.text("id") ?? session.text("workflowId") ?? statement.session.flow;
  const complete: Statement = {
    ...statement,
    ...findings,
    type,
    outcome,
    session: { ...statement.session, flow, vendorStatus: status, decidedBy },
    extracted: { ...statement.extracted, ...leftoversOf(session), ...findings.extracted },
  };
  if (status !== undefined) return { statement: complete, isConfirmed: true };
  return { statement: withMissing(complete, [{ what: "status", why: "not_sent" }]), isConfirmed: false };
}

function leftoversOf(session: Reader): Record<string, Scalar> {
  for (const name of ["id", "sessionId"]) session.text(name);
  for (const name of ["properties", "files"]) session.value(name);
  return session.leftovers();
}

/** A result of the Document Reader has thousands of scalars about light and places; those that mean something are read. */
function withoutResults(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutResults);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name !== "ContainerList");
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutResults(member)]));
}

/** Exactly what says which session it is: the rest of a webhook is the workflow author's. */
function webhookOf(sessionId: string, { sessionIdAt }: SessionOptions): JsonObject {
  const path = parsePointer(sessionIdAt[0] ?? "") ?? [];
  const [name = "sessionId", ...rest] = path;
  return { [name]: rest.reduceRight<Json>((value, segment) => ({ [segment]: value }), sessionId) };
}

/**
 * Reads a Unico process back, by one of two contracts: the vendor's own capture (Web & SDK), or the company's (API).
 * Source: developer.unico.io, pages "GetProcess" (Web & SDK) and "Get processes by id" (API).
 */
import { createReader } from "../reader.ts";
import type { Statement } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { withinLimits } from "../limits.ts";
import { startOf, withMissing, type Webhook, isOfAnother } from "../reading.ts";
import {
  pathSegment,
  type SessionAdapter,
  type SessionOptions,
  type SessionRead,
  type SessionReading,
} from "../session.ts";
import { authorize, unicoToken } from "./access.ts";
import { isError, readClientProcess } from "./client-contract.ts";
import { readProcess } from "./process.ts";

export const unicoSession: SessionAdapter = {
  token: () => unicoToken,
  authorize,
  read: (webhook, options) => withinLimits(read(webhook, options)),
  webhookOf,
};

const PATHS = { websdk: "/client/v1/process", api: "/processes/v1" };

function* read(webhook: Webhook, options: SessionOptions): SessionReading {
  const start = startOf(webhook);
  const { id, flow } = start.session;
  const contract = contractOf(flow, options);
  const segment = pathSegment(id ?? "");
  if (segment === undefined) return unread(start, "refused");

  const url = `${options.baseUrl}${PATHS[contract]}/${segment}`;
  const answer = yield { method: "GET", url, withCredential: true };
  if (answer.ok && isOfAnother(idIn(answer.json), id)) return unread(start, "unreadable");
  if (contract === "api" && (answer.ok || isError(answer))) return readClientProcess(start, answer.json, options);
  if (!answer.ok) return unread(start, answer.why);
  return readProcess(start, answer.json, url, options) ?? unread(start, "unreadable");
}

/** Of either contract. */
function idIn(json: JsonObject): string | undefined {
  const reader = createReader(json);
  return (reader.object("process") ?? reader).text("id");
}

function contractOf(flow: string | undefined, { contract, contracts }: SessionOptions): "websdk" | "api" {
  const ofFlow = flow !== undefined && Object.hasOwn(contracts, flow) ? contracts[flow] : undefined;
  return ofFlow ?? contract;
}

/** What the webhook said is all there is. */
function unread(statement: Statement, why: string): SessionRead {
  return {
    statement: withMissing(statement, [{ what: "session", why }]),
    isConfirmed: false,
    files: [],
    vendorData: {},
  };
}

/** Nothing but which process it is: how far that is, and in which flow, nobody has said. */
function webhookOf(sessionId: string): JsonObject {
  return { processId: sessionId };
}

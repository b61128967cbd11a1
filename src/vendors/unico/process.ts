/**
 * A process of the Web & SDK contract, in canonical words.
 * Source: developer.unico.io, page "GetProcess" (Web & SDK).
 */
import { toInstant } from "../../core/dates.ts";
import type { Json, Person, Statement } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { createReader, type Reader } from "../reader.ts";
import type { Findings } from "../reading.ts";
import type { SessionOptions, SessionRead } from "../session.ts";
import { toVendorData } from "../vendor-data.ts";
import { readProcessChecks } from "./checks.ts";
import { conclude } from "./conclude.ts";
import { listDocuments, readDocuments, type ListedDocument } from "./documents.ts";
import { listCaptures, listPictures } from "./files.ts";
import { readVerdict, type Verdict } from "./verdict.ts";

/** `undefined` where the answer holds no process. */
export function readProcess(
  start: Statement,
  answer: JsonObject,
  url: string,
  { outcomes }: SessionOptions,
): SessionRead | undefined {
  if (!isObject(answer["process"])) return undefined;
  const raw = withoutTokens(answer["process"]) as JsonObject;
  const process = toVendorData(raw);
  const reader = createReader(process);
  const verdict = readVerdict(reader, outcomes);
  const session = readSession(reader);
  const listed = listDocuments(raw);
  const pictures = listPictures(listed.documents);
  const captures = listCaptures(url, endOf(reader, verdict, session.flow ?? start.session.flow));
  const missing = [...pictures.missing, ...listed.missing];
  return {
    ...conclude(start, verdict, { session, ...readFindings(listed.documents, reader) }, missing),
    files: [...captures, ...pictures.files],
    vendorData: { session: { process } },
  };
}

/** The process's own token opens it for whoever has it. */
function withoutTokens(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutTokens);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name !== "token");
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutTokens(member)]));
}

function readSession(process: Reader): Statement["session"] {
  process.text("id");
  return {
    flow: process.text("flow"),
    externalId: process.text("clientReference"),
    startedAt: process.converted(["createdAt"], toInstant),
    finishedAt: process.converted(["finishedAt"], toInstant),
  };
}

function readFindings(listed: readonly ListedDocument[], reader: Reader): Findings {
  const documents = readDocuments(listed, readPerson(reader));
  const checks = [...readProcessChecks(reader), ...(documents.checks ?? [])];
  const services = reader.object("services");
  services?.value("documents");
  services?.object("docs")?.value("documents");
  return { ...documents, checks, extracted: { ...reader.leftovers(), ...documents.extracted } };
}

/** The number's type says which country's it is. `friendlyName` is what the page calls the person, no full name. */
function readPerson(process: Reader): Person {
  const person = process.object("person");
  const isCpf = person?.converted(["duiType"], (type) => type === "DUI_TYPE_BR_CPF" || undefined);
  const value = isCpf ? person?.text("duiValue") : undefined;
  return value === undefined ? {} : { nationalId: { type: "BR_CPF", value } };
}

function endOf(process: Reader, verdict: Verdict | undefined, flow: string | undefined) {
  const isFinished = process.text("state") === "PROCESS_STATE_FINISHED" && verdict !== undefined;
  return { isFinished, isComplete: isFinished && process.text("result") === "PROCESS_RESULT_OK", flow };
}

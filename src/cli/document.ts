/** The configuration document as the API has it: what is in effect, its versions, and what is wrong with another. */
import { Refusal, segment } from "./api.ts";
import { Failure } from "./failure.ts";
import { readDocument, tellFaults, type Document, type ToldFault } from "./faults.ts";
import type { Session } from "./session.ts";
import { count } from "./times.ts";

export const PATH = "/api/config";
export const VERSION = /^[1-9]\d{0,9}$/;

export interface Change {
  path: string;
  from?: unknown;
  to?: unknown;
}

export interface DryRun {
  valid: true;
  changes: Change[];
  warnings?: ToldFault[];
}

export interface InEffect {
  text: string | undefined;
  etag: string | undefined;
}

export async function inEffect({ api }: Session): Promise<InEffect> {
  const { status, text, etag } = await api.call("GET", PATH, {}, [200, 404]);
  return status === 404 ? { text: undefined, etag: undefined } : { text, etag };
}

export const textOf = async ({ api }: Session, version: string): Promise<string> =>
  (await api.call("GET", `${PATH}/versions/${segment(version)}`)).text;

/** The ETag of a document is its version's number; compression on the way weakens it. */
export const versionOf = (etag: string | undefined): string | undefined => /^(?:W\/)?"(\d+)"$/.exec(etag ?? "")?.[1];
export const numberOf = (etag: string | undefined): string => {
  const version = versionOf(etag);
  return version === undefined ? "" : ` (version ${version})`;
};

/** Tells every fault of a refused document where it stands, and ends. */
export async function check(session: Session, document: Document): Promise<DryRun> {
  readDocument(document);
  const { body } = await session.api
    .call<DryRun>("PUT", PATH, { body: document.text, query: { dryRun: true } })
    .catch((error: unknown) => {
      throw tellRefusal(session, document, error);
    });
  tellWarnings(session, document, body.warnings ?? []);
  return body;
}

export function tellWarnings({ printer }: Session, document: Document, warnings: readonly ToldFault[]): void {
  for (const line of tellFaults(warnings, document, "warning", printer.paintNote)) printer.note(line);
}

export function tellRefusal({ printer }: Session, document: Document, error: unknown): unknown {
  if (!(error instanceof Refusal) || !error.is("invalid-config")) return error;
  const faults = error.problem.errors ?? [];
  if (printer.isJson) for (const fault of faults) printer.record(fault);
  else for (const line of tellFaults(faults, document, "error", printer.paintNote)) printer.complain(line);
  return new Failure(`${count(faults.length, "fault")}; nothing was changed`);
}

/**
 * A process's files: selfie and evidence set, each in base64 within a JSON answer, and pictures of documents under signed links
 * to the vendor's storage.
 * Source: developer.unico.io, pages "GetSelfie", "GetEvidenceSet" and "GetProcess" (Web & SDK).
 */
import type { Missing } from "../../core/event.ts";
import type { FileKind } from "../../core/files.ts";
import type { SessionFile } from "../session.ts";
import type { ListedDocument } from "./documents.ts";

export interface ProcessEnd {
  isFinished: boolean;
  /** It ran to its end: selfie and evidence set were made, and one that is not there has been lost. */
  isComplete: boolean;
  flow: string | undefined;
}

/** The one flow that the vendor documents to have none. */
const WITHOUT_SELFIE = "idsmart";

/** @param processUrl where the process itself was read */
export function listCaptures(processUrl: string, { isFinished, isComplete, flow }: ProcessEnd): SessionFile[] {
  const capture = (id: string, kind: FileKind): SessionFile => ({
    id,
    kind,
    request: { method: "GET", url: `${processUrl}/${id}`, withCredential: true },
    base64At: "fileContents",
    ...(isComplete ? {} : { isOptional: true }),
  });
  if (!isFinished) return [];
  const selfie = flow === WITHOUT_SELFIE ? [] : [capture("selfie", "selfie")];
  return [...selfie, capture("evidenceset", "report")];
}

/** The links open by themselves, elsewhere than at the API: no credential goes there. */
export function listPictures(documents: readonly ListedDocument[]): { files: SessionFile[]; missing: Missing[] } {
  const files: SessionFile[] = [];
  const missing: Missing[] = [];
  const taken = new Set<string>();
  for (const [index, document] of documents.entries()) {
    const link = document.entry.text("signed_url");
    if (link === undefined) continue;
    const name = `document-${document.entry.text("doc_id") ?? index}`;
    const id = taken.has(name) ? `${name}-${index}` : name;
    taken.add(id);
    const url = URL.parse(link);
    if (!url || !/^https?:$/.test(url.protocol)) missing.push({ what: `files/${id}`, why: "no_url" });
    else files.push({ id, kind: kindOf(document), request: { method: "GET", url: url.href, withCredential: false } });
  }
  return { files, missing };
}

/** The vendor names the document and not its side; a document it cannot tell has no side that we could. */
function kindOf({ kind }: ListedDocument): FileKind {
  return kind === undefined ? "other" : "document.front";
}

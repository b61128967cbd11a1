/**
 * A process's files: selfie and evidence set, each in base64 within a JSON answer, and pictures of documents under signed links
 * to the vendor's storage.
 * Source: developer.unico.io, pages "GetSelfie", "GetEvidenceSet" and "GetProcess" (Web & SDK).
 */
import type { Missing } from "../../core/event.ts";
import type { FileKind } from "../../core/files.ts";
import { idOfUrl, withUniqueIds } from "../file-ids.ts";
import { cut } from "../limits.ts";
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
  for (const { id, kind, url } of withUniqueIds(documents.flatMap(toPicture))) {
    if (url === undefined) missing.push({ what: `files/${id}`, why: "no_url" });
    else files.push({ id, kind, request: { method: "GET", url, withCredential: false } });
  }
  return { files, missing };
}

interface Picture {
  id: string;
  kind: FileKind;
  url: string | undefined;
}

function toPicture(document: ListedDocument): Picture[] {
  const { id, link } = document.picture;
  if (link === undefined) return [];
  const parsed = URL.parse(link);
  const url = parsed && /^https?:$/.test(parsed.protocol) ? parsed.href : undefined;
  const name = id ?? (url && idOfUrl(url)) ?? "unnamed";
  return [{ id: cut(`document-${name}`), kind: kindOf(document), url }];
}

/** The vendor names the document and not its side; a document it cannot tell has no side that we could. */
function kindOf({ kind }: ListedDocument): FileKind {
  return kind === undefined ? "other" : "document.front";
}

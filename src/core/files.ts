/** A session's files: pictures, videos and reports that a vendor keeps for a while and the company keeps in its own storage. */
import { shortHash } from "./digest.ts";

export const FILE_KINDS = [
  "document.front",
  "document.back",
  "document.portrait",
  "selfie",
  "liveness.video",
  "document.video",
  "report",
  "http.request",
  "http.response",
  "other",
] as const;

export type FileKind = (typeof FILE_KINDS)[number];

/** A file as an event tells of it. */
export interface StoredFile {
  id: string;
  kind: FileKind;
  /** The vendor's action that made it. */
  action?: string | undefined;
  name?: string | undefined;
  contentType: string;
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

const ID = /^fil_([0-9a-f]{32})([0-9a-f]{32})$/;

/**
 * Of one event: a later event of the session may have other bytes under the vendor's same name. It starts with the session's
 * hash, so that the file is found, and everything of a session erased, without asking the ledger.
 */
export async function fileId(session: string, event: string, vendorId: string): Promise<string> {
  return `fil_${session}${await shortHash("file", event, vendorId)}`;
}

/** `undefined` where it is no file's id. */
export function parseFileId(id: string): { session: string; file: string } | undefined {
  const [, session, file] = ID.exec(id) ?? [];
  return session !== undefined && file !== undefined ? { session, file } : undefined;
}

/** Fetches a session's files into the company's storage, one at a time. What is there already is not fetched again. */
import type { SessionSource } from "../config/config.ts";
import type { Missing } from "../core/event.ts";
import { fileId, type StoredFile } from "../core/files.ts";
import type { SessionFile } from "../vendors/session.ts";
import { NotYet } from "./ask.ts";
import type { ReadSession } from "./session.ts";

export type StoreFault = "too_large" | "cut_off" | "unreadable" | "member_missing";

interface Kept {
  contentType: string;
  size: number;
  sha256: string;
}

export interface FilesDeps {
  files: {
    find(id: string): Promise<Kept | undefined>;
    store(
      id: string,
      source: {
        body: ReadableStream<Uint8Array>;
        length: number | undefined;
        contentType: string | undefined;
        base64At?: string;
      },
      terms: { maxBytes: number; source: string },
    ): Promise<({ ok: true } & Kept) | { ok: false; why: StoreFault }>;
  };
  /** The same bytes; fails where the vendor falls silent. */
  guardBody(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
}

export interface FetchedFiles {
  files: StoredFile[];
  missing: Missing[];
  /** Some could not be had, and are not asked for any longer. */
  hasGivenUp: boolean;
}

/** Throws `NotYet` after every file has had its turn, so that the next attempt has only the failed ones to fetch. */
export async function fetchFiles(
  read: ReadSession,
  of: { source: string; session: string; event: string },
  limits: SessionSource,
  isLast: boolean,
  deps: FilesDeps,
): Promise<FetchedFiles> {
  const files: StoredFile[] = [];
  const missing: Missing[] = [];
  const wanted = await lookUp(read.files, of, deps);
  // What is there counts first: a file that failed before must not make room for itself beside those that followed it.
  let left = wanted.reduce((bytes, { found }) => bytes - (found?.size ?? 0), limits.maxSessionBytes);
  let later: NotYet | undefined;
  let hasGivenUp = false;
  for (const { id, file, found } of wanted) {
    const maxBytes = Math.max(0, Math.min(left, limits.maxFileBytes));
    const attempt = found
      ? Promise.resolve(found)
      : read.asker.retrying(() => fetchFile(id, file, { maxBytes, source: of.source }, read, deps));
    const fetched = await attempt.catch((error: unknown) => {
      if (!(error instanceof NotYet)) throw error;
      if (isLast) hasGivenUp = true;
      else later = longer(later, error);
      return "unavailable" as const;
    });
    if (typeof fetched === "string") {
      if (fetched !== "absent") missing.push({ what: `files/${file.id}`, why: fetched });
      continue;
    }
    if (!found) left -= fetched.size;
    const { kind, action, name } = file;
    const { contentType, size, sha256 } = fetched;
    files.push({ id, kind, action, name, contentType, size, sha256 });
  }
  if (later) throw later;
  return { files, missing, hasGivenUp };
}

interface Wanted {
  id: string;
  file: SessionFile;
  found: Kept | undefined;
}

/** One after the other: what is there is read to be known. */
async function lookUp(
  files: readonly SessionFile[],
  { session, event }: { session: string; event: string },
  deps: FilesDeps,
): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const file of files) {
    const id = await fileId(session, event, `${file.id}\n${placeOf(file.request.url)}`);
    wanted.push({ id, file, found: await deps.files.find(id) });
  }
  return wanted;
}

/** Where a file is fetched from is part of what it is; the query may be a signature that is another each time. */
function placeOf(url: string): string {
  const { origin, pathname } = URL.canParse(url) ? new URL(url) : { origin: "", pathname: "" };
  return origin + pathname;
}

function longer(one: NotYet | undefined, other: NotYet): NotYet {
  return one && (one.afterSeconds ?? 0) >= (other.afterSeconds ?? 0) ? one : other;
}

/** How a vendor may say that it has no such file. */
const NOT_THERE: ReadonlySet<string> = new Set(["gone", "rejected"]);

/** A stable word where it cannot be had; `absent` where the vendor need not have it. */
async function fetchFile(
  id: string,
  file: SessionFile,
  terms: { maxBytes: number; source: string },
  { asker }: ReadSession,
  deps: FilesDeps,
): Promise<Kept | string> {
  const { contentType, base64At, inline } = file;
  if (inline) {
    const source = { body: streamOf(inline), length: inline.byteLength, contentType };
    return orWhy(await deps.files.store(id, source, terms));
  }
  const opened = await asker.open(file.request, base64At === undefined);
  if (!opened.ok) {
    await opened.response?.body?.cancel().catch(() => undefined);
    return file.isOptional && NOT_THERE.has(opened.why) ? "absent" : opened.why;
  }
  const { response } = opened;
  const source = {
    body: deps.guardBody(response.body ?? streamOf(new Uint8Array())),
    length: declaredLength(response.headers),
    contentType: base64At === undefined ? (response.headers.get("content-type") ?? contentType) : contentType,
    ...(base64At === undefined ? {} : { base64At }),
  };
  const stored = await deps.files.store(id, source, terms);
  if (!stored.ok && stored.why === "member_missing" && file.isOptional) return "absent";
  return orWhy(stored);
}

function orWhy(stored: ({ ok: true } & Kept) | { ok: false; why: StoreFault }): Kept | string {
  if (stored.ok) return stored;
  if (stored.why === "cut_off") throw new NotYet("cut_off");
  return stored.why === "member_missing" ? "unreadable" : stored.why;
}

/** An encoded body's length is not that of the bytes in it. */
function declaredLength(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  const isEncoded = !["", "identity"].includes((headers.get("content-encoding") ?? "").trim().toLowerCase());
  return length === null || isEncoded || !/^\d+$/.test(length) ? undefined : Number(length);
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

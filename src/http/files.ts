/**
 * `GET /files/{id}`: a session's file, for whoever has a link that has not expired, or an API token. What a stranger made and a
 * browser could run is only ever a download.
 */
import type { Config } from "../config/config.ts";
import { readLink } from "../core/file-link.ts";
import { parseFileId } from "../core/files.ts";
import { text } from "../core/json-schema.ts";
import type { Identity } from "../core/roles.ts";
import type { Log } from "../observe/log.ts";
import { bringsCredentials } from "./admission.ts";
import { problem } from "./problem.ts";
import { like, name } from "./query.ts";
import { parseRange, type ByteRange } from "./range.ts";
import type { Route } from "./route.ts";
import { FILE_ID } from "./schemas.ts";

export interface OpenedFile {
  /** Absent where the range lies outside of the file. */
  body?: ReadableStream<Uint8Array>;
  size: number;
  contentType: string;
  etag: string;
  range?: { offset: number; length: number };
}

export interface FilesDeps {
  open(id: string, range?: ByteRange): Promise<OpenedFile | undefined>;
  /** Why a file is not to be had any more, though the archive may still have it; `session` is a hash. */
  fateOfFile(id: string, session: string): Promise<"erased" | "expired" | undefined>;
  linkKeys(): Promise<readonly CryptoKey[]>;
  config(): Promise<Config | undefined>;
  isRefusedTooOften(key: string): Promise<boolean>;
  /** Epoch milliseconds. */
  now: number;
  log: Log;
}

export async function getFile(request: Request, id: string, deps: FilesDeps): Promise<Response> {
  const named = parseFileId(id);
  if (!named) return problem("unknown_file");
  const range = parseRange(request.headers.get("range"));
  // An erasure is in force before the archive has followed it.
  const [file, fate] = await Promise.all([deps.open(id, range), deps.fateOfFile(id, named.session)]);
  if (!file || fate === "erased") {
    await file?.body?.cancel();
    return problem(fate ?? "unknown_file");
  }
  // Who it was is for the audit: it may be an e-mail.
  deps.log({ stage: "file", outcome: "opened", file: id });
  if (range && !file.body) {
    return problem("range_not_satisfiable", {}, { "content-range": `bytes */${file.size}`, "accept-ranges": "bytes" });
  }
  const isHead = request.method === "HEAD";
  if (isHead) await file.body?.cancel();
  return new Response(isHead ? null : file.body, { status: file.range ? 206 : 200, headers: headersOf(id, file) });
}

/** Whose link it is, or the refusal; `undefined` where the request comes with a token instead. */
export async function admitByLink(
  request: Request,
  id: string,
  deps: FilesDeps,
): Promise<Identity | Response | undefined> {
  const { searchParams } = new URL(request.url);
  const hasLink = searchParams.has("signature");
  if (!hasLink && bringsCredentials(request)) return undefined;
  if (!parseFileId(id)) return problem("unknown_file");
  const subscriber = hasLink ? await subscriberOf(searchParams, id, deps) : undefined;
  if (subscriber !== undefined) return { name: `subscriber:${subscriber}` };
  deps.log({ stage: "file", outcome: "refused", file: id });
  const tooOften = await deps.isRefusedTooOften(`file ${request.headers.get("cf-connecting-ip") ?? ""}`);
  return problem(tooOften ? "too_many_refusals" : "link_refused");
}

/** A link ends with its subscriber. */
async function subscriberOf(query: URLSearchParams, id: string, deps: FilesDeps): Promise<string | undefined> {
  const link = await readLink(id, query, await deps.linkKeys());
  if (!link || link.expires * 1000 <= deps.now) return undefined;
  const config = await deps.config();
  return config?.subscribers.has(link.subscriber) ? link.subscriber : undefined;
}

/** What a browser shows without running anything in it. */
const SHOWN = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "video/mp4",
  "video/webm",
  "application/pdf",
]);

function headersOf(id: string, { contentType, size, etag, range }: OpenedFile): Record<string, string> {
  return {
    "content-type": contentType,
    "content-length": String(range ? range.length : size),
    ...(range ? { "content-range": `bytes ${range.offset}-${range.offset + range.length - 1}/${size}` } : {}),
    "accept-ranges": "bytes",
    etag,
    "cache-control": "private",
    "content-disposition": `${SHOWN.has(contentType) ? "inline" : "attachment"}; filename="${id}"`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
  };
}

export const fileRoutes: readonly Route<{ files: FilesDeps }>[] = [
  {
    method: "GET",
    path: "/files/{id}",
    allow: "operator",
    id: "openFile",
    summary: "A session's file, for whoever has a link that has not expired, or a token",
    parameters: { id: FILE_ID },
    query: {
      expires: like(/^\d{1,12}$/, "epoch seconds"),
      subscriber: name,
      signature: like(/^[\w-]+$/, "the link's signature"),
    },
    headers: { range: text },
    answers: { 200: { type: "*/*" }, 206: { type: "*/*" } },
    problems: ["link_refused", "unknown_file", "erased", "expired", "range_not_satisfiable"],
    opens: "file.opened",
    admit: ({ request, parameter, deps }) => admitByLink(request, parameter("id"), deps.files),
    handle: ({ request, parameter, deps }) => getFile(request, parameter("id"), deps.files),
  },
];

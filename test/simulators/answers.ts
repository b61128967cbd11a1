/** Answers of a simulated API, and the choice between them by method and path. */
import type { IncomingHttpHeaders } from "node:http";
import type { Fault } from "./faults.ts";
import { base64Chunks, base64Size, fileOf, type InventedFile } from "./invented-files.ts";

/** One request as it came. */
export interface ReceivedRequest {
  method: string;
  /** With its query, as sent. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Epoch milliseconds. */
  at: number;
  /** How it was failed. */
  fault?: Fault["kind"];
}

export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  contentType?: string | undefined;
  /** Bytes. */
  size: number;
  chunks(): Iterable<Uint8Array>;
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  const { size, chunks } = fileOf("application/json", new TextEncoder().encode(JSON.stringify(value)));
  return { status, contentType: "application/json", size, chunks };
}

export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const { size, chunks } = fileOf("text/plain", new TextEncoder().encode(text));
  return { status, headers, contentType: "text/plain", size, chunks };
}

export function fileAnswer({ contentType, size, chunks }: InventedFile): Answer {
  return { status: 200, contentType, size, chunks };
}

/** A JSON object whose files are text in base64, written as it is sent: a whole one may be larger than a string can be. */
export function membersAnswer(members: Readonly<Record<string, string | InventedFile>>): Answer {
  const entries = Object.entries(members);
  const opening = (name: string, index: number) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`;

  function* text(): Generator<string> {
    if (entries.length === 0) yield "{";
    for (const [index, [name, value]] of entries.entries()) {
      yield opening(name, index);
      if (typeof value === "string") yield JSON.stringify(value);
      else yield* quoted(base64Chunks(value));
    }
    yield "}";
  }

  function* chunks(): Generator<Uint8Array> {
    for (const part of text()) yield new TextEncoder().encode(part);
  }

  const sizeOf = (value: string | InventedFile) =>
    typeof value === "string" ? Buffer.byteLength(JSON.stringify(value)) : base64Size(value) + 2;
  const sizes = entries.map(([name, value], index) => Buffer.byteLength(opening(name, index)) + sizeOf(value));
  const size = sizes.reduce((sum, each) => sum + each, entries.length === 0 ? 2 : 1);
  return { status: 200, contentType: "application/json", size, chunks };
}

function* quoted(parts: Iterable<string>): Generator<string> {
  yield '"';
  yield* parts;
  yield '"';
}

export interface Call extends ReceivedRequest {
  /** What the path's groups matched, decoded. */
  segments: readonly string[];
  query: URLSearchParams;
}

export interface Route {
  method: "GET" | "POST";
  path: RegExp;
  answer: (call: Call) => Answer;
}

/** 404 for a path that none has, 405 for one that another method has. `refuse` words refusals as the vendor does. */
export function routed(
  routes: readonly Route[],
  refuse: (status: number, request: ReceivedRequest) => Answer,
): (request: ReceivedRequest) => Answer {
  return (request) => {
    const [pathname = "", query = ""] = request.path.split("?");
    const there = routes.filter(({ path }) => path.test(pathname));
    const route = there.find(({ method }) => method === request.method);
    if (!route) return refuse(there.length > 0 ? 405 : 404, request);
    const segments = decoded(route.path.exec(pathname)?.slice(1) ?? []);
    if (!segments) return refuse(404, request);
    return route.answer({ ...request, segments, query: new URLSearchParams(query) });
  };
}

function decoded(segments: readonly string[]): string[] | undefined {
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

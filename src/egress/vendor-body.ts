/** The bodies of vendors' answers: none is waited for for ever, and none is held that is larger than was allowed. */
import { isObject, parseJson, type JsonObject } from "../core/json.ts";
import { discard } from "./vendor-fetch.ts";

export type JsonBody =
  | { ok: true; json: JsonObject }
  /** `interrupted`: the connection broke or fell silent; the same request may well succeed. */
  | { ok: false; why: "too_large" | "unreadable" | "interrupted" };

/** For this long a body may fall silent. */
export const IDLE_MS = 30_000;

/**
 * The same bytes; errors when none come for `milliseconds` although somebody waits for them. A slow reader is not the
 * vendor's silence: while nobody reads, no time passes.
 */
export function withIdleTimeout(body: ReadableStream<Uint8Array>, milliseconds: number): ReadableStream<Uint8Array> {
  const reader = openReader(body);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await readWithin(reader, milliseconds);
        if (part.done || !part.value) controller.close();
        else controller.enqueue(part.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead of the one who reads.
    { highWaterMark: 0 },
  );
}

interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/** Left to itself workerd hands out 4 KiB at a time, each of which costs a turn. */
const CHUNK_BYTES = 64 * 1024;

/** The body of an answer can fill a buffer of ours; other streams bring their own chunks. */
function openReader(body: ReadableStream<Uint8Array>): Reader {
  try {
    const reader = body.getReader({ mode: "byob" });
    return {
      read: () => reader.read(new Uint8Array(CHUNK_BYTES)),
      cancel: (reason) => reader.cancel(reason),
    };
  } catch {
    return body.getReader();
  }
}

async function readWithin(reader: Reader, milliseconds: number) {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("idle")), milliseconds);
  });
  const part = reader.read();
  // Once the silence has ended it, nobody waits for this any more.
  part.catch(() => undefined);
  try {
    return await Promise.race([part, silence]);
  } catch (error) {
    // Not waited for: a peer that has fallen silent may not answer this either.
    reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A JSON object of at most `maxBytes`; whatever else the body is, it is let go. */
export async function readJsonBody(response: Response, maxBytes: number, idleMs = IDLE_MS): Promise<JsonBody> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await discard(response);
    return { ok: false, why: "too_large" };
  }
  const bytes = await readBytes(response, maxBytes, idleMs);
  if (typeof bytes === "string") return { ok: false, why: bytes };
  const parsed = parseJson(bytes);
  return parsed.ok && isObject(parsed.value) ? { ok: true, json: parsed.value } : { ok: false, why: "unreadable" };
}

async function readBytes(
  response: Response,
  maxBytes: number,
  idleMs: number,
): Promise<Uint8Array | "too_large" | "interrupted"> {
  if (!response.body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of withIdleTimeout(response.body, idleMs)) {
      size += part.byteLength;
      // Leaving the loop cancels the stream.
      if (size > maxBytes) return "too_large";
      parts.push(part);
    }
  } catch {
    return "interrupted";
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The bodies of vendors' answers: none is waited for for ever, and none is held that is larger than was allowed. */
import { isObject, parseJson, type JsonObject } from "../core/json.ts";
import { discard } from "./vendor-fetch.ts";

export type JsonBody =
  | { ok: true; json: JsonObject }
  /** `interrupted`: the connection broke, fell silent or crept; the same request may well succeed. */
  | { ok: false; why: "too_large" | "unreadable" | "interrupted" };

export interface BodyTimeouts {
  /** How long it may fall silent, milliseconds. */
  idleMs: number;
  /** How long it may take in all, milliseconds. */
  totalMs: number;
}

/** For this long a file may fall silent. */
export const IDLE_MS = 30_000;
/** For this long a file may take in all. */
export const FILE_MS = 180_000;
/** For this long an answer in JSON may take in all. */
export const JSON_MS = 30_000;

/**
 * The same bytes; errors when none come for `idleMs` although somebody waits for them, and when they are not all there after
 * `totalMs`: who sends a byte every few seconds is never silent, and holds a consumer for as long as they like. A slow reader
 * is not the vendor's silence: while nobody reads, only the total runs.
 */
export function withTimeouts(
  body: ReadableStream<Uint8Array>,
  { idleMs, totalMs }: BodyTimeouts,
): ReadableStream<Uint8Array> {
  const reader = openReader(body);
  let idle: ReturnType<typeof setTimeout> | null = null;
  let total: ReturnType<typeof setTimeout> | null = null;
  let hasExpired = false;

  function stopTimers(): void {
    clearTimeout(idle);
    clearTimeout(total);
  }

  function expire(controller: ReadableStreamDefaultController<Uint8Array>, why: string): void {
    hasExpired = true;
    stopTimers();
    controller.error(new Error(why));
    // Not waited for: a peer that has fallen silent may not answer this either.
    reader.cancel().catch(() => undefined);
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        total = setTimeout(() => expire(controller, "too slow"), totalMs);
      },
      async pull(controller) {
        idle = setTimeout(() => expire(controller, "idle"), idleMs);
        try {
          const part = await reader.read();
          clearTimeout(idle);
          if (hasExpired) return;
          if (!part.done && part.value) return controller.enqueue(part.value);
          stopTimers();
          controller.close();
        } catch (error) {
          stopTimers();
          throw error;
        }
      },
      async cancel(reason) {
        stopTimers();
        await reader.cancel(reason);
      },
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

/** A JSON object of at most `maxBytes`, within `totalMs`; whatever else the body is, it is let go. */
export async function readJsonBody(response: Response, maxBytes: number, totalMs = JSON_MS): Promise<JsonBody> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await discard(response);
    return { ok: false, why: "too_large" };
  }
  const bytes = await readBytes(response, maxBytes, totalMs);
  if (typeof bytes === "string") return { ok: false, why: bytes };
  const parsed = parseJson(bytes);
  return parsed.ok && isObject(parsed.value) ? { ok: true, json: parsed.value } : { ok: false, why: "unreadable" };
}

async function readBytes(
  response: Response,
  maxBytes: number,
  totalMs: number,
): Promise<Uint8Array | "too_large" | "interrupted"> {
  if (!response.body) return new Uint8Array();
  // Copied into one buffer: a chunk of a single byte would keep all of the 64 KiB that it was read into.
  let bytes = new Uint8Array(Math.min(CHUNK_BYTES, maxBytes));
  let size = 0;
  try {
    for await (const part of withTimeouts(response.body, { idleMs: totalMs, totalMs })) {
      const end = size + part.byteLength;
      // Leaving the loop cancels the stream.
      if (end > maxBytes) return "too_large";
      if (end > bytes.length) bytes = new Uint8Array(bytes.buffer.transfer(Math.min(2 * end, maxBytes)));
      bytes.set(part, size);
      size = end;
    }
  } catch {
    return "interrupted";
  }
  return bytes.subarray(0, size);
}

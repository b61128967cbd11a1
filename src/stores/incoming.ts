/** A file on its way in from a vendor: read, decoded, counted, held to its limit and hashed, one chunk at a time. */
import { createMemberDecoder, type MemberFault } from "../core/base64-member.ts";
import { SNIFFED_BYTES, sniff } from "../core/sniff.ts";

export interface FileSource {
  body: ReadableStream<Uint8Array>;
  /** Of the body, in bytes, where it is stated. */
  length: number | undefined;
  /** The vendor's word about the file: with `base64At` not that about the JSON. */
  contentType: string | undefined;
  /** Member of a JSON object that holds the file in base64; without it the body is the file. */
  base64At?: string | undefined;
}

/** `cut_off`: the body broke off, is empty, or has another length than was stated; another time it may be whole. */
export type IncomingFault = "too_large" | "cut_off" | "unreadable" | "member_missing";

export interface Incoming {
  /** The next chunk, valid until the next call; `undefined` at the end and after a fault. Never waits without reading. */
  next(): Promise<Uint8Array | undefined>;
  fault(): IncomingFault | undefined;
  /** From the first bytes; `next` gives them nevertheless. */
  contentType(): Promise<string>;
  /** What has come; to be called at the end. */
  sum(): Promise<{ size: number; sha256: string }>;
  /** Lets go of the connection; no harm at the end. */
  cancel(): Promise<void>;
}

/** Read by the default a body comes in 4 KiB, and each read costs a turn. */
const CHUNK_BYTES = 256 * 1024;
/** How much there may be around a file in base64: as JSON, and in its string beyond twice its own bytes. */
const SURROUNDING_BYTES = 1024 * 1024;

const FAULTS: Readonly<Record<MemberFault, IncomingFault>> = {
  member_missing: "member_missing",
  not_base64: "unreadable",
  not_json: "unreadable",
  truncated: "cut_off",
};

export function createIncoming(source: FileSource, maxBytes: number): Incoming {
  const { base64At, length } = source;
  const decoder = base64At === undefined ? undefined : createMemberDecoder(base64At);
  const maxBodyBytes = decoder ? 2 * maxBytes + SURROUNDING_BYTES : maxBytes;
  // Whatever kind of stream this is, its other end can be read into a buffer.
  const reader = source.body.pipeThrough(new IdentityTransformStream()).getReader({ mode: "byob" });
  const digest = new crypto.DigestStream("SHA-256");
  const hashing = digest.getWriter();
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  let bodySize = 0;
  let size = 0;
  let hasEnded = false;
  let first: Uint8Array | undefined;
  let fault: IncomingFault | undefined = length !== undefined && length > maxBodyBytes ? "too_large" : undefined;

  /** The next chunk of the body. Its last one is not handed out before it is known that it is the last. */
  async function readBody(): Promise<Uint8Array | undefined> {
    if (hasEnded) return undefined;
    try {
      const { value, done } = await reader.readAtLeast(CHUNK_BYTES, new Uint8Array(buffer));
      if (done) {
        hasEnded = true;
        if (bodySize === 0 || (length !== undefined && bodySize !== length)) fault = "cut_off";
        return undefined;
      }
      buffer = value.buffer;
      bodySize += value.length;
      if (bodySize > maxBodyBytes) fault = "too_large";
      else if (length !== undefined && bodySize >= length && !(await isAtItsEnd(bodySize - length))) fault = "cut_off";
      return fault ? undefined : value;
    } catch {
      fault = "cut_off";
      return undefined;
    }
  }

  async function isAtItsEnd(surplus: number): Promise<boolean> {
    return surplus === 0 && (await reader.readAtLeast(1, new Uint8Array(1))).done;
  }

  /** The next bytes of the file; fewer than say what it is only at its end. */
  async function readFile(): Promise<Uint8Array | undefined> {
    if (!decoder) return readBody();
    let decoded: Uint8Array = new Uint8Array();
    while (!fault && decoded.length < SNIFFED_BYTES) {
      const chunk = await readBody();
      if (fault) return undefined;
      if (!chunk) {
        const why = decoder.end();
        if (why) fault = FAULTS[why];
        else if (size + decoded.length === 0) fault = "unreadable";
        break;
      }
      const bytes = decoder.push(chunk);
      const why = decoder.fault();
      if (why) fault = FAULTS[why];
      else if (decoder.surplus() > SURROUNDING_BYTES) fault = "too_large";
      // Few bytes are kept, and so copied: the decoder will use their place again.
      decoded = decoded.length === 0 && bytes.length >= SNIFFED_BYTES ? bytes : concatenate(decoded, bytes);
    }
    return decoded.length > 0 && !fault ? decoded : undefined;
  }

  async function take(): Promise<Uint8Array | undefined> {
    if (fault) return undefined;
    const chunk = await readFile();
    if (!chunk) return undefined;
    size += chunk.length;
    if (size > maxBytes) {
      fault = "too_large";
      return undefined;
    }
    await hashing.write(chunk);
    return chunk;
  }

  return {
    async next() {
      const kept = first;
      first = undefined;
      return kept ?? take();
    },
    fault: () => fault,
    async contentType() {
      first ??= await take();
      return sniff(first ?? new Uint8Array(), decoder?.contentType() ?? source.contentType);
    },
    async sum() {
      await hashing.close();
      return { size, sha256: new Uint8Array(await digest.digest).toHex() };
    },
    async cancel() {
      await reader.cancel().catch(() => undefined);
      digest.digest.catch(() => undefined);
      await hashing.abort().catch(() => undefined);
    },
  };
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

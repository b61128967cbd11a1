/** The files of sessions in R2: streamed in and out, never whole in memory. */
import { parseFileId } from "../core/files.ts";
import { createIncoming, type FileSource, type IncomingFault } from "./incoming.ts";
import { archiveKeys } from "./keys.ts";
import { reaching } from "./reach.ts";
import { uploadOfAnyLength, uploadOfLength } from "./upload.ts";

export interface FileFacts {
  contentType: string;
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

export type Stored = ({ ok: true } & FileFacts) | { ok: false; why: IncomingFault };

export interface OpenedFile {
  /** Absent where the range lies outside of the file. */
  body?: ReadableStream<Uint8Array>;
  /** Of the whole file. */
  size: number;
  contentType: string;
  /** Quoted, as a header has it. */
  etag: string;
  /** Of what was asked for, the part that there is. */
  range?: { offset: number; length: number };
}

/** `source`: the configured one, whose retention says how long the file is kept. */
export interface FileTerms {
  maxBytes: number;
  source?: string;
}

export interface FileStore {
  /** What is there already; reads all of it, as R2 takes no metadata once a body has begun. */
  find(id: string): Promise<FileFacts | undefined>;
  /**
   * Never replaces what is there: of two who store at once both are told of the bytes that are kept, be they the other's. (Of a
   * file in parts R2 takes no condition: there it holds but for two who complete within the same moment.)
   * Takes the source's body over, whatever comes of it; how long it may take is for the body to say.
   */
  store(id: string, source: FileSource, terms: FileTerms): Promise<Stored>;
  open(id: string, range?: R2Range): Promise<OpenedFile | undefined>;
}

const METADATA_VERSION = "1";
const UNTYPED = "application/octet-stream";

export function createFileStore(bucket: R2Bucket): FileStore {
  async function find(key: string): Promise<FileFacts | undefined> {
    const object = await bucket.get(key);
    if (!object) return undefined;
    const digest = new crypto.DigestStream("SHA-256");
    await object.body.pipeTo(digest);
    return { contentType: typeOf(object), size: object.size, sha256: new Uint8Array(await digest.digest).toHex() };
  }

  /** `undefined` where there is one already. */
  async function create(key: string, source: FileSource, terms: FileTerms): Promise<Stored | undefined> {
    const incoming = createIncoming(source, terms.maxBytes);
    try {
      const contentType = await incoming.contentType();
      const customMetadata = { v: METADATA_VERSION, ...(terms.source === undefined ? {} : { source: terms.source }) };
      const options = { httpMetadata: { contentType }, customMetadata };
      const length = source.base64At === undefined ? source.length : undefined;
      const isCreated =
        incoming.fault() === undefined &&
        (length === undefined
          ? await uploadOfAnyLength(bucket, key, incoming, options)
          : await uploadOfLength(bucket, key, incoming, length, options));
      const why = incoming.fault();
      if (why) return { ok: false, why };
      return isCreated ? { ok: true, contentType, ...(await incoming.sum()) } : undefined;
    } finally {
      await incoming.cancel();
    }
  }

  async function store(key: string, source: FileSource, terms: FileTerms): Promise<Stored> {
    const stored = await create(key, source, terms);
    if (stored) return stored;
    const others = await find(key);
    if (!others) throw new Error("stored by another, and removed since");
    return { ok: true, ...others };
  }

  async function open(key: string, range: R2Range | undefined): Promise<OpenedFile | undefined> {
    try {
      const object = await bucket.get(key, range ? { range } : {});
      if (!object) return undefined;
      return { body: object.body, ...headersOf(object), ...(range && { range: partOf(range, object.size) }) };
    } catch (error) {
      // R2 and its local stand-in refuse a range that lies outside, each in words of its own.
      const object = range && (await bucket.head(key));
      if (object && partOf(range, object.size).length <= 0) return headersOf(object);
      throw error;
    }
  }

  return {
    find: async (id) => atKey(id, (key) => reaching("archive", () => find(key))),
    async store(id, source, terms) {
      const key = keyOf(id);
      if (key === undefined) throw new RangeError("not the id of a file");
      return reaching("archive", () => store(key, source, terms));
    },
    open: async (id, range) => atKey(id, (key) => reaching("archive", () => open(key, range))),
  };
}

function keyOf(id: string): string | undefined {
  const parsed = parseFileId(id);
  return parsed && archiveKeys.file(parsed.session, parsed.file);
}

/** What is no file's id has no file. */
async function atKey<T>(id: string, call: (key: string) => Promise<T | undefined>): Promise<T | undefined> {
  const key = keyOf(id);
  return key === undefined ? undefined : call(key);
}

const typeOf = (object: R2Object): string => object.httpMetadata?.contentType ?? UNTYPED;

const headersOf = (object: R2Object) => ({ size: object.size, contentType: typeOf(object), etag: object.httpEtag });

/** The part of a file that a range means; of no length where it lies outside. */
function partOf(range: R2Range, size: number): { offset: number; length: number } {
  if ("suffix" in range) {
    const length = Math.min(range.suffix, size);
    return { offset: size - length, length };
  }
  const offset = range.offset ?? 0;
  return { offset, length: Math.min(range.length ?? size, size - offset) };
}

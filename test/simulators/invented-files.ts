/**
 * Invented pictures, videos and documents: the real first bytes of their kind, then noise. They are made anew, chunk by
 * chunk, each time they are sent, so that a large one never lies in memory whole; their hash is known beforehand.
 */
import { createHash } from "node:crypto";
import { seeded } from "./invention.ts";

export interface InventedFile {
  contentType: string;
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
  /** The same bytes each time; every chunk but the last is of a length that base64 needs no padding for. */
  chunks(): Iterable<Uint8Array<ArrayBuffer>>;
}

/** A file as a test looks for it again. */
export interface NamedFile extends InventedFile {
  /** The vendor's name for it. */
  id: string;
}

const CHUNK = 3 * 16 * 1024;

/** @param random 0..1 */
export function inventFile(contentType: string, size: number, random: () => number): InventedFile {
  const seed = Math.floor(random() * 2 ** 32);
  const head = HEADS[contentType] ?? new Uint8Array();

  function* chunks(): Generator<Uint8Array<ArrayBuffer>> {
    const noise = makeNoise(seed);
    for (let start = 0; start < size; start += CHUNK) {
      const chunk = noise.slice(0, Math.min(CHUNK, size - start));
      // Otherwise chunks that are lost, doubled or swapped would not change the file.
      if (chunk.length >= 4) new DataView(chunk.buffer).setUint32(0, start);
      if (start === 0) chunk.set(head.subarray(0, chunk.length));
      yield chunk;
    }
  }

  return { contentType, size, sha256: hashOf(chunks()), chunks };
}

/** A file of given bytes. */
export function fileOf(contentType: string, bytes: Uint8Array<ArrayBuffer>): InventedFile {
  function* chunks(): Generator<Uint8Array<ArrayBuffer>> {
    for (let start = 0; start < bytes.length; start += CHUNK) yield bytes.subarray(start, start + CHUNK);
  }
  return { contentType, size: bytes.length, sha256: hashOf(chunks()), chunks };
}

export function base64Of(file: InventedFile): string {
  return [...base64Chunks(file)].join("");
}

export function* base64Chunks(file: InventedFile): Generator<string> {
  for (const chunk of file.chunks()) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("base64");
}

/** Characters, with padding. */
export const base64Size = ({ size }: InventedFile): number => 4 * Math.ceil(size / 3);

function hashOf(chunks: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

function makeNoise(seed: number): Uint8Array<ArrayBuffer> {
  const next = seeded(seed);
  const words = new Uint32Array(CHUNK / Uint32Array.BYTES_PER_ELEMENT).map(() => Math.floor(next() * 2 ** 32));
  return new Uint8Array(words.buffer);
}

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

const HEADS: Readonly<Record<string, Uint8Array>> = {
  "image/jpeg": greyJpeg(),
  "image/png": new Uint8Array([0x89, ...ascii("PNG\r\n"), 0x1a, 0x0a]),
  "video/mp4": new Uint8Array([0, 0, 0, 24, ...ascii("ftypisom"), 0, 0, 2, 0, ...ascii("isommp41")]),
  "application/pdf": new Uint8Array([...ascii("%PDF-1.7\n%"), 0xe2, 0xe3, 0xcf, 0xd3, 0x0a]),
};

/** A whole JPEG of 64 by 40 grey pixels, so that a console shows something; viewers pass over what follows its end. */
function greyJpeg(): Uint8Array {
  const segment = (marker: number, ...content: number[]) => [0xff, marker, 0, content.length + 2, ...content];
  /** A Huffman table of one code, which is the bit 0 and means "nothing", so that each block of 8 by 8 is two bits. */
  const onlyNothing = [1, ...Array<number>(15).fill(0), 0];
  const blocks = (64 / 8) * (40 / 8);
  return new Uint8Array([
    0xff,
    0xd8,
    ...segment(0xe0, ...ascii("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...segment(0xdb, 0, ...Array<number>(64).fill(1)),
    ...segment(0xc0, 8, 0, 40, 0, 64, 1, 1, 0x11, 0),
    ...segment(0xc4, 0x00, ...onlyNothing),
    ...segment(0xc4, 0x10, ...onlyNothing),
    ...segment(0xda, 1, 1, 0, 0, 63, 0),
    ...Array<number>((blocks * 2) / 8).fill(0),
    0xff,
    0xd9,
  ]);
}

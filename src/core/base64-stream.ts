/**
 * Base64 (RFC 4648) that comes in pieces cut anywhere: both alphabets, padded or not, with white space between, perhaps behind
 * the head of a data URL (RFC 2397). Lenient as the platform's own reader is, and holds no more than an unfinished quartet.
 */

/** Instead of a position: what came is not base64. */
export const NOT_BASE64 = -1;

export interface Base64Decoder {
  /**
   * Decodes `from[start..end)` into `into` from `at` on, and returns where it stopped writing, or `NOT_BASE64`. Makes at most
   * three bytes of four characters, and six more for what was held back.
   */
  decode(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number;
  /** The same for what is still held back at the end of the text. */
  finish(into: Uint8Array, at: number): number;
  /** As the head of a data URL states it. */
  contentType(): string | undefined;
}

/** Values above 63 are no digits. */
const SPACE = 64;
const PADDING = 65;
const OTHER = 66;
const VALUES = tableOfValues();

const DATA_SCHEME = new TextEncoder().encode("data:");
const DATA_HEAD = /^([^;,]*)(?:;[^,]*)?;base64$/i;
const DATA_HEAD_BYTES = 256;
const COMMA = 0x2c;

export function createBase64Decoder(): Base64Decoder {
  /** How far the text so far spells `data:`; all of it, too, once it is known not to. */
  let spelled = 0;
  let head: number[] | undefined;
  let contentType: string | undefined;
  /** Digits of the unfinished quartet. */
  let digits = 0;
  let count = 0;
  let isPadded = false;

  /** One character, of any kind. */
  function take(character: number, into: Uint8Array, at: number): number {
    const value = VALUES[character] ?? OTHER;
    if (value === SPACE) return at;
    if (value === PADDING) {
      isPadded = true;
      return at;
    }
    if (value === OTHER || isPadded) return NOT_BASE64;
    digits = (digits << 6) | value;
    if (++count < 4) return at;
    into[at] = digits >> 16;
    into[at + 1] = digits >> 8;
    into[at + 2] = digits;
    digits = count = 0;
    return at + 3;
  }

  /** As many whole quartets of digits as follow each other: nearly all there is of a file. Returns where it stopped reading. */
  function takeQuartets(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
    let index = start;
    for (let write = at; index + 4 <= end; index += 4, write += 3) {
      const first = VALUES[from[index] as number] as number;
      const second = VALUES[from[index + 1] as number] as number;
      const third = VALUES[from[index + 2] as number] as number;
      const fourth = VALUES[from[index + 3] as number] as number;
      if ((first | second | third | fourth) > 63) break;
      const bits = (first << 18) | (second << 12) | (third << 6) | fourth;
      into[write] = bits >> 16;
      into[write + 1] = bits >> 8;
      into[write + 2] = bits;
    }
    return index;
  }

  /** The text's beginning: all of a data URL's head, or nothing. Returns where base64 begins, or `NOT_BASE64`. */
  function skipHead(from: Uint8Array, start: number, end: number): number {
    let index = start;
    for (; index < end && spelled < DATA_SCHEME.length; index++) {
      const character = from[index] as number;
      if (spelled === 0 && VALUES[character] === SPACE) continue;
      if (character !== DATA_SCHEME[spelled]) return index;
      if (++spelled === DATA_SCHEME.length) head = [];
    }
    for (; index < end && head; index++) {
      const character = from[index] as number;
      if (character === COMMA) {
        const [whole, stated] = DATA_HEAD.exec(String.fromCharCode(...head)) ?? [];
        if (whole === undefined) return NOT_BASE64;
        if (stated !== "") contentType = stated;
        head = undefined;
      } else if (head.push(character) > DATA_HEAD_BYTES) return NOT_BASE64;
    }
    return index;
  }

  /** What was held back as it might have been a data URL's. */
  function release(into: Uint8Array, at: number): number {
    const held = spelled < DATA_SCHEME.length ? DATA_SCHEME.subarray(0, spelled) : [];
    spelled = DATA_SCHEME.length;
    let write = at;
    for (const character of held) write = take(character, into, write);
    return write;
  }

  return {
    decode(from, start, end, into, at) {
      let index = skipHead(from, start, end);
      if (index === NOT_BASE64) return NOT_BASE64;
      if (index === end) return at;
      let write = release(into, at);
      while (index < end) {
        if (count === 0 && !isPadded) {
          const next = takeQuartets(from, index, end, into, write);
          write += ((next - index) / 4) * 3;
          index = next;
          if (index === end) break;
        }
        write = take(from[index++] as number, into, write);
        if (write === NOT_BASE64) return NOT_BASE64;
      }
      return write;
    },
    finish(into, at) {
      if (head) return NOT_BASE64;
      const write = release(into, at);
      // One digit alone is six bits: no byte.
      if (count === 1) return NOT_BASE64;
      if (count >= 2) into[write] = digits >> (count === 2 ? 4 : 10);
      if (count === 3) into[write + 1] = digits >> 2;
      return write + Math.max(0, count - 1);
    },
    contentType: () => contentType,
  };
}

function tableOfValues(): Uint8Array {
  const table = new Uint8Array(256).fill(OTHER);
  const alphabet = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  alphabet.forEach((character, value) => (table[character] = value));
  for (const [character, value] of [
    ["-", 62],
    ["_", 63],
    ["=", PADDING],
    [" ", SPACE],
    ["\t", SPACE],
    ["\r", SPACE],
    ["\n", SPACE],
    ["\f", SPACE],
  ] as const)
    table[character.charCodeAt(0)] = value;
  return table;
}

/**
 * One member of a JSON object that holds a file in base64, decoded as the object arrives. Neither the object nor the string is
 * ever held: an evidence set of 60 MB would take three times that in memory that is 128 MB in all.
 *
 * Reads the object's own level strictly and only skips what lies deeper. Of a member that is there twice the first counts; one
 * that is null is as good as missing.
 */
import { createBase64Decoder, NOT_BASE64 } from "./base64-stream.ts";

/** `truncated`: it ended in its midst, and may be whole another time. */
export type MemberFault = "member_missing" | "not_base64" | "not_json" | "truncated";

export interface MemberDecoder {
  /** The bytes that the file goes on with, valid until the next call; often none. After a fault always none. */
  push(chunk: Uint8Array): Uint8Array;
  /** Found so far: nothing that follows can mend it. */
  fault(): MemberFault | undefined;
  /** To be called when the body has ended. */
  end(): MemberFault | undefined;
  /**
   * Bytes so far that were not the file's: all around its string, and in it what exceeds twice the bytes that it gave, which
   * leaves room for escapes and line breaks. They cost more to read than base64 does, and no limit on the file bounds them.
   */
  surplus(): number;
  /** What the file is, by a member `contentType` that stands before the data, or by the data's own `data:` head. */
  contentType(): string | undefined;
}

type Place = "start" | "first name" | "name" | "colon" | "value" | "scalar" | "nested" | "comma" | "text" | "done";
/** What the string at hand is; `inner` one of a nested value. */
type Text = "name" | "data" | "contentType" | "other" | "inner";

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const ESCAPES: Readonly<Record<string, number>> = { "/": 0x2f, n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c };
/** Names and content types are short; a longer one is not the one that is looked for. */
const SHORT_BYTES = 512;
const CONTENT_TYPE = "contentType";

export function createMemberDecoder(member: string): MemberDecoder {
  const base64 = createBase64Decoder();
  const escaped = new Uint8Array(1);
  let place: Place = "start";
  let text: Text = "other";
  /** What follows the backslash, while it is incomplete. */
  let escape: string | undefined;
  /** JSON text of a short string, without its quotes. */
  let short: number[] = [];
  let nextValue: Text = "other";
  let depth = 0;
  let isFound = false;
  let statedType: string | undefined;
  let fault: MemberFault | undefined;
  let output = new Uint8Array();
  let written = 0;
  /** Bytes read around the member's string and in it, and decoded from it. */
  let outside = 0;
  let inside = 0;
  let decoded = 0;

  function open(kind: Text): void {
    place = "text";
    text = kind;
    short = [];
    if (kind === "data") isFound = true;
  }

  function advance(position: number): void {
    if (position === NOT_BASE64) fault = "not_base64";
    else written = position;
  }

  function keepShort(bytes: Iterable<number>): void {
    for (const byte of bytes) if (short.length <= SHORT_BYTES) short.push(byte);
  }

  /** A piece of the string without quotes or escapes in it. */
  function takePlain(chunk: Uint8Array, start: number, end: number): void {
    if (text === "data") advance(base64.decode(chunk, start, end, output, written));
    else if (text === "name" || text === "contentType") keepShort(chunk.subarray(start, end));
  }

  function takeEscape(escapeSoFar: string): void {
    if (escapeSoFar === "u" || (escapeSoFar.startsWith("u") && escapeSoFar.length < 5))
      return void (escape = escapeSoFar);
    escape = undefined;
    if (text === "name" || text === "contentType") keepShort(new TextEncoder().encode(`\\${escapeSoFar}`));
    if (text !== "data") return;
    const code =
      ESCAPES[escapeSoFar] ?? (/^u00[0-7][0-9a-f]$/i.test(escapeSoFar) ? Number(`0x${escapeSoFar.slice(1)}`) : 0);
    escaped[0] = code;
    advance(base64.decode(escaped, 0, 1, output, written));
  }

  function close(): void {
    if (text === "inner") return void (place = "nested");
    if (text === "data") advance(base64.finish(output, written));
    if (text === "contentType") statedType = shortText();
    if (text === "name") nextValue = valueNamed(shortText());
    place = text === "name" ? "colon" : "comma";
  }

  function valueNamed(name: string | undefined): Text {
    if (name === member) return isFound ? "other" : "data";
    return name === CONTENT_TYPE ? "contentType" : "other";
  }

  function shortText(): string | undefined {
    if (short.length > SHORT_BYTES) return undefined;
    try {
      return JSON.parse(`"${new TextDecoder().decode(Uint8Array.from(short))}"`) as string;
    } catch {
      fault = "not_json";
      return undefined;
    }
  }

  /** Returns where it stopped reading. */
  function readText(chunk: Uint8Array, start: number): number {
    if (escape !== undefined) {
      takeEscape(escape + String.fromCharCode(chunk[start] as number));
      return start + 1;
    }
    let end = start;
    while (end < chunk.length && chunk[end] !== QUOTE && chunk[end] !== BACKSLASH) end++;
    if (end > start) takePlain(chunk, start, end);
    if (end === chunk.length || fault) return end;
    if (chunk[end] === QUOTE) close();
    else escape = "";
    return end + 1;
  }

  function readStructure(character: string): void {
    if (place === "nested") {
      if (character === '"') open("inner");
      else if (character === "{" || character === "[") depth++;
      else if ((character === "}" || character === "]") && --depth === 0) place = "comma";
      return;
    }
    const isSpace = /[ \t\r\n]/.test(character);
    if (place === "scalar" && !isSpace && /[-+.\w]/.test(character)) return;
    if (place === "scalar") place = "comma";
    if (isSpace || (place === "start" && /[\xef\xbb\xbf]/.test(character))) return;
    const isName = place === "name" || place === "first name";
    if (place === "start" && character === "{") place = "first name";
    else if (isName && character === '"') open("name");
    else if (place === "colon" && character === ":") place = "value";
    else if (place === "value") beginValue(character);
    else if (place === "comma" && character === ",") place = "name";
    else if ((place === "comma" || place === "first name") && character === "}") place = "done";
    else fault = "not_json";
  }

  function beginValue(character: string): void {
    if (character === '"') return open(nextValue);
    if (!/[-0-9tfn{[]/.test(character)) fault = "not_json";
    else if (nextValue === "data" && character !== "n") fault = "not_base64";
    else if (character === "{" || character === "[") {
      place = "nested";
      depth = 1;
    } else place = "scalar";
  }

  return {
    push(chunk) {
      // Three bytes of four characters, of those before this chunk too.
      const most = Math.ceil(chunk.length / 4) * 3 + 9;
      if (output.length < most) output = new Uint8Array(most);
      written = 0;
      for (let index = 0; index < chunk.length && !fault;) {
        const start = index;
        const isInside = place === "text" && text === "data";
        if (place === "text") index = readText(chunk, index);
        else readStructure(String.fromCharCode(chunk[index++] as number));
        if (isInside) inside += index - start;
        else outside += index - start;
      }
      decoded += written;
      return fault ? new Uint8Array() : output.subarray(0, written);
    },
    fault: () => fault,
    end() {
      if (!fault && place !== "done") fault = "truncated";
      if (!fault && !isFound) fault = "member_missing";
      return fault;
    },
    surplus: () => outside + Math.max(0, inside - 2 * decoded),
    contentType: () => base64.contentType() ?? statedType,
  };
}

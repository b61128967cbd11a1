/**
 * What a file is. Vendors state a content type, none at all, a generic one, or a wrong one; the first bytes settle it where
 * they are clear. The result goes into a stored header: it is `type/subtype` of safe characters and nothing else.
 */

/** So many of a file's first bytes are enough; WebM names itself only some 30 bytes in. */
export const SNIFFED_BYTES = 64;

const UNKNOWN = "application/octet-stream";
const GENERIC = new Set([
  UNKNOWN,
  "binary/octet-stream",
  "application/binary",
  "application/unknown",
  "unknown/unknown",
]);
const ALIASES: Readonly<Record<string, string>> = {
  "x-pdf": "application/pdf",
  "application/x-pdf": "application/pdf",
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "text/json": "application/json",
};

/** RFC 6838 section 4.2. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

interface Signature {
  type: string;
  /** Of the first bytes as `legible` has them. */
  magic: RegExp;
  /** Further types that look the same from outside: stated, they stand. */
  alike?: RegExp;
}

const MOVING = /^(?:video|audio)\/(?:mp4|quicktime|3gpp2?|x-m4[av])$/;
const MATROSKA = /^(?:video|audio)\/(?:webm|x-matroska|matroska)$/;
const HIGH_EFFICIENCY = /^image\/hei[cf](?:-sequence)?$/;

/** The first that fits. */
const SIGNATURES: readonly Signature[] = [
  { type: "image/jpeg", magic: /^\xff\xd8\xff/ },
  { type: "image/png", magic: /^\x89PNG␍␊␚␊/, alike: /^image\/(?:apng|vnd\.mozilla\.apng)$/ },
  { type: "image/gif", magic: /^GIF8[79]a/ },
  { type: "image/webp", magic: /^RIFF[^]{4}WEBP/ },
  { type: "application/pdf", magic: /^%PDF-/ },
  { type: "image/avif", magic: /^[^]{4}ftypavi[fs]/, alike: /^image\/avif-sequence$/ },
  { type: "image/heic", magic: /^[^]{4}ftyphe(?:i[cmsx]|v[cmsx])/, alike: HIGH_EFFICIENCY },
  { type: "image/heif", magic: /^[^]{4}ftypm(?:if|sf)1/, alike: /^image\/(?:hei[cf](?:-sequence)?|avif)$/ },
  { type: "video/quicktime", magic: /^[^]{4}ftypqt {2}/, alike: MOVING },
  // QuickTime from before there was `ftyp`: a box that is smaller than 16 MiB, or of a size given later.
  { type: "video/quicktime", magic: /^␀[^]{3}(?:moov|mdat|wide)/, alike: MOVING },
  { type: "audio/mp4", magic: /^[^]{4}ftypM4[AB] /, alike: MOVING },
  { type: "video/3gpp", magic: /^[^]{4}ftyp3g/, alike: MOVING },
  { type: "video/mp4", magic: /^[^]{4}ftyp/, alike: MOVING },
  { type: "video/webm", magic: /^␚E\xdf\xa3[^]*webm/, alike: MATROSKA },
  { type: "video/x-matroska", magic: /^␚E\xdf\xa3/, alike: MATROSKA },
  // A container of office documents, packages, archives: whatever application is stated may be one.
  { type: "application/zip", magic: /^PK(?:␃␄|␅␆)/, alike: /^application\/(?!pdf$|json$)/ },
];

/** A guess, so it contradicts nothing that is stated. */
const JSON_START = /^(?:\xef\xbb\xbf)?[ ␉␍␊]*(?:\{[ ␉␍␊]*(?:["}]|$)|\[[ ␉␍␊]*(?:["[\]{}0-9tfn-]|$))/;
/** Bytes that no text has, by WHATWG MIME Sniffing section 3. */
const BINARY = /[␀-␈␋␎-␚␜-␟]/;

/**
 * @param firstBytes `SNIFFED_BYTES` of them, or all there are; more do no harm
 * @param stated the vendor's word, as a header or a member has it
 */
export function sniff(firstBytes: Uint8Array, stated: string | undefined): string {
  const start = legible(firstBytes.subarray(0, SNIFFED_BYTES));
  const said = specific(stated, start);
  const signature = SIGNATURES.find(({ magic }) => magic.test(start));
  if (!signature) return said ?? (isJson(start) ? "application/json" : UNKNOWN);
  return said !== undefined && signature.alike?.test(said) === true ? said : signature.type;
}

/** What is stated, where it says anything. */
function specific(stated: string | undefined, start: string): string | undefined {
  const bare = (stated ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const type = Object.hasOwn(ALIASES, bare) ? ALIASES[bare] : bare;
  if (type === undefined || !MEDIA_TYPE.test(type) || GENERIC.has(type)) return undefined;
  return type === "text/plain" && BINARY.test(start) ? undefined : type;
}

const isJson = (start: string): boolean => JSON_START.test(start) && !BINARY.test(start);

/** Latin-1, its control characters below 32 as the pictures that Unicode has of them, so that patterns can be read. */
const legible = (bytes: Uint8Array): string =>
  String.fromCharCode(...Array.from(bytes, (byte) => (byte < 32 ? 0x2400 + byte : byte)));

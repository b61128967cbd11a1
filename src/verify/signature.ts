/**
 * What all signatures have in common, whatever makes them: where they stand, what they are over, and for how long they are
 * good. Whose they are, a scheme's own file knows.
 */
import type { SignatureLayout } from "../config/config.ts";
import { coversBody, type SignedPart } from "../config/signed-template.ts";
import { fromBase64 } from "../core/base64.ts";
import { toInstant } from "../core/dates.ts";
import { pass, refuse, type RefusalReason, type Unproven, type Verdict } from "./scheme.ts";
import { anySecret } from "./secrets.ts";

interface Shown {
  signature: Uint8Array;
  timestamp?: string | undefined;
}

/** While a key is rotated a vendor signs with both; each more is work that a stranger asks for. */
const MOST_SIGNATURES = 5;

/** What makes the signatures. */
interface Signer {
  algorithm: { name: string; hash?: string };
  /** The length of a whole signature: a part of one is none. */
  bytes: number;
  /** Any of them will do; or why there are none. */
  keys(): Promise<readonly Uint8Array[] | RefusalReason>;
}

export async function verifySignature(
  layout: SignatureLayout,
  webhook: Unproven,
  now: number,
  { algorithm, bytes, keys }: Signer,
): Promise<Verdict> {
  const header = webhook.headers.get(layout.header);
  if (header === null) return refuse("credential_missing");
  const shown = readShown(header.trim(), layout, bytes);
  if (shown.length === 0 || shown.length > MOST_SIGNATURES) return refuse("credential_malformed");
  const found = await keys();
  if (typeof found === "string") return refuse(found);

  let verdict: Verdict = refuse("credential_wrong");
  for (const { signature, timestamp = timestampOf(layout, webhook) } of shown) {
    const message = await messageOf(layout.signed, webhook, timestamp);
    if (!message) return refuse("credential_missing");
    const isMade = await anySecret(found, async (bytesOfKey) => {
      const key = await crypto.subtle.importKey("raw", bytesOfKey, algorithm, false, ["verify"]);
      return crypto.subtle.verify(algorithm.name, key, signature, message);
    });
    if (!isMade) continue;
    const outside = layout.time && outsideWindow(layout.time, timestamp, now);
    if (!outside) return pass(coversBody(layout.signed) ? "signature" : "credential");
    verdict = refuse(outside);
  }
  return verdict;
}

function readShown(header: string, layout: SignatureLayout, bytes: number): Shown[] {
  const { list, prefix } = layout;
  if (list)
    return header
      .replaceAll(/,\s+/g, ",")
      .split(/\s+/)
      .flatMap((text) => readList(text, list, layout, bytes));
  // A prefix with a space in it tells that there is but one.
  const words = prefix.includes(" ") ? [header] : header.split(/\s+/);
  // Of a header that came twice (RFC 9110 section 5.2) it is not known which one is the vendor's.
  if (words.some((word) => word.endsWith(","))) return [];
  const own = words.filter((word) => word.toLowerCase().startsWith(prefix.toLowerCase()));
  return own.flatMap((word) => {
    const signature = decode(word, layout, bytes);
    return signature ? [{ signature }] : [];
  });
}

/** `t=1600000000,v1=…,v1=…`: a vendor adds members as it likes. */
function readList(
  text: string,
  names: NonNullable<SignatureLayout["list"]>,
  layout: SignatureLayout,
  bytes: number,
): Shown[] {
  const members = text.split(",").map((member) => {
    const equals = member.indexOf("=");
    return { name: member.slice(0, equals), value: member.slice(equals + 1) };
  });
  const timestamp = members.find(({ name }) => name === names.timestamp)?.value;
  return members.flatMap(({ name, value }) => {
    const signature = name === names.signature ? decode(value, layout, bytes) : undefined;
    return signature ? [{ signature, timestamp }] : [];
  });
}

function decode(text: string, { prefix, encoding }: SignatureLayout, length: number): Uint8Array | undefined {
  if (!text.toLowerCase().startsWith(prefix.toLowerCase())) return undefined;
  const encoded = text.slice(prefix.length).trim();
  const isHex = encoded.length === length * 2 && /^[0-9a-f]*$/i.test(encoded);
  if (isHex && encoding !== "base64") return Uint8Array.fromHex(encoded);
  if (encoding === "hex") return undefined;
  const bytes = fromBase64(encoded);
  return bytes?.length === length ? bytes : undefined;
}

function timestampOf({ time }: SignatureLayout, { headers }: Unproven): string | undefined {
  return time?.header === undefined ? undefined : (headers.get(time.header) ?? undefined);
}

/** `undefined` where the vendor has left out a part of what it signs. */
async function messageOf(
  parts: readonly SignedPart[],
  webhook: Unproven,
  timestamp: string | undefined,
): Promise<Uint8Array | undefined> {
  const pieces = parts.map((part) => pieceOf(part, webhook, timestamp));
  if (pieces.length === 1 && pieces[0] === webhook.body) return webhook.body;
  const present = pieces.filter((piece) => piece !== undefined);
  return present.length < pieces.length ? undefined : new Uint8Array(await new Blob(present).arrayBuffer());
}

function pieceOf(part: SignedPart, { body, headers, url, method }: Unproven, timestamp: string | undefined) {
  switch (part.kind) {
    case "body":
      return body;
    case "timestamp":
      return timestamp;
    case "url":
      return url;
    case "path":
      return new URL(url).pathname;
    case "method":
      return method;
    case "header":
      return headers.get(part.name) ?? undefined;
    case "text":
      return part.text;
  }
}

/** A signature is good for ever; the time in it says whether it is the vendor who sends it now. */
function outsideWindow(
  { unit, toleranceSeconds }: NonNullable<SignatureLayout["time"]>,
  timestamp: string | undefined,
  now: number,
): RefusalReason | undefined {
  const at = timestamp === undefined ? Number.NaN : readTimestamp(timestamp, unit);
  if (Number.isNaN(at)) return "credential_malformed";
  if (now - at > toleranceSeconds * 1000) return "too_old";
  return at - now > toleranceSeconds * 1000 ? "too_new" : undefined;
}

/** Epoch milliseconds, or NaN. */
function readTimestamp(text: string, unit: NonNullable<SignatureLayout["time"]>["unit"]): number {
  if (unit === "iso") return Date.parse(toInstant(text) ?? "");
  return /^\d{1,16}(\.\d+)?$/.test(text) ? Number(text) * (unit === "seconds" ? 1000 : 1) : Number.NaN;
}

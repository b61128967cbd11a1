/**
 * Links to files: whoever has one has the file until it expires, so it is signed, made for one subscriber, and short-lived.
 * Made anew at each attempt of a delivery.
 */
import { fromBase64, toBase64Url } from "./base64.ts";

export interface FileLink {
  /** Of the file. */
  id: string;
  subscriber: string;
  /** Epoch seconds. */
  expires: number;
}

const textOf = ({ id, subscriber, expires }: FileLink): Uint8Array =>
  new TextEncoder().encode(`${id}\n${subscriber}\n${expires}`);

/** @param key HMAC-SHA256 */
export async function signLink(link: FileLink, origin: string, key: CryptoKey): Promise<string> {
  const signature = toBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, textOf(link))));
  const query = new URLSearchParams({ expires: String(link.expires), subscriber: link.subscriber, signature });
  return `${origin}/files/${link.id}?${query.toString()}`;
}

/** `undefined` where the query is no link's, or none of the keys has signed it. */
export async function readLink(
  id: string,
  query: URLSearchParams,
  keys: readonly CryptoKey[],
): Promise<FileLink | undefined> {
  const expires = query.get("expires") ?? "";
  const subscriber = query.get("subscriber");
  const signature = fromBase64(query.get("signature") ?? "");
  if (!/^\d{1,12}$/.test(expires) || !subscriber || !signature) return undefined;
  const link: FileLink = { id, subscriber, expires: Number(expires) };
  for (const key of keys) if (await crypto.subtle.verify("HMAC", key, signature, textOf(link))) return link;
  return undefined;
}

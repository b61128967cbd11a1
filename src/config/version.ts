/** A document's version: a hash of its text. Its ETag, and its name in the archive. */
import { sha256Hex } from "../core/digest.ts";

export async function versionOf(text: string): Promise<string> {
  return (await sha256Hex(text)).slice(0, 16);
}

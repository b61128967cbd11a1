/** SHA-256 as lower-case hex; the ground of every id and storage key, so that no key holds a vendor's own text. */
export async function sha256Hex(input: Uint8Array | string): Promise<string> {
  // Node's types do not take a buffer that may be shared; the platform's do.
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : (input as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Parts cannot run into each other: none of the parts used for ids can hold a line feed, and lengths go first. */
export async function shortHash(...parts: string[]): Promise<string> {
  const text = parts.map((part) => `${part.length}:${part}`).join("\n");
  return (await sha256Hex(text)).slice(0, 32);
}

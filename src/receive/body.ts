/** Reads a request's body once, as bytes, and stops at the cap whatever the sender declared. */
export type BodyReading = { ok: true; body: Uint8Array } | { ok: false };

export function isDeclaredTooLarge(headers: Headers, maxBytes: number): boolean {
  const declared = Number(headers.get("content-length") ?? 0);
  return declared > maxBytes;
}

export async function readBody(request: Request, maxBytes: number): Promise<BodyReading> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > maxBytes) {
      await reader?.cancel();
      return { ok: false };
    }
    chunks.push(part.value);
  }
  const [only] = chunks;
  if (only && chunks.length === 1) return { ok: true, body: only };
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return { ok: true, body };
}

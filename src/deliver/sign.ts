/** Standard Webhooks 1.0.0: `v1`, HMAC-SHA256 over `id.timestamp.body`, one signature per configured secret. */
import { fromBase64, toBase64 } from "../core/base64.ts";

const PREFIX = "whsec_";

/** `undefined` where a secret is not base64, with or without `whsec_` before it. */
export async function signatures(
  secrets: readonly string[],
  message: { id: string; timestamp: number; body: Uint8Array },
): Promise<string | undefined> {
  const head = new TextEncoder().encode(`${message.id}.${message.timestamp}.`);
  const signed = new Uint8Array(head.length + message.body.length);
  signed.set(head);
  signed.set(message.body, head.length);
  const written = await Promise.all(secrets.map((secret) => sign(secret, signed)));
  return written.includes(undefined) ? undefined : written.join(" ");
}

async function sign(secret: string, signed: Uint8Array): Promise<string | undefined> {
  const bytes = fromBase64(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (!bytes || bytes.length === 0) return undefined;
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, signed)))}`;
}

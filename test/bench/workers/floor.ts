/**
 * The least that could do the gateway's work: what its promises make unavoidable and nothing else. No framework, no
 * configuration, no validation, no canonical event; one source whose webhooks are signed, subscribers that take everything.
 * Its storage operations are the gateway's own, so what the gateway takes longer is what its code costs.
 */
export interface FloorEnv {
  IDEMPOTENCY: KVNamespace;
  ARCHIVE: R2Bucket;
  LEDGER: D1Database;
  INBOUND: Queue;
  DELIVERIES: Queue;
  WEBHOOK_SECRET: string;
  SIGNING_SECRET: string;
  SUBSCRIBER_URL: string;
  SUBSCRIBERS: string;
}

interface Owed {
  id: string;
  event: string;
  subscriber: number;
}

const WINDOW_SECONDS = 86_400;
const REQUESTS_AT_A_TIME = 5;

export default {
  async fetch(request, env, context) {
    const body = await request.bytes();
    const signature = fromBase64(request.headers.get("digest")?.slice("SHA-256=".length) ?? "");
    if (!(await crypto.subtle.verify("HMAC", await hmacKey(env.WEBHOOK_SECRET, "verify"), signature, body)))
      return new Response(null, { status: 401 });

    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
    const created = await env.ARCHIVE.put(`receipts/${hash}`, body, { onlyIf: { etagDoesNotMatch: "*" } });
    if (!created && (await env.IDEMPOTENCY.get(hash)) !== null)
      return Response.json({ success: true, id: hash, duplicate: true });
    await env.INBOUND.send({ key: hash });
    context.waitUntil(env.IDEMPOTENCY.put(hash, "1", { expirationTtl: WINDOW_SECONDS }));
    return Response.json({ success: true, id: hash });
  },

  async queue(batch, env) {
    if (batch.queue.endsWith("-inbound")) await process(batch as MessageBatch<{ key: string }>, env);
    else await deliver(batch as MessageBatch<Owed>, env);
    batch.ackAll();
  },
} satisfies ExportedHandler<FloorEnv>;

async function process(batch: MessageBatch<{ key: string }>, env: FloorEnv): Promise<void> {
  const stored = await Promise.all(
    batch.messages.map(async ({ body: { key } }) => {
      const receipt = await env.ARCHIVE.get(`receipts/${key}`);
      await env.ARCHIVE.put(`events/${key}`, (await receipt?.bytes()) ?? "", { onlyIf: { etagDoesNotMatch: "*" } });
      return key;
    }),
  );
  const owed = stored.flatMap((event) =>
    Array.from({ length: Number(env.SUBSCRIBERS) }, (_, subscriber): Owed => ({
      id: `${event}.${subscriber}`,
      event,
      subscriber,
    })),
  );
  await ensureTable(env.LEDGER);
  await env.LEDGER.prepare(
    `INSERT OR IGNORE INTO owed (id, state)
     SELECT value, 'pending' FROM json_each(?)`,
  )
    .bind(JSON.stringify(owed.map(({ id }) => id)))
    .run();
  for (let start = 0; start < owed.length; start += 100)
    await env.DELIVERIES.sendBatch(owed.slice(start, start + 100).map((body) => ({ body })));
}

async function deliver(batch: MessageBatch<Owed>, env: FloorEnv): Promise<void> {
  const waiting = batch.messages.map(({ body }) => body);
  const lane = async () => {
    for (let owed = waiting.shift(); owed; owed = waiting.shift()) await post(owed, env);
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_A_TIME }, lane));
  await env.LEDGER.prepare("UPDATE owed SET state = 'delivered' WHERE id IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(batch.messages.map(({ body: { id } }) => id)))
    .run();
}

async function post({ event, subscriber }: Owed, env: FloorEnv): Promise<void> {
  const stored = await env.ARCHIVE.get(`events/${event}`);
  const body = (await stored?.text()) ?? "";
  const timestamp = Math.floor(Date.now() / 1000);
  const signed = new TextEncoder().encode(`${event}.${timestamp}.${body}`);
  const signature = await crypto.subtle.sign("HMAC", await hmacKey(env.SIGNING_SECRET, "sign"), signed);
  const response = await fetch(`${env.SUBSCRIBER_URL}/${subscriber}`, {
    method: "POST",
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(15_000),
    headers: {
      "content-type": "application/json",
      "webhook-id": event,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${new Uint8Array(signature).toBase64()}`,
    },
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error("not taken");
}

const keys = new Map<string, CryptoKey>();

async function hmacKey(secret: string, usage: "sign" | "verify"): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known) return known;
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [usage]);
  keys.set(secret, key);
  return key;
}

let hasTable = false;

async function ensureTable(ledger: D1Database): Promise<void> {
  if (hasTable) return;
  await ledger.exec("CREATE TABLE IF NOT EXISTS owed (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID");
  hasTable = true;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return new Uint8Array();
  }
}

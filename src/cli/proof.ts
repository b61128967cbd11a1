/** What a vendor would send along to prove where a body comes from, made on this machine from a value that somebody has typed. */
import { createHmac, createPrivateKey, sign } from "node:crypto";
import { Failure, Misuse } from "./failure.ts";
import type { Scheme, SignatureLayout } from "./source.ts";

export interface Unproven {
  body: Buffer;
  /** Of the webhook. */
  url: string;
  /** Epoch milliseconds. */
  now: number;
}

export interface Helpers {
  /** @param of what, by name */
  secret(of: string): Promise<string>;
  /** An access token of the gateway's own. */
  token(client: string, secret: string): Promise<string>;
}

/** Headers; `covers`: whether a change of the body must show. */
export interface Proof {
  headers: Record<string, string>;
  covers: boolean;
}

export async function prove(scheme: Scheme, webhook: Unproven, { secret, token }: Helpers): Promise<Proof> {
  switch (scheme.scheme) {
    case "hmac": {
      const key = keyOf(await secret(nameOf(scheme.secrets)), scheme.key ?? "text");
      return signed(scheme, webhook, (text) =>
        createHmac(scheme.algorithm ?? "sha256", key)
          .update(text)
          .digest(),
      );
    }
    case "ed25519": {
      const key = readPrivateKey(
        await secret("the private key (PEM) that belongs to the public one of the configuration"),
      );
      return signed(scheme, webhook, (text) => sign(null, text, key));
    }
    case "header":
      return credential({ [scheme.name]: await secret(nameOf(scheme.values)) });
    case "basic": {
      const password = await secret(nameOf(scheme.passwords));
      return credential({ authorization: `Basic ${Buffer.from(`${scheme.username}:${password}`).toString("base64")}` });
    }
    case "bearer": {
      const [client] = scheme.clients;
      if (!client) throw new Failure("the scheme has no client");
      return credential({ authorization: `Bearer ${await token(client.id, await secret(client.secret.secret))}` });
    }
    case "jwt":
      throw new Failure(
        "only the vendor can make this proof: its private key is nowhere else",
        "Have the vendor send a test webhook.",
      );
    case "ip":
    case "none":
      return { headers: {}, covers: false };
  }
}

const credential = (headers: Record<string, string>): Proof => ({ headers, covers: false });

const nameOf = ([first]: readonly { secret: string }[]): string => first?.secret ?? "the secret";

function keyOf(secret: string, form: "text" | "base64" | "hex" | "whsec"): Buffer {
  if (form === "text") return Buffer.from(secret);
  return Buffer.from(
    form === "whsec" ? secret.trim().replace(/^whsec_/, "") : secret.trim(),
    form === "hex" ? "hex" : "base64",
  );
}

function readPrivateKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Misuse("that is no private key", "gatepost sources test <source> < private-key.pem");
  }
}

/** A header that the vendor signs beside its body, and that says nothing to the gateway. */
const FILLER = "gatepost-test";

function signed(layout: SignatureLayout, webhook: Unproven, make: (text: Buffer) => Buffer): Proof {
  const { header = "", prefix = "", encoding = "hex", list, signed: template = "{body}", timestamp } = layout;
  const time = timeOf(webhook.now, timestamp?.unit ?? "seconds");
  const headers: Record<string, string> = {};
  if (timestamp?.header !== undefined) headers[timestamp.header] = time;
  const parts = template.split(/(\{[^{}]*\})/).map((part) => {
    const [, word, name = ""] = /^\{(\w+)(?::(.+))?\}$/.exec(part) ?? [];
    if (word === "body") return webhook.body;
    if (word === "header") return Buffer.from((headers[name] ??= FILLER));
    return Buffer.from(word === undefined ? part : (wordsOf(webhook, time)[word] ?? ""));
  });
  const signature = `${prefix}${make(Buffer.concat(parts)).toString(encoding)}`;
  const members = list && [
    ...(list.timestamp === undefined ? [] : [`${list.timestamp}=${time}`]),
    `${list.signature}=${signature}`,
  ];
  headers[header] = members?.join(",") ?? signature;
  return { headers, covers: template.includes("{body}") };
}

const wordsOf = ({ url }: Unproven, timestamp: string): Readonly<Record<string, string>> => ({
  timestamp,
  url,
  path: new URL(url).pathname,
  method: "POST",
});

function timeOf(now: number, unit: "seconds" | "milliseconds" | "iso"): string {
  if (unit === "iso") return new Date(now).toISOString();
  return String(unit === "seconds" ? Math.floor(now / 1000) : now);
}

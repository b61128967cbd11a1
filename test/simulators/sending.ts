/**
 * What all simulated vendors have in common: a webhook is proven, sent, its answer judged by the vendor's own rule, and sent
 * again by the vendor's own schedule. Time, chance and the network are handed in, so that half an hour of retries passes in
 * no time where a test wants it.
 */

/** One vendor's account, whose webhooks go to one source of the gateway. */
export interface Account {
  gatewayUrl: string;
  source: string;
  fetch: typeof fetch;
  /** Epoch milliseconds. */
  now(): number;
  /** 0..1 */
  random(): number;
  pause(milliseconds: number): Promise<void>;
}

export interface Rules {
  /** Whether the vendor takes this answer for "received". */
  isTaken(answer: Answer): boolean;
  /** Milliseconds before each further attempt. */
  delays: readonly number[];
  /** Milliseconds after which an attempt has failed. */
  timeout: number;
}

/** `status` is 0 where no answer came. */
export interface Answer {
  status: number;
  contentType: string;
  /** Members of a JSON object; none where the body is something else. */
  json: Readonly<Record<string, unknown>>;
}

/** What became of one webhook. */
export interface Sent {
  source: string;
  body: Uint8Array<ArrayBuffer>;
  attempts: readonly Answer[];
  /** The last attempt's. */
  answer: Answer;
  isTaken: boolean;
}

/** What an attacker does to a webhook after the vendor has proven it. */
export type Tampering = "changed_byte" | "wrong_credential" | "no_credential";

/** Headers that prove where a body comes from; with `wrong`, such that look like it and do not. */
export type Prove = (body: Uint8Array<ArrayBuffer>, credential: "right" | "wrong") => Promise<Record<string, string>>;

export interface Sender {
  send(payload: Payload, tampering?: Tampering): Promise<Sent>;
  /** The same bytes and headers several times, as a vendor does that delivers at least once. */
  repeat(payload: Payload, times: number, how: "together" | "in_turn"): Promise<Sent[]>;
  /** In any order but that of the list, where it has more than one. */
  sendReordered(payloads: readonly Payload[]): Promise<Sent[]>;
}

export type Payload = object | string | Uint8Array<ArrayBuffer>;

interface Webhook {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

export function createSender(account: Account, rules: Rules, prove: Prove): Sender {
  const url = `${account.gatewayUrl}/in/${account.source}`;

  async function prepare(payload: Payload, tampering?: Tampering): Promise<Webhook> {
    const body = toBytes(payload);
    const credential = tampering === "wrong_credential" ? "wrong" : "right";
    const proof = tampering === "no_credential" ? {} : await prove(body, credential);
    const sentBody = tampering === "changed_byte" ? withChangedByte(body) : body;
    return { body: sentBody, headers: { "content-type": "application/json", ...proof } };
  }

  async function attempt({ body, headers }: Webhook): Promise<Answer> {
    try {
      const signal = AbortSignal.timeout(rules.timeout);
      return await readAnswer(await account.fetch(url, { method: "POST", body, headers, signal }));
    } catch {
      return { status: 0, contentType: "", json: {} };
    }
  }

  async function deliver(webhook: Webhook): Promise<Sent> {
    let answer = await attempt(webhook);
    const attempts = [answer];
    for (const delay of rules.delays) {
      if (rules.isTaken(answer)) break;
      await account.pause(delay);
      answer = await attempt(webhook);
      attempts.push(answer);
    }
    return { source: account.source, body: webhook.body, attempts, answer, isTaken: rules.isTaken(answer) };
  }

  async function deliverInTurn(webhooks: readonly Webhook[]): Promise<Sent[]> {
    const sent: Sent[] = [];
    for (const webhook of webhooks) sent.push(await deliver(webhook));
    return sent;
  }

  return {
    send: async (payload, tampering) => deliver(await prepare(payload, tampering)),
    async repeat(payload, times, how) {
      const copies = Array<Webhook>(times).fill(await prepare(payload));
      return how === "together" ? Promise.all(copies.map(deliver)) : deliverInTurn(copies);
    },
    async sendReordered(payloads) {
      const turn = 1 + Math.floor(account.random() * (payloads.length - 1));
      const reordered = [...payloads.slice(turn), ...payloads.slice(0, turn)];
      return deliverInTurn(await Promise.all(reordered.map((payload) => prepare(payload))));
    },
  };
}

/** Milliseconds before each further attempt, each `factor` times the one before. */
export function exponential(attempts: number, firstMilliseconds: number, factor: number): number[] {
  return Array.from({ length: attempts }, (_, index) => firstMilliseconds * factor ** index);
}

/** The text with another character in its middle: digits, because those differ in hex and in base64 alike. */
export function corrupt(text: string): string {
  const middle = Math.floor(text.length / 2);
  return `${text.slice(0, middle)}${text[middle] === "0" ? "1" : "0"}${text.slice(middle + 1)}`;
}

function withChangedByte(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const middle = Math.floor(body.length / 2);
  return body.map((byte, index) => (index === middle ? byte ^ 1 : byte));
}

function toBytes(payload: Payload): Uint8Array<ArrayBuffer> {
  if (payload instanceof Uint8Array) return payload;
  return new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload));
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, contentType: response.headers.get("content-type") ?? "", json: parse(text) };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

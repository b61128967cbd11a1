/** Sends webhooks over a number of connections, each as soon as the one before is answered. */
import autocannon, { type Instance, type Request, type Result } from "autocannon";
import type { SignedWebhook } from "./webhooks.ts";
import { summarize, type Figures } from "./statistics.ts";

export interface Load extends Figures {
  /** Epoch milliseconds at which the first was sent. */
  startedAt: number;
  /** When each session's webhook was first sent. */
  sentAt: ReadonlyMap<string, number>;
}

/** Throws where an answer is not 200: then there is nothing to compare. */
export async function send(url: string, webhooks: readonly SignedWebhook[], connections: number): Promise<Load> {
  const sentAt = new Map<string, number>();
  const times: number[] = [];
  let next = 0;
  let lastAt = 0;
  let refused = 0;

  const nextRequest = (request: Request): Request => {
    const webhook = webhooks[next++ % webhooks.length];
    if (!webhook) return request;
    if (!sentAt.has(webhook.session)) sentAt.set(webhook.session, Date.now());
    return { ...request, method: "POST", body: webhook.body, headers: { ...request.headers, ...webhook.headers } };
  };
  const startedAt = Date.now();
  await new Promise<Result>((resolve, reject) => {
    const options = {
      url,
      connections,
      amount: webhooks.length,
      sampleInt: 100,
      requests: [{ setupRequest: nextRequest }],
    };
    const instance: Instance = autocannon(options, (error: Error | null, result) =>
      error ? reject(error) : resolve(result),
    );
    instance.on("response", (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      lastAt = Date.now();
      if (status !== 200) refused++;
    });
  });
  if (refused > 0 || times.length !== webhooks.length)
    throw new Error(`${refused} of ${webhooks.length} webhooks were refused, ${times.length} answered`);
  return { ...summarize(times, lastAt - startedAt), startedAt, sentAt };
}

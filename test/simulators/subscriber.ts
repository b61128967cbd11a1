/**
 * A subscriber as an integrator would write it: takes a delivery's raw bytes, verifies them with `standardwebhooks`, reads
 * them with `cloudevents`, and remembers what came under which `webhook-id`. A test tells it how to behave, request by
 * request.
 */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { HTTP, type CloudEventV1 } from "cloudevents";
import { Webhook } from "standardwebhooks";

/** One request as it came. */
export interface Delivery {
  /** `webhook-id` */
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Absent where the signature does not hold, or the body is no CloudEvent. */
  event?: CloudEventV1<Record<string, unknown>>;
  /** Epoch milliseconds. */
  receivedAt: number;
}

/** How a request is met. 200 with `{"success":true}` if nothing is said. */
export interface Behaviour {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Milliseconds before the answer. */
  delay?: number;
  /** Instead of an answer: silence, or a broken connection. */
  instead?: "hang" | "reset";
}

export interface Subscriber {
  /** Origin; every path below it is a subscriber of its own. */
  url: string;
  deliveries: readonly Delivery[];
  /** How the next requests to a path are met, in turn. */
  script(path: string, behaviours: readonly Behaviour[]): void;
  /** How every request to a path is met that is not scripted. */
  meet(path: string, choose: (delivery: Delivery) => Behaviour): void;
  /** Calls for each request, after it has been remembered. */
  onDelivery(listener: (delivery: Delivery) => void): void;
  close(): Promise<void>;
}

/** @param signingSecret `whsec_…`, as the gateway signs with */
export async function startSubscriber(signingSecret: string, port = 0): Promise<Subscriber> {
  const webhook = new Webhook(signingSecret);
  const deliveries: Delivery[] = [];
  const scripts = new Map<string, Behaviour[]>();
  const choices = new Map<string, (delivery: Delivery) => Behaviour>();
  const listeners: ((delivery: Delivery) => void)[] = [];

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { headers, url: path = "/" } = request;
    const event = readEvent(webhook, headers, body);
    const delivery: Delivery = {
      id: String(headers["webhook-id"] ?? ""),
      path,
      headers,
      body,
      receivedAt: Date.now(),
      ...(event && { event }),
    };
    deliveries.push(delivery);
    for (const listener of listeners) listener(delivery);
    const chosen = scripts.get(path)?.shift() ?? choices.get(path)?.(delivery);
    behave(chosen ?? (event ? {} : { status: 401 }), response);
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    script: (path, behaviours) => void scripts.set(path, [...behaviours]),
    meet: (path, choose) => void choices.set(path, choose),
    onDelivery: (listener) => void listeners.push(listener),
    close: () => close(server),
  };
}

/** `undefined` where the delivery cannot be believed or read. */
function readEvent(webhook: Webhook, headers: IncomingHttpHeaders, body: Buffer): Delivery["event"] {
  const text = Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  try {
    webhook.verify(body, text, { jsonParse: false });
    return HTTP.toEvent<Record<string, unknown>>({ headers, body: body.toString() }) as NonNullable<Delivery["event"]>;
  } catch {
    return undefined;
  }
}

function behave({ status = 200, headers = {}, body, delay = 0, instead }: Behaviour, response: ServerResponse): void {
  if (instead === "hang") return;
  if (instead === "reset") return void response.socket?.resetAndDestroy();
  setTimeout(() => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body ?? JSON.stringify({ success: status < 300 }));
  }, delay);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

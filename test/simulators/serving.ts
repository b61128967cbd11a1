/**
 * What the simulated APIs have in common: a server on the loopback that remembers every request, and answers it or fails it
 * as its fault switch says. Bodies are sent chunk by chunk, no faster than they are read.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer, ReceivedRequest } from "./answers.ts";
import { createFaults, type Fault, type FaultSwitch } from "./faults.ts";
import { seeded } from "./invention.ts";

/** What a simulated account depends on. */
export interface Surroundings {
  /** The same seed invents the same ids, people and files, and lets the same requests fail. */
  seed: number;
  /** Epoch milliseconds; the clock if not said. */
  now?: () => number;
}

export interface Service {
  /** Origin. */
  url: string;
  requests: readonly ReceivedRequest[];
  faults: FaultSwitch;
  close(): Promise<void>;
}

export async function serve(
  answer: (request: ReceivedRequest) => Answer,
  { seed, now = Date.now }: Surroundings,
): Promise<Service> {
  const requests: ReceivedRequest[] = [];
  const faults = createFaults(seeded(seed));

  async function take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = incoming;
    const at = now();
    const body = (await buffer(incoming)).toString();
    const fault = faults.choose(path);
    const request = { method, path, headers, body, at, ...(fault && { fault: fault.kind }) };
    requests.push(request);
    await (fault ? fail(fault, response, () => answer(request)) : send(answer(request), response));
  }

  const server = createServer((incoming, response) => {
    // Mostly the reader has gone; the connection is of no more use either way.
    take(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, faults, close: () => close(server) };
}

interface Sending {
  isChunked?: boolean | undefined;
  /** Milliseconds. */
  beforeChunks?: number | undefined;
}

async function send(answer: Answer, response: ServerResponse, sending: Sending = {}): Promise<void> {
  writeHead(answer, response, sending);
  const { beforeChunks } = sending;
  await pipeline(Readable.from(beforeChunks === undefined ? answer.chunks() : slowly(answer, beforeChunks)), response);
}

function writeHead({ status, headers, contentType, size }: Answer, response: ServerResponse, sending: Sending): void {
  response.writeHead(status, {
    ...headers,
    ...(contentType !== undefined && { "content-type": contentType }),
    ...(!sending.isChunked && { "content-length": size }),
  });
}

async function fail(fault: Fault, response: ServerResponse, answer: () => Answer): Promise<void> {
  const error = (status: number, body: string, headers = {}) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  switch (fault.kind) {
    case "status": {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      return error(fault.status, `{"message":"simulated"}`, headers);
    }
    case "hang":
      return;
    case "reset":
      return void response.socket?.resetAndDestroy();
    case "cut":
      return cut(answer(), response, fault);
    case "wrong_json":
      return error(200, `{"id":"simulated","status":`);
    case "redirect":
      return error(fault.status ?? 302, "", { location: fault.to });
    case "chunked":
      return send(answer(), response, { isChunked: true });
    case "content_type":
      return send({ ...answer(), contentType: fault.contentType }, response);
    case "slow":
      await pause(fault.beforeHeaders ?? 0, undefined, { ref: false });
      return send(answer(), response, { beforeChunks: fault.beforeChunks });
  }
}

async function cut(answer: Answer, response: ServerResponse, sending: Sending): Promise<void> {
  writeHead(answer, response, sending);
  let left = Math.floor(answer.size / 2);
  for (const chunk of answer.chunks()) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    await written(part, response);
    if (left === 0) break;
  }
  // In order, so that what was written arrives.
  response.socket?.destroySoon();
}

/** Rejects where the reader goes first. */
function written(chunk: Uint8Array, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

async function* slowly({ chunks }: Answer, milliseconds: number): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks()) {
    await pause(milliseconds, undefined, { ref: false });
    yield chunk;
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Subscribers that take everything at once and count every id. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Sink {
  url: string;
  /** Epoch milliseconds of each arrival, by `<path> <session>`. */
  arrivals: ReadonlyMap<string, readonly number[]>;
  clear(): void;
  close(): Promise<void>;
}

const SESSION = /bench-\d+-\d+/;

export async function startSink(): Promise<Sink> {
  const arrivals = new Map<string, number[]>();

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const key = `${request.url?.slice(1)} ${SESSION.exec(body)?.[0]}`;
    const times = arrivals.get(key);
    if (times) times.push(Date.now());
    else arrivals.set(key, [Date.now()]);
    response.setHeader("content-type", "application/json");
    response.end('{"success":true}');
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    clear: () => arrivals.clear(),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

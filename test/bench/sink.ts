/** Subscribers that take everything at once and count every id, unless they are told to be silent. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Sink {
  url: string;
  /** Epoch milliseconds of each arrival, by `<path> <session>`. */
  arrivals: ReadonlyMap<string, readonly number[]>;
  clear(): void;
  /** This path takes requests and never answers them, from now on; without a path all answer again. */
  silence(path?: string): void;
  /** Requests that were not answered. */
  unanswered(): number;
  close(): Promise<void>;
}

const SESSION = /bench-\d+-\d+/;

export async function startSink(): Promise<Sink> {
  const arrivals = new Map<string, number[]>();

  let silent: string | undefined;
  let unanswered = 0;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (request.url === silent) return void unanswered++;
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
    silence: (path) => void (silent = path),
    unanswered: () => unanswered,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

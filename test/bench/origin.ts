/** A vendor that serves files of any size, made as they are sent: none is ever whole in this process either. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Case, Target, Transfer } from "./transfers.ts";

export interface Origin {
  transfer(of: Case, into: Target): Transfer;
  close(): Promise<void>;
}

const MEMBER = "fileContents";
/** Divisible by three, so that pieces in base64 follow each other without padding. */
const PIECE = Buffer.alloc(48 * 1024, "gatepost");
const ENCODED_PIECE = PIECE.toString("base64");

export async function startOrigin(): Promise<Origin> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://origin.example");
    serve(pathname.slice(1), Number(searchParams.get("bytes")), response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    transfer: ({ way, bytes }, into) => ({
      into,
      url: `http://127.0.0.1:${port}/${way.replace(" ", "-")}?bytes=${bytes}`,
      isOfStatedLength: way === "stated length",
      ...(way === "base64" ? { base64At: MEMBER } : {}),
    }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function serve(way: string, bytes: number, response: ServerResponse): Promise<void> {
  if (way === "stated-length") response.setHeader("content-length", bytes);
  await pipeline(way === "base64" ? inJson(bytes) : plain(bytes), response);
}

function* plain(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
}

function* inJson(bytes: number): Generator<string> {
  yield `{"contentType":"application/pdf","${MEMBER}":"`;
  for (const piece of plain(bytes)) yield piece.length === PIECE.length ? ENCODED_PIECE : piece.toString("base64");
  yield '"}';
}

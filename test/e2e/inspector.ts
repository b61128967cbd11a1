/**
 * A Worker beside the gateway that is bound to the same storage and tells a test, over HTTP, what stands in it. wrangler's
 * own way to read bindings from Node blocks Node at every call, and with it the reading of the gateway's log: once the
 * gateway's pipe is full, both wait for each other for ever.
 */

interface Bindings {
  ARCHIVE: {
    list(options: { prefix: string; cursor?: string }): Promise<{
      objects: { key: string }[];
      truncated: boolean;
      cursor?: string;
    }>;
    get(key: string): Promise<{ body: ReadableStream<Uint8Array> } | null>;
  };
  LEDGER: {
    prepare(sql: string): { bind(...values: unknown[]): { all(): Promise<{ results: Record<string, unknown>[] }> } };
  };
}

/** `GET /keys?prefix=…`, `GET /object?key=…`, `POST /query` with `{"sql","values"}`. */
export default {
  async fetch(request: Request, { ARCHIVE, LEDGER }: Bindings): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/keys":
        return Response.json(await listKeys(ARCHIVE, searchParams.get("prefix") ?? ""));
      case "/object": {
        const object = await ARCHIVE.get(searchParams.get("key") ?? "");
        return object ? new Response(object.body) : new Response(null, { status: 404 });
      }
      case "/query": {
        const { sql, values } = (await request.json()) as { sql: string; values: unknown[] };
        const { results } = await LEDGER.prepare(sql)
          .bind(...values)
          .all();
        return Response.json(results);
      }
      default:
        return new Response(null, { status: 404 });
    }
  },
};

async function listKeys(archive: Bindings["ARCHIVE"], prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await archive.list({ prefix, ...(cursor && { cursor }) });
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return keys;
}

/** The least around the store of files: what it is told to fetch goes into R2, or nowhere. */
import { createFileStore } from "../../../src/stores/files.ts";
import type { Transfer } from "../transfers.ts";
import { drainingBucket } from "./draining.ts";

const MAX_BYTES = 1024 * 1024 * 1024;

export default {
  async fetch(request, { ARCHIVE }) {
    const { url, isOfStatedLength, base64At, into } = await request.json<Transfer>();
    const response = await fetch(url, { headers: { "accept-encoding": "identity" } });
    if (!response.body) return new Response(null, { status: 502 });
    const source = {
      body: response.body as ReadableStream<Uint8Array>,
      length: isOfStatedLength ? Number(response.headers.get("content-length")) : undefined,
      contentType: undefined,
      base64At,
    };
    // What is there already is not stored again.
    const id = `fil_${"5".repeat(32)}${crypto.randomUUID().replaceAll("-", "")}`;
    const store = createFileStore(into === "nothing" ? drainingBucket : ARCHIVE);
    return Response.json(await store.store(id, source, { maxBytes: MAX_BYTES }));
  },
} satisfies ExportedHandler<{ ARCHIVE: R2Bucket }>;

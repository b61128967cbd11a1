/** A bucket that reads whatever it is given and keeps nothing: what is left of the memory is the sender's. */
const READ_BYTES = 64 * 1024;

export const drainingBucket = {
  head: async () => null,
  async put(_key: string, value: ReadableStream<Uint8Array> | Uint8Array) {
    if (value instanceof ReadableStream) await drain(value);
    return {};
  },
  createMultipartUpload: async () => ({
    uploadPart: async (partNumber: number) => ({ partNumber, etag: "" }),
    complete: async () => ({}),
    abort: async () => undefined,
  }),
} as unknown as R2Bucket;

async function drain(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(READ_BYTES);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) return;
    buffer = value.buffer;
  }
}

/** Streams into R2, with one buffer and one chunk in memory. What breaks off midway leaves nothing. */

/** A stream that ends early by its own fault. */
export interface Upstream {
  next(): Promise<Uint8Array | undefined>;
  /** Why `next` came to its end before the stream did. */
  fault(): string | undefined;
}

/** All but the last have this size; R2 takes none below 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

/** To one object of a length known before: R2 takes a stream only then. Throws where it is R2 that fails. */
export async function uploadOfLength(
  bucket: R2Bucket,
  key: string,
  upstream: Upstream,
  length: number,
  options: R2PutOptions,
): Promise<void> {
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const pump = async () => {
    for (let chunk = await upstream.next(); chunk; chunk = await upstream.next()) await writer.write(chunk);
    // A stream that is aborted makes the put fail, and so nothing is stored.
    await (upstream.fault() === undefined ? writer.close() : writer.abort(new Error("the source broke off")));
  };
  try {
    await Promise.all([bucket.put(key, readable, options), pump()]);
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    if (upstream.fault() === undefined) throw error;
  }
}

/** To one object of any length: at once where it fits into the buffer, else in parts. Throws where it is R2 that fails. */
export async function uploadOfAnyLength(
  bucket: R2Bucket,
  key: string,
  upstream: Upstream,
  options: R2MultipartOptions,
): Promise<void> {
  const buffer = new Uint8Array(PART_BYTES);
  const parts: R2UploadedPart[] = [];
  let filled = 0;
  let upload: R2MultipartUpload | undefined;
  try {
    for (let chunk = await upstream.next(); chunk; chunk = await upstream.next()) {
      for (let rest = chunk; rest.length > 0;) {
        if (filled === PART_BYTES) {
          upload ??= await bucket.createMultipartUpload(key, options);
          parts.push(await upload.uploadPart(parts.length + 1, buffer));
          filled = 0;
        }
        const fitting = rest.subarray(0, PART_BYTES - filled);
        buffer.set(fitting, filled);
        filled += fitting.length;
        rest = rest.subarray(fitting.length);
      }
    }
    const last = buffer.subarray(0, filled);
    if (upstream.fault() !== undefined) await abandon(upload);
    else if (!upload) await bucket.put(key, last, options);
    else await upload.complete([...parts, await upload.uploadPart(parts.length + 1, last)]);
  } catch (error) {
    await abandon(upload);
    throw error;
  }
}

/** Where R2 refuses even this, it drops the unfinished upload by itself after 7 days. */
async function abandon(upload: R2MultipartUpload | undefined): Promise<void> {
  await upload?.abort().catch(() => undefined);
}

/** Streams into R2, with one buffer and one chunk in memory. What breaks off midway leaves nothing, and what is there stays. */

/** A stream that ends early by its own fault. */
export interface Upstream {
  next(): Promise<Uint8Array | undefined>;
  /** Why `next` came to its end before the stream did. */
  fault(): string | undefined;
}

/** R2 arbitrates: of all who create an object one succeeds, and the others get `null`. */
const IF_ABSENT = { etagDoesNotMatch: "*" };
/** All but the last have this size; R2 takes none below 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * To one object of a length known before: R2 takes a stream only then. Returns whether it was created: not after the stream's
 * own fault, nor where there is one already. Throws where it is R2 that fails.
 */
export async function uploadOfLength(
  bucket: R2Bucket,
  key: string,
  upstream: Upstream,
  length: number,
  options: R2PutOptions,
): Promise<boolean> {
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const pump = async () => {
    for (let chunk = await upstream.next(); chunk; chunk = await upstream.next()) await writer.write(chunk);
    // A stream that is aborted makes the put fail, and so nothing is stored.
    await (upstream.fault() === undefined ? writer.close() : writer.abort(new Error("the source broke off")));
  };
  const put = async () => (await bucket.put(key, readable, { ...options, onlyIf: IF_ABSENT })) !== null;
  try {
    const [putting, pumping] = [put(), pump()];
    // R2 may know before it has read: who goes on writing to it would wait for ever.
    const isCreated = await Promise.race([putting, pumping.then(() => putting)]);
    await (isCreated ? pumping : writer.abort(new Error("there is one already")));
    return isCreated;
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    if (upstream.fault() === undefined) throw error;
    return false;
  }
}

/** The same of any length: at once where it fits into the buffer, else in parts. */
export async function uploadOfAnyLength(
  bucket: R2Bucket,
  key: string,
  upstream: Upstream,
  options: R2MultipartOptions,
): Promise<boolean> {
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
    if (upstream.fault() === undefined) {
      if (!upload) return (await bucket.put(key, last, { ...options, onlyIf: IF_ABSENT })) !== null;
      parts.push(await upload.uploadPart(parts.length + 1, last));
      // R2 completes without a condition; two who look here in the same moment may still replace each other's.
      if (!(await bucket.head(key))) {
        await upload.complete(parts);
        return true;
      }
    }
    await abandon(upload);
    return false;
  } catch (error) {
    await abandon(upload);
    throw error;
  }
}

/** Where R2 refuses even this, it drops the unfinished upload by itself after 7 days. */
async function abandon(upload: R2MultipartUpload | undefined): Promise<void> {
  await upload?.abort().catch(() => undefined);
}

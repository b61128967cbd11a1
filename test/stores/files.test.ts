import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/core/digest.ts";
import { Unavailable } from "../../src/core/unavailable.ts";
import { createArchiveEraser } from "../../src/stores/archive-eraser.ts";
import { createFileStore } from "../../src/stores/files.ts";
import type { FileSource } from "../../src/stores/incoming.ts";
import { fails, faulty, hangs } from "../faults.ts";

const MIB = 1024 * 1024;
const PART = 8 * MIB;
const LIMITS = { maxBytes: 64 * MIB };
const SESSION = "5".repeat(32);
const idOf = (file: string, session = SESSION) => `fil_${session}${file.repeat(32)}`;
const ID = idOf("a");
const KEY = `files/${SESSION}/${"a".repeat(32)}`;

const store = createFileStore(env.ARCHIVE);
const removeAll = () => createArchiveEraser(env.ARCHIVE).remove({ source: "any", session: SESSION }, 100);

beforeEach(() => reset());

/** JPEG by its first bytes, and no two parts alike. */
function fileOf(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer, 0, Math.floor(size / 4));
  for (let index = 0; index < words.length; index++) words[index] = Math.imul(index + 1, 2654435761);
  bytes.set([0xff, 0xd8, 0xff].slice(0, size));
  return bytes;
}

/** In chunks of uneven size; `dies` throws where the end would be, `onRead` is told how far it was read. */
function streamOf(bytes: Uint8Array, { dies = false, onRead = (_read: number): void => undefined } = {}) {
  let read = 0;
  let chunk = 1;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (read < bytes.length) {
          chunk = Math.min(chunk * 3, 300_001);
          controller.enqueue(bytes.subarray(read, read + chunk));
          read += chunk;
          onRead(read);
        } else if (dies) controller.error(new Error("connection lost"));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const sourceOf = (bytes: Uint8Array, changes: Partial<FileSource> = {}): FileSource => ({
  body: streamOf(bytes),
  length: undefined,
  contentType: undefined,
  ...changes,
});

const inJson = (bytes: Uint8Array) => new TextEncoder().encode(`{"a":{"data":1},"data":"${bytes.toBase64()}","b":2}`);

/** Keeps what is asked of R2. */
function watched(faults: Parameters<typeof faulty>[1] = {}) {
  const calls: string[] = [];
  const uploads: R2MultipartUpload[] = [];
  const bucket = faulty(env.ARCHIVE, {
    put: (...given) => {
      calls.push("put");
      return env.ARCHIVE.put(...(given as [string, ReadableStream, R2PutOptions]));
    },
    createMultipartUpload: async (...given) => {
      calls.push("create");
      const upload = await env.ARCHIVE.createMultipartUpload(...(given as [string, R2MultipartOptions]));
      uploads.push(upload);
      return faulty(upload, {
        uploadPart: (number, part) => {
          calls.push(`part ${(part as Uint8Array).length}`);
          return upload.uploadPart(number as number, part as Uint8Array);
        },
        abort: () => {
          calls.push("abort");
          return upload.abort();
        },
      });
    },
    ...faults,
  });
  return { bucket, calls, uploads };
}

async function expectStored(bytes: Uint8Array, source: FileSource, contentType = "image/jpeg"): Promise<string[]> {
  const { bucket, calls } = watched();
  const facts = { contentType, size: bytes.length, sha256: await sha256Hex(bytes) };
  expect(await createFileStore(bucket).store(ID, source, LIMITS)).toEqual({ ok: true, ...facts });
  expect(await store.find(ID)).toEqual(facts);
  const object = await env.ARCHIVE.get(KEY);
  const kept = (await object?.bytes()) ?? new Uint8Array();
  expect(kept.length).toBe(bytes.length);
  expect(crypto.subtle.timingSafeEqual(kept, bytes)).toBe(true);
  expect(object?.httpMetadata).toEqual({ contentType });
  expect(object?.customMetadata).toEqual({ v: "1" });
  return calls;
}

async function expectNothing(uploads: readonly R2MultipartUpload[] = []): Promise<void> {
  expect((await env.ARCHIVE.list()).objects).toEqual([]);
  expect(await store.find(ID)).toBeUndefined();
  // An upload that were still open would take a part.
  for (const upload of uploads) await expect(upload.uploadPart(1, "part")).rejects.toThrow(/\(10024\)/);
}

describe("a file of stated length", () => {
  it.each([1, 63, 64, 65, 4096, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, PART, PART + 1])(
    "of %d bytes is stored in one go, byte for byte",
    async (size) => {
      const bytes = fileOf(size);
      const type = size < 3 ? "application/octet-stream" : "image/jpeg";
      expect(await expectStored(bytes, sourceOf(bytes, { length: size }), type)).toEqual(["put"]);
    },
  );

  it.each([
    [90, 100],
    [110, 100],
    [300_000, 300_001],
    [300_001, 300_000],
    [0, 0],
    [0, 1],
    [1, 0],
    [600_000, 256 * 1024],
  ])("that has %d bytes instead of %d is cut off, and leaves nothing", async (size, length) => {
    const source = sourceOf(fileOf(size), { length });
    expect(await store.store(ID, source, LIMITS)).toEqual({ ok: false, why: "cut_off" });
    await expectNothing();
  });
});

describe("a file of unknown length", () => {
  it.each([1, 64, 300_000, PART - 1, PART])("of %d bytes is stored in one go: it fits the buffer", async (size) => {
    const bytes = fileOf(size);
    const type = size < 3 ? "application/octet-stream" : "image/jpeg";
    expect(await expectStored(bytes, sourceOf(bytes), type)).toEqual(["put"]);
  });

  it.each([
    [PART + 1, [PART, 1]],
    [2 * PART - 1, [PART, PART - 1]],
    [2 * PART, [PART, PART]],
    [20 * MIB, [PART, PART, 4 * MIB]],
  ])("of %d bytes is stored in parts, all but the last alike", async (size, parts) => {
    const bytes = fileOf(size);
    expect(await expectStored(bytes, sourceOf(bytes))).toEqual(["create", ...parts.map((part) => `part ${part}`)]);
  });
});

describe("an empty file", () => {
  it.each<[string, Partial<FileSource>]>([
    ["of stated length", { length: 0 }],
    ["of unknown length", {}],
    ["where JSON is expected", { base64At: "data" }],
  ])("%s is one that is not ready yet, and leaves nothing", async (_which, changes) => {
    expect(await store.store(ID, sourceOf(new Uint8Array(), changes), LIMITS)).toEqual({ ok: false, why: "cut_off" });
    await expectNothing();
  });
});

describe("a file that another consumer stores at the same time", () => {
  /** Of one length, and no two alike. */
  const copiesOf = (size: number, count: number) =>
    Array.from({ length: count }, (_, copy) => fileOf(size).fill(copy, 1000, 2000));

  it.each([
    ["of stated length", 300_000, (bytes: Uint8Array) => sourceOf(bytes, { length: bytes.length })],
    ["of unknown length", 300_000, (bytes: Uint8Array) => sourceOf(bytes)],
    ["in base64", 300_000, (bytes: Uint8Array) => sourceOf(inJson(bytes), { base64At: "data" })],
    ["in parts", PART + 3000, (bytes: Uint8Array) => sourceOf(bytes)],
  ])("%s is stored once, and both are told of what is kept", async (_which, size, sourceFor) => {
    const [first, second] = copiesOf(size, 2) as [Uint8Array, Uint8Array];
    let slow: Promise<unknown> = Promise.resolve();
    const late = sourceFor(second);
    // The first is complete when the second, which looked before it and found nothing, has been read to its end.
    const body = late.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({ flush: async () => void (await slow) }),
    );
    const storing = store.store(ID, { ...late, body }, LIMITS);
    slow = store.store(ID, sourceFor(first), LIMITS);
    const facts = { contentType: "image/jpeg", size, sha256: await sha256Hex(first) };
    expect(await slow).toEqual({ ok: true, ...facts });
    expect(await storing).toEqual({ ok: true, ...facts });
    expect(await store.find(ID)).toEqual(facts);
  });

  it.each([
    ["of stated length", 300_000, (size: number) => ({ length: size })],
    ["of unknown length", 300_000, () => ({})],
  ])("%s is stored once, however many there are", async (_which, size, changesFor) => {
    const stored = await Promise.all(
      copiesOf(size, 8).map((bytes) => store.store(ID, sourceOf(bytes, changesFor(size)), LIMITS)),
    );
    const kept = await store.find(ID);
    for (const each of stored) expect(each).toEqual({ ok: true, ...kept });
  });

  it("in parts leaves none of the parts that came too late", async () => {
    const [first, second] = copiesOf(PART + 3000, 2) as [Uint8Array, Uint8Array];
    await expectStored(first, sourceOf(first));
    const { bucket, calls, uploads } = watched();
    const late = await createFileStore(bucket).store(ID, sourceOf(second), LIMITS);
    expect(late).toMatchObject({ ok: true, sha256: await sha256Hex(first) });
    expect(calls).toEqual(["create", `part ${PART}`, "part 3000", "abort"]);
    for (const upload of uploads) await expect(upload.uploadPart(1, "part")).rejects.toThrow(/\(10024\)/);
  });

  it("is not waited for where R2 knows before it has read", async () => {
    const bytes = fileOf(MIB);
    await expectStored(bytes, sourceOf(bytes));
    let isLetGo = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => void (isLetGo = true),
    });
    const { bucket } = watched({ put: async () => null });
    const source = sourceOf(bytes, { body, length: 30 * MIB });
    const stored = await Promise.race([createFileStore(bucket).store(ID, source, LIMITS), scheduler.wait(2000)]);
    expect(stored).toMatchObject({ ok: true, size: MIB });
    await expect.poll(() => isLetGo).toBe(true);
  });

  it("and that is removed meanwhile is asked for again", async () => {
    const { bucket } = watched({ put: async () => null });
    await expect(createFileStore(bucket).store(ID, sourceOf(fileOf(10)), LIMITS)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("a file in base64 in JSON", () => {
  it.each([1, 100, 300_000, 20 * MIB])("of %d bytes is stored decoded", async (size) => {
    const bytes = fileOf(size);
    const type = size < 3 ? "application/octet-stream" : "image/jpeg";
    const body = inJson(bytes);
    for (const length of size > MIB ? [body.length] : [undefined, body.length]) {
      await expectStored(bytes, sourceOf(body, { length, base64At: "data" }), type);
      await removeAll();
    }
  });

  it("goes by the content type beside it, and that by the bytes", async () => {
    const jsonOf = (data: string) => new TextEncoder().encode(`{"contentType":"x-pdf","data":"${data}"}`);
    const text = new TextEncoder().encode("no magic");
    await expectStored(text, sourceOf(jsonOf(text.toBase64()), { base64At: "data" }), "application/pdf");
    await removeAll();
    const picture = fileOf(100);
    await expectStored(picture, sourceOf(jsonOf(picture.toBase64()), { base64At: "data" }), "image/jpeg");
  });

  it("whose first bytes come in two reads is known by them nevertheless", async () => {
    const bytes = fileOf(1000);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const [before, read] = ['{"a":"","data":"', 256 * 1024];
    const filler = "x".repeat(read - before.length - 4);
    const body = new TextEncoder().encode(`{"a":"${filler}","data":"${bytes.toBase64()}"}`);
    await expectStored(bytes, sourceOf(body, { base64At: "data" }), "image/png");
  });

  it.each([
    ["member_missing", '{"other":"QUFB"}'],
    ["member_missing", '{"data":null}'],
    ["unreadable", '{"data":"no base64!"}'],
    ["unreadable", '{"data":""}'],
    ["unreadable", '{"data":{}}'],
    ["unreadable", "<html>"],
    ["cut_off", '{"data":"QUFB'],
    ["cut_off", ""],
  ])("is %s as %s, and leaves nothing", async (why, body) => {
    const source = sourceOf(new TextEncoder().encode(body), { base64At: "data" });
    expect(await store.store(ID, source, LIMITS)).toEqual({ ok: false, why });
    await expectNothing();
  });

  it("that turns out not to be one after parts are stored leaves nothing", async () => {
    const { bucket, calls, uploads } = watched();
    const body = new TextEncoder().encode(`{"data":"${fileOf(PART + 300_000).toBase64()}!"}`);
    const stored = await createFileStore(bucket).store(ID, sourceOf(body, { base64At: "data" }), LIMITS);
    expect(stored).toEqual({ ok: false, why: "unreadable" });
    expect(calls).toEqual(["create", `part ${PART}`, "abort"]);
    await expectNothing(uploads);
  });
});

describe("a file that dies midway", () => {
  it.each([
    ["of stated length", 300_000, { length: 400_000 }],
    ["of stated length, after its last byte", 400_000, { length: 400_000 }],
    ["of stated length, at once", 0, { length: 400_000 }],
    ["of unknown length", 300_000, {}],
    ["of unknown length, in parts", 2 * PART + 1, {}],
  ])("%s leaves nothing", async (_which, size, changes) => {
    const { bucket, uploads } = watched();
    const source = sourceOf(new Uint8Array(), { body: streamOf(fileOf(size), { dies: true }), ...changes });
    expect(await createFileStore(bucket).store(ID, source, LIMITS)).toEqual({ ok: false, why: "cut_off" });
    expect(uploads).toHaveLength(size > PART ? 1 : 0);
    await expectNothing(uploads);
  });

  it("leaves what was there before", async () => {
    const before = fileOf(1000);
    await expectStored(before, sourceOf(before));
    for (const changes of [{}, { length: 400_000 }])
      await store.store(ID, sourceOf(before, { body: streamOf(fileOf(300_000), { dies: true }), ...changes }), LIMITS);
    expect((await store.find(ID))?.sha256).toBe(await sha256Hex(before));
  });
});

describe("a file that is too large", () => {
  it.each([undefined, "data"])("by its stated length is refused before it is read", async (base64At) => {
    let wasRead = 0;
    const body = streamOf(fileOf(MIB), { onRead: (read) => void (wasRead = read) });
    const source = sourceOf(new Uint8Array(), { body, length: 100 * MIB, base64At });
    expect(await store.store(ID, source, { maxBytes: MIB })).toEqual({ ok: false, why: "too_large" });
    expect(wasRead).toBeLessThan(MIB);
    await expectNothing();
  });

  it.each([
    ["of unknown length", 12 * MIB, undefined],
    ["of unknown length, by one byte", 10 * MIB + 1, undefined],
    ["in base64", 12 * MIB, "data"],
  ])("in truth is let go of, and leaves nothing: %s", async (_which, size, base64At) => {
    const { bucket, uploads } = watched();
    const bytes = fileOf(size);
    const source = sourceOf(base64At === undefined ? bytes : inJson(bytes), { base64At });
    const stored = await createFileStore(bucket).store(ID, source, { maxBytes: 10 * MIB });
    expect(stored).toEqual({ ok: false, why: "too_large" });
    await expectNothing(uploads);
  });

  it("is none where it has just the size", async () => {
    for (const length of [undefined, 1000]) {
      const stored = await store.store(ID, sourceOf(fileOf(1000), { length }), { maxBytes: 1000 });
      expect(stored).toMatchObject({ ok: true, size: 1000 });
      await removeAll();
      expect(await store.store(ID, sourceOf(fileOf(1001), { length }), { maxBytes: 1000 })).toMatchObject({
        ok: false,
      });
    }
  });

  it.each([
    ["a string", `{"a":"${"x".repeat(6 * MIB)}`],
    ["structure", `{"a":${"[".repeat(6 * MIB)}`],
    ["names", `{${'"a":1,'.repeat(MIB)}`],
    ["what follows it", `{"data":"${fileOf(MIB).toBase64()}","a":${"[".repeat(6 * MIB)}`],
    ["white space in it", `{"data":"QUFB${" ".repeat(6 * MIB)}`],
    ["escapes in it", `{"data":"QUFB${String.raw`\n`.repeat(3 * MIB)}`],
  ])("by what is not the file's is let go of, however large files may be: %s", async (_what, text) => {
    let wasRead = 0;
    const body = streamOf(new TextEncoder().encode(text), { onRead: (read) => void (wasRead = read) });
    const source = sourceOf(new Uint8Array(), { body, base64At: "data" });
    expect(await store.store(ID, source, LIMITS)).toEqual({ ok: false, why: "too_large" });
    expect(wasRead).toBeLessThan(4 * MIB);
    await expectNothing();
  });
});

describe("a source", () => {
  it("is read no faster than R2 takes it", async () => {
    let wasRead = 0;
    const body = streamOf(fileOf(30 * MIB), { onRead: (read) => void (wasRead = read) });
    const { bucket } = watched({ createMultipartUpload: hangs });
    const stored = createFileStore(bucket).store(ID, sourceOf(new Uint8Array(), { body }), LIMITS);
    await expect.poll(() => wasRead).toBeGreaterThan(PART);
    expect(await Promise.race([stored, scheduler.wait(50)])).toBeUndefined();
    expect(wasRead).toBeLessThan(PART + 2 * MIB);
  });

  it("of stated length is read no faster than R2 takes it", async () => {
    let wasRead = 0;
    const body = streamOf(fileOf(30 * MIB), { onRead: (read) => void (wasRead = read) });
    const { bucket } = watched({ put: hangs });
    const source = sourceOf(new Uint8Array(), { body, length: 30 * MIB });
    const stored = createFileStore(bucket).store(ID, source, LIMITS);
    expect(await Promise.race([stored, scheduler.wait(100)])).toBeUndefined();
    expect(wasRead).toBeGreaterThan(0);
    expect(wasRead).toBeLessThan(2 * MIB);
  });

  it("is let go of, whatever comes of it", async () => {
    const reasons: string[] = [];
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => void reasons.push("cancelled"),
      });
    const source = (changes: Partial<FileSource>) => sourceOf(new Uint8Array(), { body: endless(), ...changes });
    await store.store(ID, source({}), { maxBytes: MIB });
    await store.store(ID, source({ length: MIB }), { maxBytes: MIB });
    await store.store(ID, source({ length: 2 * MIB }), { maxBytes: MIB });
    await store.store(ID, source({ base64At: "data" }), { maxBytes: MIB });
    const broken = createFileStore(watched({ put: fails }).bucket);
    await expect(broken.store(ID, source({ length: MIB }), LIMITS)).rejects.toBeInstanceOf(Unavailable);
    await expect.poll(() => reasons.length).toBe(5);
  });
});

describe("where R2 is out of reach", () => {
  it.each([
    ["put", 1000, 1000],
    ["put", 1000, undefined],
    ["put", 20 * MIB, 20 * MIB],
    ["createMultipartUpload", 20 * MIB, undefined],
  ])("at its %s, for a file of %d bytes, that is what the store says", async (method, size, length) => {
    const broken = createFileStore(watched({ [method]: fails }).bucket);
    const source = sourceOf(fileOf(size), { length });
    await expect(broken.store(ID, source, LIMITS)).rejects.toBeInstanceOf(Unavailable);
    await expectNothing();
  });

  it.each(["uploadPart", "complete"])("at its %s, the parts stored so far are dropped", async (method) => {
    const { bucket, uploads } = watched();
    const dying = faulty(bucket, {
      createMultipartUpload: async (...given) =>
        faulty(await bucket.createMultipartUpload(...(given as [string])), { [method]: fails }),
    });
    const source = sourceOf(fileOf(20 * MIB));
    await expect(createFileStore(dying).store(ID, source, LIMITS)).rejects.toBeInstanceOf(Unavailable);
    expect(uploads).toHaveLength(1);
    await expectNothing(uploads);
  });

  it("to find or open, that is what the store says", async () => {
    const broken = createFileStore(faulty(env.ARCHIVE, { get: fails }));
    await expect(broken.find(ID)).rejects.toBeInstanceOf(Unavailable);
    await expect(broken.open(ID)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("a stored file", () => {
  const bytes = fileOf(1000);
  const opened = async (range?: R2Range) => {
    const file = await store.open(ID, range);
    if (!file) return undefined;
    const { body, etag, ...rest } = file;
    expect(etag).toMatch(/^"[0-9a-f]+"$/);
    return { ...rest, bytes: body && (await new Response(body).bytes()) };
  };
  const whole = { size: 1000, contentType: "image/jpeg" };

  beforeEach(() => store.store(ID, sourceOf(bytes), LIMITS));

  it("is opened whole", async () => {
    expect(await opened()).toEqual({ ...whole, bytes });
  });

  it.each([
    [{ offset: 0, length: 1 }, 0, 1],
    [{ offset: 10 }, 10, 990],
    [{ offset: 990, length: 100 }, 990, 10],
    [{ offset: 999, length: 1 }, 999, 1],
    [{ suffix: 1 }, 999, 1],
    [{ suffix: 5000 }, 0, 1000],
  ] as [R2Range, number, number][])("is opened in part: %j", async (range, offset, length) => {
    expect(await opened(range)).toEqual({
      ...whole,
      range: { offset, length },
      bytes: bytes.subarray(offset, offset + length),
    });
  });

  it("has no body where the range lies outside of it", async () => {
    expect(await opened({ offset: 1000, length: 1 })).toEqual({ ...whole, bytes: undefined });
    expect(await opened({ offset: 5000 })).toEqual({ ...whole, bytes: undefined });
  });

  it("is none under another id, or under what is no file's id", async () => {
    for (const id of [idOf("b"), "", "fil_", `${ID}0`, `../${ID}`]) {
      expect(await store.open(id)).toBeUndefined();
      expect(await store.find(id)).toBeUndefined();
    }
    await expect(store.store("fil_", sourceOf(bytes), LIMITS)).rejects.toBeInstanceOf(RangeError);
  });
});

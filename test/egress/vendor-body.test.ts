import { describe, expect, it, vi } from "vitest";
import { readJsonBody, withTimeouts } from "../../src/egress/vendor-body.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Hands out its parts one by one, then does what `end` says. */
function streamOf(parts: readonly string[], end: "close" | "error" | "hang", onCancel = () => {}) {
  const rest = [...parts];
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const part = rest.shift();
        if (part !== undefined) return controller.enqueue(encode(part));
        if (end === "close") return controller.close();
        if (end === "error") return controller.error(new Error("Network connection lost."));
        return new Promise<void>(() => {});
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

const patient = { idleMs: 1000, totalMs: 1000 };
const idling = { idleMs: 30, totalMs: 1000 };

/** A byte whenever one is asked for, after `milliseconds`, for ever. */
function dripOf(milliseconds: number, onCancel = () => {}) {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await wait(milliseconds);
        controller.enqueue(encode(" "));
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

describe("a body under timeouts", () => {
  it("is the same bytes", async () => {
    const body = withTimeouts(streamOf(["one", "two", "three"], "close"), patient);
    expect(await new Response(body).text()).toBe("onetwothree");
  });

  it("errors when the vendor falls silent, and lets go of the connection", async () => {
    const cancel = vi.fn<() => void>();
    const reader = withTimeouts(streamOf(["one"], "hang", cancel), idling).getReader();
    expect((await reader.read()).value).toEqual(encode("one"));
    await expect(reader.read()).rejects.toThrow("idle");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("does not take a slow reader for a silent vendor", async () => {
    const reader = withTimeouts(streamOf(["one", "two"], "close"), idling).getReader();
    await reader.read();
    await wait(80);
    expect((await reader.read()).value).toEqual(encode("two"));
    expect((await reader.read()).done).toBe(true);
  });

  it("errors when the vendor creeps, and lets go of the connection", async () => {
    const cancel = vi.fn<() => void>();
    const body = withTimeouts(dripOf(5, cancel), { idleMs: 1000, totalMs: 60 });
    await expect(new Response(body).text()).rejects.toThrow("too slow");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("errors for whoever reads it through the platform's own streams", async () => {
    for (const [body, why] of [
      [dripOf(5), "too slow"],
      [streamOf(["one"], "hang"), "idle"],
    ] as const) {
      const piped = withTimeouts(body, { idleMs: 40, totalMs: 60 }).pipeThrough(new IdentityTransformStream());
      await expect(new Response(piped).bytes()).rejects.toThrow(why);
    }
  });

  it("of the platform's own streams errors when it falls silent", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const writing = writer.write(encode("one"));
    const reader = withTimeouts(readable, idling).getReader();
    expect((await reader.read()).value).toEqual(encode("one"));
    await writing;
    await expect(reader.read()).rejects.toThrow("idle");
    expect(await writer.write(encode("two")).catch(() => "let go")).toBe("let go");
  });

  it("that is whole is not looked after any longer", async () => {
    const stop = vi.spyOn(globalThis, "clearTimeout");
    const start = vi.spyOn(globalThis, "setTimeout");
    await new Response(withTimeouts(streamOf(["one"], "close"), patient)).text();
    await expect(new Response(withTimeouts(streamOf(["one"], "error"), patient)).text()).rejects.toThrow("lost");
    await withTimeouts(streamOf(["one"], "hang"), patient).cancel();
    const stopped = new Set(stop.mock.calls.map(([timer]) => timer));
    expect(start.mock.results.length).toBeGreaterThan(3);
    for (const { value } of start.mock.results) expect(stopped).toContain(value);
    vi.restoreAllMocks();
  });

  it("errors as the body does", async () => {
    await expect(new Response(withTimeouts(streamOf(["one"], "error"), patient)).text()).rejects.toThrow(
      "Network connection lost",
    );
  });

  it("that is not wanted any more is cancelled to its source", async () => {
    const cancel = vi.fn<() => void>();
    await withTimeouts(streamOf(["one", "two"], "close", cancel), patient).cancel();
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe("a JSON answer", () => {
  it("is read across its parts, with every digit", async () => {
    const response = new Response(streamOf(['{"id":123456', "78901234567890", ',"ok":true}'], "close"));
    expect(await readJsonBody(response, 1000)).toEqual({ ok: true, json: { id: "12345678901234567890", ok: true } });
  });

  it.each(["", "[]", '"text"', "null", "{", '{"a":1} x', "<html>", "\u{FEFF}x"])("is no object: %j", async (text) => {
    expect(await readJsonBody(new Response(text), 1000)).toEqual({ ok: false, why: "unreadable" });
  });

  it("without a body is no object", async () => {
    expect(await readJsonBody(new Response(null, { status: 204 }), 1000)).toEqual({ ok: false, why: "unreadable" });
  });

  it("that is not UTF-8 is no object", async () => {
    const latin = new Response(Uint8Array.of(0x22, 0xe9, 0x22));
    expect(await readJsonBody(latin, 1000)).toEqual({ ok: false, why: "unreadable" });
  });

  it("that is just small enough is read, one byte more is not", async () => {
    const text = JSON.stringify({ text: "x".repeat(100) });
    expect(await readJsonBody(new Response(streamOf([text], "close")), text.length)).toMatchObject({ ok: true });
    expect(await readJsonBody(new Response(streamOf([text], "close")), text.length - 1)).toEqual({
      ok: false,
      why: "too_large",
    });
  });

  it("that never ends is let go as soon as it is too large", async () => {
    const cancel = vi.fn<() => void>();
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(encode("x")), cancel });
    expect(await readJsonBody(new Response(endless), 1000)).toEqual({ ok: false, why: "too_large" });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("that says beforehand that it is too large is not read at all", async () => {
    const cancel = vi.fn<() => void>();
    const response = new Response(streamOf(["x"], "hang", cancel), { headers: { "content-length": "1001" } });
    expect(await readJsonBody(response, 1000)).toEqual({ ok: false, why: "too_large" });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("that breaks off may be asked for again", async () => {
    expect(await readJsonBody(new Response(streamOf(['{"a":'], "error")), 1000)).toEqual({
      ok: false,
      why: "interrupted",
    });
  });

  it("is copied: what a chunk was read into is not kept", async () => {
    const text = JSON.stringify({ text: "abcdefghijklmnopqrstuvwxyz".repeat(5000) });
    const bytes = encode(text);
    const shared = new Uint8Array(64 * 1024);
    let read = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (read === bytes.length) return controller.close();
          const part = bytes.subarray(read, read + 1 + (read % 997));
          shared.set(part);
          controller.enqueue(shared.subarray(0, part.length));
          read += part.length;
        },
      },
      { highWaterMark: 0 },
    );
    expect(await readJsonBody(new Response(body), text.length)).toEqual({ ok: true, json: JSON.parse(text) });
  });

  it("that creeps may be asked for again, and is let go of", async () => {
    const cancel = vi.fn<() => void>();
    const read = readJsonBody(new Response(dripOf(5, cancel)), 1000, 60);
    expect(await Promise.race([read, wait(1000)])).toEqual({ ok: false, why: "interrupted" });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("that falls silent may be asked for again", async () => {
    expect(await readJsonBody(new Response(streamOf(['{"a":'], "hang")), 1000, 30)).toEqual({
      ok: false,
      why: "interrupted",
    });
  });
});

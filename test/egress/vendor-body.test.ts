import { describe, expect, it, vi } from "vitest";
import { readJsonBody, withIdleTimeout } from "../../src/egress/vendor-body.ts";

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

describe("a body under an idle timeout", () => {
  it("is the same bytes", async () => {
    const body = withIdleTimeout(streamOf(["one", "two", "three"], "close"), 1000);
    expect(await new Response(body).text()).toBe("onetwothree");
  });

  it("errors when the vendor falls silent, and lets go of the connection", async () => {
    const cancel = vi.fn<() => void>();
    const reader = withIdleTimeout(streamOf(["one"], "hang", cancel), 30).getReader();
    expect((await reader.read()).value).toEqual(encode("one"));
    await expect(reader.read()).rejects.toThrow("idle");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("does not take a slow reader for a silent vendor", async () => {
    const reader = withIdleTimeout(streamOf(["one", "two"], "close"), 30).getReader();
    await reader.read();
    await wait(80);
    expect((await reader.read()).value).toEqual(encode("two"));
    expect((await reader.read()).done).toBe(true);
  });

  it("errors as the body does", async () => {
    await expect(new Response(withIdleTimeout(streamOf(["one"], "error"), 1000)).text()).rejects.toThrow(
      "Network connection lost",
    );
  });

  it("that is not wanted any more is cancelled to its source", async () => {
    const cancel = vi.fn<() => void>();
    await withIdleTimeout(streamOf(["one", "two"], "close", cancel), 1000).cancel();
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

  it("that falls silent may be asked for again", async () => {
    expect(await readJsonBody(new Response(streamOf(['{"a":'], "hang")), 1000, 30)).toEqual({
      ok: false,
      why: "interrupted",
    });
  });
});

/** What is told of a request that had no whole answer; the words of workerd were measured with the real runtime. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { readAllowance } from "../../src/core/destination.ts";
import { post } from "../../src/egress/post.ts";

const LOST = "Network connection lost.";
const INTERNAL = "internal error; reference = p3kkleqdcg44lo3ndrtu0rd7";
const allowance = readAllowance("localhost");

afterEach(() => vi.restoreAllMocks());

const send = (url = "https://subscriber.example.com/", timeoutMs = 1000) =>
  post({ url, headers: {}, body: new Uint8Array(), timeoutMs }, allowance, []);

describe("a request without an answer", () => {
  it.each([
    ["refused, reset or closed", LOST, "https://subscriber.example.com/", "connection"],
    ["a name or a certificate", INTERNAL, "https://subscriber.example.com/", "dns_or_tls"],
    ["without TLS it can only be the name", INTERNAL, "http://localhost/", "dns"],
    ["a name, said in words", "DNS lookup failed.", "https://subscriber.example.com/", "dns"],
    ["a certificate, said in words", "TLS peer's certificate is not trusted", "https://subscriber.example.com/", "tls"],
    ["anything else", "?", "https://subscriber.example.com/", "connection"],
  ])("%s", async (_what, message, url, reason) => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error(message));
    expect(await send(url)).toEqual({ kind: "failure", reason });
  });

  it("in time", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(
      (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    );
    expect(await send(undefined, 20)).toEqual({ kind: "failure", reason: "timeout" });
  });
});

describe("an answer that breaks off", () => {
  const broken = (chunks: readonly Uint8Array[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
      },
      pull: (controller) => controller.error(new Error(LOST)),
    });

  it("before its first 4 KiB or its end is no success, whatever its status", async () => {
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(broken([new Uint8Array(100)])));
    expect(await send()).toEqual({ kind: "failure", reason: "reset" });
  });

  it("after them is not waited for", async () => {
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(broken([new Uint8Array(4096)])));
    expect(await send()).toMatchObject({ kind: "response", status: 200 });
  });
});

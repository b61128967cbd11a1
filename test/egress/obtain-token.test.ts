import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readAllowance } from "../../src/core/destination.ts";
import type { TokenExchange } from "../../src/core/obtained-token.ts";
import { obtainToken } from "../../src/egress/obtain-token.ts";

const NOW = Date.parse("2026-11-17T08:00:00.000Z");
const NOBODY = readAllowance(undefined);

const exchange: TokenExchange = {
  request: {
    url: "https://identity.example/oauth2/token",
    headers: { "content-type": "text/plain" },
    body: "assertion",
  },
  read: (json) => {
    const { access_token: token, expires_in: expiresInSeconds } = json;
    if (typeof token !== "string") return undefined;
    return { token, ...(typeof expiresInSeconds === "number" && { expiresInSeconds }) };
  },
  defaultSeconds: 3600,
};

let answer: () => Response | Promise<Response>;
let sent: Request[];

beforeEach(() => {
  sent = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    sent.push(new Request(input, init));
    return answer();
  });
});

afterEach(() => vi.restoreAllMocks());

describe("a request for a token", () => {
  it("is sent as it was made", async () => {
    answer = () => Response.json({ access_token: "token", expires_in: 60 });
    expect(await obtainToken(exchange, NOW, NOBODY)).toEqual({ ok: true, token: "token", expiresInSeconds: 60 });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.method).toBe("POST");
    expect(sent[0]?.headers.get("content-type")).toBe("text/plain");
    expect(await sent[0]?.text()).toBe("assertion");
  });

  it("takes the default where the answer does not say how long", async () => {
    answer = () => Response.json({ access_token: "token" });
    expect(await obtainToken(exchange, NOW, NOBODY)).toEqual({ ok: true, token: "token", expiresInSeconds: 3600 });
  });

  it.each<[string, () => Response | Promise<Response>, object]>([
    ["500", () => new Response("", { status: 500 }), { why: "unavailable" }],
    [
      "429",
      () => new Response("", { status: 429, headers: { "retry-after": "7" } }),
      { why: "unavailable", afterSeconds: 7 },
    ],
    ["400", () => Response.json({ error: "invalid_grant" }, { status: 400 }), { why: "refused" }],
    ["401", () => new Response("", { status: 401 }), { why: "refused" }],
    ["a redirect", () => Response.redirect("https://elsewhere.example/", 307), { why: "refused" }],
    ["a broken connection", () => Promise.reject(new Error("lost")), { why: "unavailable" }],
    ["no JSON", () => new Response("<html>"), { why: "unreadable" }],
    ["no token", () => Response.json({ token_type: "Bearer" }), { why: "unreadable" }],
    ["202", () => Response.json({ access_token: "token" }, { status: 202 }), { why: "unavailable" }],
    ["204", () => new Response(null, { status: 204 }), { why: "unavailable" }],
    ["megabytes", () => new Response(" ".repeat(70_000)), { why: "unreadable" }],
  ])("answered by %s gives none", async (_what, answering, failure) => {
    answer = answering;
    expect(await obtainToken(exchange, NOW, NOBODY)).toEqual({ ok: false, ...failure });
    expect(sent).toHaveLength(1);
  });

  it("answered by 201 gives one", async () => {
    answer = () => Response.json({ access_token: "token" }, { status: 201 });
    expect(await obtainToken(exchange, NOW, NOBODY)).toMatchObject({ ok: true, token: "token" });
  });

  it("is over before those who wait for it give up, however slow headers and body are", async () => {
    const limits = vi.spyOn(globalThis, "setTimeout");
    answer = () => Response.json({ access_token: "token" });
    await obtainToken(exchange, NOW, NOBODY);
    const [headers, body, ...idle] = limits.mock.calls.map(([, milliseconds]) => milliseconds ?? Infinity);
    expect((headers ?? Infinity) + (body ?? Infinity)).toBeLessThanOrEqual(8000);
    for (const milliseconds of idle) expect(milliseconds).toBeLessThanOrEqual(body ?? 0);
  });

  it("is sent into a network that is allowed, as its URL is a configured one", async () => {
    answer = () => Response.json({ access_token: "token" });
    const request = { ...exchange.request, url: "http://10.0.0.5:8080/token" };
    const obtained = await obtainToken({ ...exchange, request }, NOW, readAllowance("10.0.0.0/8"));
    expect(obtained).toMatchObject({ ok: true });
  });

  it("is not sent to a forbidden destination", async () => {
    const request = { ...exchange.request, url: "https://169.254.169.254/token" };
    expect(await obtainToken({ ...exchange, request }, NOW, NOBODY)).toEqual({ ok: false, why: "refused" });
    expect(sent).toEqual([]);
  });
});

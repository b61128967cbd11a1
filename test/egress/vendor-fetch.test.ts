/** Promise 7: no URL of a vendor reaches what the guard forbids, and no credential goes to another origin. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readAllowance } from "../../src/core/destination.ts";
import { fetchFromVendor, type VendorRequest } from "../../src/egress/vendor-fetch.ts";

const NOBODY = readAllowance(undefined);
const BASE = "https://api.vendor.example";
const CREDENTIAL = { authorization: "Bearer of-the-vendor", apikey: "key-of-the-vendor" };

const request: VendorRequest = {
  method: "GET",
  url: `${BASE}/files/1`,
  headers: { accept: "image/*" },
  credential: CREDENTIAL,
  credentialOrigins: [BASE],
  timeoutMs: 50,
  followsRedirects: true,
};

interface Seen {
  url: string;
  method: string;
  headers: Headers;
  body: string;
  cache: string | undefined;
}

let seen: Seen[];
let answer: (url: URL, signal: AbortSignal) => Response | Promise<Response>;

const redirectTo = (location: string, status = 302) => new Response("moved", { status, headers: { location } });
const hasCredential = ({ headers }: Seen) => headers.has("authorization") || headers.has("apikey");

beforeEach(() => {
  seen = [];
  answer = () => new Response("bytes");
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const sent = new Request(input, init);
    const { url, method, headers, cache } = sent;
    seen.push({ url, method, headers, body: await sent.clone().text(), cache });
    if (sent.redirect !== "manual") throw new Error("the platform would follow redirects by itself");
    return answer(new URL(sent.url), sent.signal);
  });
});

afterEach(() => vi.restoreAllMocks());

describe("a request to a vendor", () => {
  it("carries the credential to the origin of the base URL, and asks for plain bytes", async () => {
    const fetched = await fetchFromVendor(request, NOBODY);
    expect(fetched.kind === "response" && (await fetched.response.text())).toBe("bytes");
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      accept: "image/*",
      "accept-encoding": "identity",
      ...CREDENTIAL,
    });
  });

  it.each([
    "https://storage.example/files/1",
    "https://api.vendor.example:8443/files/1",
    "https://api.vendor.example.attacker.example/files/1",
    "https://vendor.example/files/1",
    "https://api.vendor.example./files/1",
  ])("to %s carries none", async (url) => {
    await fetchFromVendor({ ...request, url }, NOBODY);
    expect(seen.map(hasCredential)).toEqual([false]);
  });

  it("carries none where the base URL is none", async () => {
    await fetchFromVendor({ ...request, credentialOrigins: [] }, NOBODY);
    expect(seen.map(hasCredential)).toEqual([false]);
  });

  it("leaves nothing in the platform's cache, wherever it leads", async () => {
    answer = ({ host }) =>
      host === "storage.example" ? new Response("bytes") : redirectTo("https://storage.example/");
    await fetchFromVendor(request, NOBODY);
    expect(seen.map(({ cache }) => cache)).toEqual(["no-store", "no-store"]);
  });

  it("is one that the platform takes", async () => {
    vi.restoreAllMocks();
    const fetched = await fetchFromVendor({ ...request, timeoutMs: 5000 }, NOBODY);
    // What the tests' own network answers.
    expect(fetched.kind === "response" && fetched.response.status).toBe(599);
  });

  it("carries its body", async () => {
    await fetchFromVendor({ ...request, method: "POST", body: "{}", followsRedirects: false }, NOBODY);
    expect(seen[0]).toMatchObject({ method: "POST", body: "{}" });
  });

  it.each([200, 204, 304, 401, 410, 503])("hands back an answer of %i as it is", async (status) => {
    answer = () => new Response(null, { status });
    const fetched = await fetchFromVendor(request, NOBODY);
    expect(fetched.kind === "response" && fetched.response.status).toBe(status);
  });

  it.each([
    ["http://api.vendor.example/", "not_https"],
    ["https://169.254.169.254/latest/meta-data", "cloud_metadata"],
    ["https://10.0.0.1/", "not_public"],
    ["https://user:word@api.vendor.example/", "has_credentials"],
    ["https://gateway.example/in/seon", "own_origin"],
    ["//", "not_a_url"],
    ["file:///etc/passwd", "not_https"],
  ] as const)("to %s is refused: %s", async (url, reason) => {
    const fetched = await fetchFromVendor({ ...request, url }, NOBODY, ["https://gateway.example"]);
    expect(fetched).toEqual({ kind: "refused", reason });
    expect(seen).toEqual([]);
  });

  it("that no headers answer in time is a timeout", async () => {
    answer = (_url, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    expect(await fetchFromVendor(request, NOBODY)).toEqual({ kind: "failure", reason: "timeout" });
  });

  it("that breaks is a failed connection", async () => {
    answer = () => Promise.reject(new Error("Network connection lost."));
    expect(await fetchFromVendor(request, NOBODY)).toEqual({ kind: "failure", reason: "connection" });
  });

  it("is not cut off by its timeout once the headers are there", async () => {
    answer = (_url, signal) => {
      const body = new ReadableStream({
        async start(controller) {
          signal.addEventListener("abort", () => controller.error(new Error("aborted")));
          await new Promise((resolve) => setTimeout(resolve, 120));
          controller.enqueue(new TextEncoder().encode("late"));
          controller.close();
        },
      });
      return new Response(body);
    };
    const fetched = await fetchFromVendor(request, NOBODY);
    expect(fetched.kind === "response" && (await fetched.response.text())).toBe("late");
  });
});

describe("a network that is allowed", () => {
  const INSIDE = "http://10.0.0.5:8080";
  const allowance = readAllowance("10.0.0.0/8,storage.test:9000,10.9.9.9");
  const fetched = (url: string, changes: Partial<VendorRequest> = {}) =>
    fetchFromVendor({ ...request, url, credentialOrigins: [INSIDE], ...changes }, allowance);

  it("is open to what a configuration names", async () => {
    expect(await fetched(`${INSIDE}/session`)).toMatchObject({ kind: "response" });
    const trusted = { credentialOrigins: [BASE], trustedOrigins: [BASE, INSIDE] };
    expect(await fetched(`${INSIDE}/session`, trusted)).toMatchObject({ kind: "response" });
    expect(seen.map(hasCredential)).toEqual([true, false]);
  });

  it.each(["http://10.0.0.6/", "http://10.0.0.5/", "https://10.0.0.5:8080/", "http://10.0.0.5:8081/"])(
    "is closed to a vendor's URL: %s",
    async (url) => {
      expect(await fetched(url)).toMatchObject({ kind: "refused" });
      expect(await fetched(`${INSIDE}/`, { trustedOrigins: [] })).toMatchObject({ kind: "refused" });
      expect(seen).toEqual([]);
    },
  );

  it("is closed to a redirect out of it", async () => {
    answer = ({ host }) => (host === "10.0.0.6" ? new Response("bytes") : redirectTo("http://10.0.0.6/"));
    expect(await fetched(`${INSIDE}/file`)).toEqual({ kind: "refused", reason: "not_https" });
    expect(seen).toHaveLength(1);
  });

  it.each(["http://storage.test:9000/", "http://10.9.9.9/"])(
    "and a host that is named is open to all: %s",
    async (url) => {
      expect(await fetched(url)).toMatchObject({ kind: "response" });
      answer = ({ href }) => (href === url ? new Response("bytes") : redirectTo(url));
      expect(await fetched(`${INSIDE}/file`)).toMatchObject({ kind: "response" });
      expect(seen.map(hasCredential)).toEqual([false, true, false]);
    },
  );
});

describe("a redirect", () => {
  it("is followed to a file, and never with the credential", async () => {
    answer = ({ host, pathname }) => {
      if (pathname === "/files/1") return redirectTo("/files/2");
      return host === "storage.example" ? new Response("bytes") : redirectTo("https://storage.example/bytes");
    };
    const fetched = await fetchFromVendor(request, NOBODY);
    expect(fetched.kind === "response" && (await fetched.response.text())).toBe("bytes");
    expect(seen.map((each) => [each.url, hasCredential(each)])).toEqual([
      [`${BASE}/files/1`, true],
      [`${BASE}/files/2`, false],
      ["https://storage.example/bytes", false],
    ]);
  });

  it("back to the vendor does not bring the credential back", async () => {
    answer = ({ host, pathname }) => {
      if (host === "storage.example") return redirectTo(`${BASE}/steal`);
      return pathname === "/steal" ? new Response("bytes") : redirectTo("https://storage.example/");
    };
    await fetchFromVendor(request, NOBODY);
    expect(seen.map(hasCredential)).toEqual([true, false, false]);
  });

  it.each([
    ["http://169.254.169.254/latest/meta-data/", "cloud_metadata"],
    ["https://169.254.169.254/latest/meta-data/", "cloud_metadata"],
    ["https://metadata.google.internal/", "cloud_metadata"],
    ["https://10.1.2.3/", "not_public"],
    ["https://[::1]/", "not_public"],
    ["https://localhost/", "not_public"],
    ["https://2130706433/", "not_public"],
    ["http://storage.example/", "not_https"],
    ["//127.0.0.1/", "not_public"],
    ["javascript:alert(1)", "not_https"],
    ["https://user@storage.example/", "has_credentials"],
    ["https://gateway.example/in/seon", "own_origin"],
  ] as const)("to %s is refused: %s", async (location, reason) => {
    answer = () => redirectTo(location);
    const fetched = await fetchFromVendor(request, NOBODY, ["https://gateway.example"]);
    expect(fetched).toEqual({ kind: "refused", reason });
    expect(seen).toHaveLength(1);
  });

  it("to plain http is followed where the allowance names the host", async () => {
    answer = ({ host }) =>
      host === "storage.test:9000" ? new Response("bytes") : redirectTo("http://storage.test:9000/");
    const fetched = await fetchFromVendor(request, readAllowance("storage.test:9000"));
    expect(fetched.kind).toBe("response");
  });

  it("that leads in a circle ends after three", async () => {
    answer = ({ pathname }) => redirectTo(pathname === "/files/1" ? "/files/2" : "/files/1");
    expect(await fetchFromVendor(request, NOBODY)).toEqual({ kind: "refused", reason: "too_many_redirects" });
    expect(seen).toHaveLength(4);
  });

  it.each([301, 302, 303, 307, 308])("of status %i is refused where none is expected", async (status) => {
    answer = () => redirectTo("https://storage.example/", status);
    expect(await fetchFromVendor({ ...request, followsRedirects: false }, NOBODY)).toEqual({
      kind: "refused",
      reason: "redirected",
    });
    expect(seen).toHaveLength(1);
  });

  it("never sends a body on", async () => {
    answer = () => redirectTo("https://storage.example/", 307);
    const fetched = await fetchFromVendor({ ...request, method: "POST", body: "secret" }, NOBODY);
    expect(fetched).toEqual({ kind: "refused", reason: "redirected" });
    expect(seen).toHaveLength(1);
  });

  it.each([{}, { location: "https://" }])("to nowhere is refused: %j", async (headers) => {
    answer = () => new Response(null, { status: 302, headers });
    expect(await fetchFromVendor(request, NOBODY)).toEqual({ kind: "refused", reason: "redirected" });
  });

  it("lets go of the answer that it leaves behind", async () => {
    const cancel = vi.fn<() => void>();
    const left = new ReadableStream({ cancel });
    answer = ({ host }) =>
      host === "storage.example"
        ? new Response("bytes")
        : new Response(left, { status: 302, headers: { location: "https://storage.example/" } });
    await fetchFromVendor(request, NOBODY);
    expect(cancel).toHaveBeenCalledOnce();
  });
});

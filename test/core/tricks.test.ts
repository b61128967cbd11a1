/** One rule for every URL, wherever it comes from: when it is saved, when it is tried, when it is called. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readAllowance, refuseDestination } from "../../src/core/destination.ts";
import { obtainToken } from "../../src/egress/obtain-token.ts";
import { post } from "../../src/egress/post.ts";
import { fetchFromVendor } from "../../src/egress/vendor-fetch.ts";
import { changed, pathsOf } from "../config/documents.ts";
import { METADATA, NOT_PUBLIC, URLS } from "./tricks.ts";

const refused = (url: string, allow?: string) => refuseDestination(url, readAllowance(allow));

describe("a destination", () => {
  it.each(NOT_PUBLIC)("https://%s/ is not public", (host) => {
    expect(refused(`https://${host}/hook`)).toBe("not_public");
    expect(refused(`https://${host}/hook`, "203.0.113.0/24,2001:db8::/32"), "another range is allowed").toBe(
      "not_public",
    );
  });

  it.each(METADATA)("https://%s/ is a cloud's metadata, whatever is allowed", (host) => {
    const allow = `0.0.0.0/0,::/0,${host},${host}:443,metadata.goog,instance-data.ec2.internal,169.254.169.254`;
    expect(refused(`https://${host}/latest/`)).toBe("cloud_metadata");
    expect(refused(`http://${host}/latest/`, allow)).toBe("cloud_metadata");
  });

  it.each(URLS)("%j is read as what it is: %s", (url, fault) => {
    expect(refused(url)).toBe(fault);
  });
});

const FORBIDDEN = [
  ...[...NOT_PUBLIC, ...METADATA].map((host) => `https://${host}/`),
  ...URLS.filter(([, fault]) => fault !== undefined).map(([url]) => url),
];
const NOBODY = readAllowance(undefined);
const AUTH = { type: "oauth2", clientId: "c", clientSecret: { secret: "s" } };

describe("what is forbidden", () => {
  beforeEach(() => void vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("{}")));
  afterEach(() => void vi.restoreAllMocks());

  it.each<[string, (url: string) => Record<string, unknown>, string]>([
    ["a subscriber", (url) => ({ "/subscribers/decisioning/url": url }), "/subscribers/decisioning/url"],
    [
      "a subscriber's tokens",
      (tokenUrl) => ({ "/subscribers/decisioning/auth": { ...AUTH, tokenUrl } }),
      "/subscribers/decisioning/auth/tokenUrl",
    ],
    ["a vendor", (url) => ({ "/sources/regula/session/baseUrl": url }), "/sources/regula/session/baseUrl"],
    ["a vendor's files", (host) => ({ "/sources/regula/session/hosts": [host] }), "/sources/regula/session/hosts/0"],
    ["a vendor's tokens", (url) => ({ "/sources/unico/session/tokenUrl": url }), "/sources/unico/session/tokenUrl"],
  ])("cannot be saved as the URL of %s", (_whose, changeOf, path) => {
    const saved = FORBIDDEN.filter((url) => !pathsOf(changed(changeOf(url))).includes(path));
    expect(saved).toEqual([]);
  });

  it("is called by nobody, whoever has written it", async () => {
    const timeoutMs = 1000;
    for (const url of FORBIDDEN) {
      const posted = await post({ url, headers: {}, body: new Uint8Array(), timeoutMs }, NOBODY, []);
      expect({ url, ...posted }).toEqual({ url, kind: "failure", reason: "forbidden_destination" });
      const asked = { request: { url, headers: {}, body: "" }, read: () => undefined, defaultSeconds: 1 };
      expect({ url, ...(await obtainToken(asked, 0, NOBODY)) }).toEqual({ url, ok: false, why: "refused" });
      const read = {
        method: "GET",
        url,
        headers: {},
        credentialOrigins: [],
        timeoutMs,
        followsRedirects: true,
      } as const;
      expect({ url, ...(await fetchFromVendor(read, NOBODY)) }).toMatchObject({ url, kind: "refused" });
    }
    expect(globalThis.fetch).not.toHaveBeenCalled();
  });
});

/** Which gateway is spoken to, and with what: the nearer word wins, and the token goes nowhere in the clear. */
import { describe, expect, it } from "vitest";
import { Misuse } from "../../src/cli/failure.ts";
import { isHearsay, readToken, readUrl } from "../../src/cli/settings.ts";
import { clock, count, howLong, moment, readTime } from "../../src/cli/times.ts";

const FILE = '{ "url": "https://file.example" }';

describe("the gateway", () => {
  it.each([
    [
      "a flag before all",
      "https://flag.example",
      { GATEPOST_URL: "https://environment.example" },
      FILE,
      "https://flag.example",
    ],
    [
      "the environment before the file",
      undefined,
      { GATEPOST_URL: "https://environment.example" },
      FILE,
      "https://environment.example",
    ],
    ["the file before the default", undefined, {}, FILE, "https://file.example"],
    ["a laptop's at last", undefined, {}, undefined, "http://localhost:8787"],
    ["a port, and a slash at the end", "http://127.0.0.1:9999/", {}, undefined, "http://127.0.0.1:9999"],
    ["an environment that is empty is none", undefined, { GATEPOST_URL: "" }, undefined, "http://localhost:8787"],
  ])("is %s", (_what, flag, environment, file, expected) => {
    expect(readUrl(flag, environment, file)).toBe(expected);
  });

  it.each([
    ["plain http to anywhere else", "http://gatepost.example.com"],
    ["a name that looks local", "http://localhost.example.com"],
    ["a path", "https://gatepost.example.com/api"],
    ["a password", "https://me:secret@gatepost.example.com"],
    ["no URL", "gatepost.example.com"],
    ["another scheme", "file:///etc/passwd"],
  ])("is refused with %s", (_what, flag) => {
    expect(() => readUrl(flag, {}, undefined)).toThrow(Misuse);
  });

  it.each<[boolean, string, string | undefined, Record<string, string>]>([
    [true, "https://file.example", undefined, {}],
    [true, "https://file.example", undefined, { GATEPOST_URL: "" }],
    [true, "https://127.0.0.1.file.example", undefined, {}],
    [true, "http://file.localhost", undefined, {}],
    [false, "http://localhost:8787", undefined, {}],
    [false, "http://127.0.0.1:9999", undefined, {}],
    [false, "http://[::1]:9999", undefined, {}],
    [false, "https://file.example", "https://file.example", {}],
    [false, "https://file.example", undefined, { GATEPOST_URL: "https://file.example" }],
  ])("is hearsay (%j) where it is %s, by a flag %s and %j", (expected, url, flag, environment) => {
    expect(isHearsay(url, flag, environment)).toBe(expected);
  });

  it("and its file may hold no token", () => {
    expect(() => readUrl(undefined, {}, '{ "url": "https://a.example", "token": "t" }')).toThrow(
      "a url and nothing else",
    );
  });
});

describe("the token", () => {
  it("is the file's before the environment's, without the line's end", () => {
    expect(readToken("from-a-file\n", { GATEPOST_TOKEN: "from-the-environment" })).toBe("from-a-file");
    expect(readToken(undefined, { GATEPOST_TOKEN: "from-the-environment" })).toBe("from-the-environment");
  });

  it("that is missing is wrong use, and the three ways to one are told", () => {
    expect(() => readToken(undefined, {})).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining("--token-file") }),
    );
  });

  it("that cannot stand in a header is not sent", () => {
    expect(() => readToken("two\nlines", {})).toThrow(Misuse);
  });
});

const NOW = Date.parse("2026-02-03T12:00:00Z");

describe("times", () => {
  it.each([
    ["90s", NOW - 90_000],
    ["15m", NOW - 900_000],
    ["2h", NOW - 7_200_000],
    ["3d", NOW - 259_200_000],
    ["2026-02-03", Date.parse("2026-02-03T00:00:00Z")],
    ["2026-02-03T09:00Z", Date.parse("2026-02-03T09:00:00Z")],
    ["2026-02-03T09:00:01.5+02:00", Date.parse("2026-02-03T07:00:01.5Z")],
  ])("%s is read", (text, expected) => {
    expect(readTime(text, NOW, "--since")).toBe(expected);
  });

  it.each(["yesterday", "15", "-15m", "2026-02-40", "2026-02-31", "m", ""])("%j is no time", (text) => {
    expect(() => readTime(text, NOW, "--since")).toThrow(Misuse);
  });

  it("are told as people read them", () => {
    expect([84, 1234, 12_400, 300_000, 7_200_000].map(howLong)).toEqual(["84 ms", "1.2 s", "12 s", "5 min", "2 h"]);
    expect(clock("2026-02-03T12:00:01.204Z")).toBe("12:00:01.204");
    expect(moment("2026-02-03T12:00:01.204Z")).toBe("2026-02-03 12:00:01");
    expect([count(1, "change"), count(1204, "delivery", "deliveries")]).toEqual(["1 change", "1,204 deliveries"]);
  });
});

import { describe, expect, it } from "vitest";
import { parseJson, type JsonObject } from "../../src/core/json.ts";
import { parsePointer, toPointer, valueAt } from "../../src/core/pointer.ts";
import { scrubUrls } from "../../src/core/scrub.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseJson(bytes(text));
const nested = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

describe("JSON from a stranger", () => {
  it.each<[string, string, unknown]>([
    ["an object", '{"a":[1,true,null,"ü"]}', { a: [1, true, null, "ü"] }],
    ["a scalar", "5", 5],
    ["a byte order mark before it", "\uFEFF{}", {}],
    ["white space around it", " \r\n\t{} ", {}],
    ["the last of two members of one name", '{"a":1,"a":2}', { a: 2 }],
  ])("is read: %s", (_name, text, value) => {
    expect(parse(text)).toEqual({ ok: true, value });
  });

  it.each(["", "{", "{'a':1}", "[1,]", "NaN", "undefined", "01", '"\u0001"', "{}{}"])("is refused: %j", (text) => {
    expect(parse(text)).toEqual({ ok: false, reason: "not_json" });
  });

  it.each<[string, number[]]>([
    ["a lone continuation byte", [0x22, 0x80, 0x22]],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22]],
    ["half a surrogate pair", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["UTF-16", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ["a character cut off", [0x22, 0xc3]],
  ])("is not UTF-8: %s", (_name, values) => {
    expect(parseJson(Uint8Array.from(values))).toEqual({ ok: false, reason: "not_utf8" });
  });

  it("is read to a depth of 64, and no deeper", () => {
    expect(parse(nested(64)).ok).toBe(true);
    expect(parse(nested(65))).toEqual({ ok: false, reason: "too_deep" });
  });

  it.each([
    ["", nested(200_000)],
    [" with a long number", `[12345678901234567890,${nested(200_000)}]`],
  ])("so deep that a stack would overflow is too deep%s", (_name, text) => {
    expect(parse(text)).toEqual({ ok: false, reason: "too_deep" });
  });

  it("keeps every digit of a number that is no safe integer", () => {
    const text = '{"id":9007199254740993,"negative":-12345678901234567890,"list":[10000000000000001]}';
    expect(parse(text)).toEqual({
      ok: true,
      value: { id: "9007199254740993", negative: "-12345678901234567890", list: ["10000000000000001"] },
    });
  });

  it("leaves a number that a double holds a number", () => {
    const text = '{"safe":9007199254740991,"time":1731830400000,"score":0.1234567890123456}';
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
  });

  it("never makes a number that JSON cannot write", () => {
    for (const text of ['{"a":1e400}', '{"a":-1e999}', '{"a":1e400,"b":12345678901234567890}']) {
      const parsed = parse(text);
      expect(JSON.stringify(parsed)).not.toContain("null");
    }
  });

  it("takes __proto__ and constructor for plain members", () => {
    for (const text of ['{"__proto__":{"a":1},"constructor":2}', '{"__proto__":{"a":12345678901234567890}}']) {
      const parsed = parse(text);
      if (!parsed.ok) throw new Error("expected JSON");
      expect(Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
      expect(Object.hasOwn(parsed.value as object, "__proto__")).toBe(true);
      expect((parsed.value as { a?: unknown }).a).toBeUndefined();
    }
  });
});

describe("a JSON Pointer", () => {
  it.each<[string, string[] | undefined]>([
    ["", []],
    ["/", [""]],
    ["/a/b", ["a", "b"]],
    ["/a~1b/m~0n", ["a/b", "m~n"]],
    ["/~01", ["~1"]],
    ["/a//b/", ["a", "", "b", ""]],
    ["/0", ["0"]],
    ["a", undefined],
    ["/~", undefined],
    ["/~2", undefined],
    ["#/a", undefined],
  ])("%j", (pointer, segments) => {
    expect(parsePointer(pointer)).toEqual(segments);
    if (segments) expect(toPointer(segments)).toBe(pointer);
  });

  it("finds own members only", () => {
    const value = { a: [{ b: 1 }], "x/y": 2, empty: null };
    expect(valueAt(value, "/a/0/b")).toBe(1);
    expect(valueAt(value, "/x~1y")).toBe(2);
    expect(valueAt(value, "")).toBe(value);
    expect(valueAt(value, "/empty")).toBe(null);
    for (const pointer of ["/a/1", "/a/-", "/constructor", "/__proto__", "/a/0/b/c", "/empty/x", "nothing"])
      expect(valueAt(value, pointer)).toBeUndefined();
  });
});

describe("the query of a signed URL", () => {
  const scrubbed = (value: string) => (scrubUrls({ value }) as { value: string }).value;

  it.each([
    ["https://files.example/a.jpg?X-Amz-Signature=MARKER", "https://files.example/a.jpg"],
    ["HTTPS://files.example/a.jpg?token=MARKER#MARKER", "HTTPS://files.example/a.jpg"],
    ["http://files.example/#MARKER", "http://files.example/"],
    ["https://files.example?token=MARKER", "https://files.example"],
    ["https://files.example/a?x=1\nMARKER", "https://files.example/a"],
    ["https://files.example/a.jpg", "https://files.example/a.jpg"],
    ["what? #1", "what? #1"],
    ["/relative?page=2", "/relative?page=2"],
    ["", ""],
  ])("is gone from %j", (before, after) => {
    expect(scrubbed(before)).toBe(after);
  });

  it.each([" https://files.example/a.jpg?token=MARKER", "see https://files.example/a.jpg?token=MARKER for it"])(
    "is gone from a text around the URL: %j",
    (text) => {
      expect(scrubbed(text)).not.toContain("MARKER");
    },
  );

  it("is gone wherever the URL stands, and everything else stays", () => {
    const value: JsonObject = { a: [{ b: "https://x.example/?k=MARKER" }], n: 1, t: true, z: null };
    expect(scrubUrls(value)).toEqual({ a: [{ b: "https://x.example/" }], n: 1, t: true, z: null });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SNIFFED_BYTES, sniff } from "../../src/core/sniff.ts";

/** Latin-1. */
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const jpeg = "\xff\xd8\xff\xe0\0\x10JFIF\0";
const png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const webm = "\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04";
const matroska = "\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroskaB\x87\x81\x04";
const box = (brand: string) => `\0\0\0\x20ftyp${brand}\0\0\x02\0isomiso2mp41`;
const zip = "PK\x03\x04\x14\0\x06\0";

describe("a file whose type is not stated", () => {
  it.each([
    ["image/jpeg", jpeg],
    ["image/png", png],
    ["image/gif", "GIF89a\x01\0"],
    ["image/gif", "GIF87a\x01\0"],
    ["image/webp", "RIFF\x24\0\0\0WEBPVP8 "],
    ["application/octet-stream", "RIFF\x24\0\0\0WAVEfmt "],
    ["application/pdf", "%PDF-1.7\n%\xe2\xe3"],
    ["video/mp4", box("isom")],
    ["video/mp4", box("mp42")],
    ["audio/mp4", box("M4A ")],
    ["video/3gpp", box("3gp5")],
    ["video/quicktime", box("qt  ")],
    ["video/quicktime", "\0\0\x10\0moov\0\0\0\x6cmvhd"],
    ["image/avif", box("avif")],
    ["image/heic", box("heic")],
    ["image/heif", box("mif1")],
    ["video/webm", webm],
    ["video/x-matroska", matroska],
    ["application/zip", zip],
    ["application/zip", "PK\x05\x06\0\0\0\0"],
    ["application/json", '{"a":1}'],
    ["application/json", '\xef\xbb\xbf \r\n{ "a"'],
    ["application/json", "{}"],
    ["application/json", "{"],
    ["application/json", "[1,2"],
    ["application/octet-stream", '{"a":\0'],
    ["application/octet-stream", "{not json"],
    ["application/octet-stream", "some text"],
    ["application/octet-stream", ""],
    ["application/octet-stream", "\0\x01\x02"],
    ["application/octet-stream", "a \xff\xd8\xff"],
    ["application/octet-stream", "far wide"],
  ])("is %s by its first bytes: %j", (expected, text) => {
    for (const stated of [undefined, "", "application/octet-stream", "Binary/Octet-Stream; x=y", "nonsense", "a/b/c"])
      expect(sniff(bytesOf(text), stated)).toBe(expected);
  });
});

describe("a file whose type is stated", () => {
  it.each([
    ["is what its bytes clearly are, where that is another", "image/png", jpeg, "image/jpeg"],
    ["is what its bytes clearly are, where that is another", "application/json", "%PDF-1.4", "application/pdf"],
    ["is what its bytes clearly are, where that is another", "text/html", png, "image/png"],
    ["is what its bytes clearly are, where that is another", "application/pdf", zip, "application/zip"],
    ["is not text, where its bytes are not", "text/plain", jpeg, "image/jpeg"],
    ["is not text, where its bytes are not", "text/plain", "\0\x01", "application/octet-stream"],
    ["is text, where its bytes are", "text/plain; charset=utf-8", "Zo\xc3\xab was here\n", "text/plain"],
    ["is as stated, where its bytes say nothing", "text/xml", '<?xml version="1.0"?>', "text/xml"],
    ["is as stated, where its bytes say nothing", "application/x-thing", "\x01\x02\x03", "application/x-thing"],
    [
      "is as stated, where its bytes only look like JSON",
      "application/problem+json",
      '{"a":1}',
      "application/problem+json",
    ],
    ["is as stated, where that looks the same from outside", "video/quicktime", box("isom"), "video/quicktime"],
    ["is as stated, where that looks the same from outside", "video/x-matroska", webm, "video/x-matroska"],
    ["is as stated, where that looks the same from outside", "audio/webm", webm, "audio/webm"],
    ["is as stated, where that looks the same from outside", "image/heif", box("heic"), "image/heif"],
    [
      "is as stated, where that looks the same from outside",
      "application/vnd.ms-excel",
      zip,
      "application/vnd.ms-excel",
    ],
    ["has its usual name", "x-pdf", "no magic", "application/pdf"],
    ["has its usual name", "application/x-pdf;v=1", "%PDF-1.4", "application/pdf"],
    ["has its usual name", "IMAGE/JPG", jpeg, "image/jpeg"],
  ])("%s: %s", (_rule, stated, text, expected) => {
    expect(sniff(bytesOf(text), stated)).toBe(expected);
  });
});

it("whatever is stated, the type is safe in a header", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("a/b\r\nset-cookie: x", "a/b c", "a/b,c/d", '"a"/b', "a/", "/b", "__proto__", "constructor", "a/é"),
    fc.tuple(fc.string(), fc.string()).map(([type, subtype]) => `${type}/${subtype}`),
  );
  fc.assert(
    fc.property(hostile, fc.uint8Array({ maxLength: 100 }), (stated, bytes) => {
      expect(sniff(bytes, stated)).toMatch(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/);
    }),
    { seed: 20261117, numRuns: 500 },
  );
});

it("bytes beyond the first do not matter", () => {
  const file = new Uint8Array(SNIFFED_BYTES + 100).fill(0x20);
  file.set(bytesOf("webm"), SNIFFED_BYTES);
  file.set(bytesOf("\x1aE\xdf\xa3"));
  expect(sniff(file, undefined)).toBe("video/x-matroska");
});

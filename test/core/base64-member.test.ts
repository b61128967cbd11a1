import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemberDecoder } from "../../src/core/base64-member.ts";

const MEMBER = "fileContents";
const FILE = Uint8Array.from({ length: 77 }, (_, index) => (index * 37) & 0xff);
const seeded = { seed: 20261117, numRuns: 300 };

function read(body: string | Uint8Array, cuts: readonly number[] = [], member = MEMBER) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const decoder = createMemberDecoder(member);
  const decoded: number[] = [];
  let from = 0;
  for (const to of [...cuts.filter((cut) => cut <= bytes.length), bytes.length]) {
    decoded.push(...decoder.push(bytes.subarray(from, to)));
    from = to;
  }
  const [fault, contentType, surplus] = [decoder.end(), decoder.contentType(), decoder.surplus()];
  return { bytes: Uint8Array.from(decoded), fault, contentType, surplus };
}

const everyByte = (body: string) => Array.from({ length: new TextEncoder().encode(body).length }, (_, index) => index);

/** Whole, and byte by byte: the same. */
function expectFile(body: string, expected = FILE): void {
  for (const cuts of [[], everyByte(body)]) {
    const { bytes, fault } = read(body, cuts);
    expect(fault).toBeUndefined();
    expect(bytes.toHex()).toBe(expected.toHex());
  }
}

const base64 = FILE.toBase64();

describe("a file in base64 in JSON", () => {
  it.each([
    ["alone", `{"${MEMBER}":"${base64}"}`],
    ["with white space", ` \n{ "${MEMBER}" :\t"${base64}"\r\n} \n`],
    ["after a byte order mark", `\ufeff{"${MEMBER}":"${base64}"}`],
    ["without padding", `{"${MEMBER}":"${FILE.toBase64({ omitPadding: true })}"}`],
    ["in the alphabet for URLs", `{"${MEMBER}":"${FILE.toBase64({ alphabet: "base64url" })}"}`],
    ["with line breaks", `{"${MEMBER}":"${base64.replaceAll(/.{19}/g, String.raw`$&\r\n`)}"}`],
    ["with line breaks that JSON does not allow", `{"${MEMBER}":"${base64.replaceAll(/.{19}/g, "$&\r\n")}"}`],
    ["with its slashes escaped", `{"${MEMBER}":"${base64.replaceAll("/", String.raw`\/`)}"}`],
    [
      "with escapes by number",
      `{"${MEMBER}":"${base64.replaceAll("+", String.raw`\u002B`).replaceAll("A", String.raw`\u0041`)}"}`,
    ],
    ["with the head of a data URL", `{"${MEMBER}":" data:image/jpeg;base64,${base64}"}`],
    ["with a longer head of a data URL", `{"${MEMBER}":"data:image/jpeg;name=a;base64,${base64}"}`],
    ["under a name in escapes", String.raw`{"\u0066ile\u0043ontents":"${base64}"}`],
    ["after a value of the same text", `{"a":"${MEMBER}","${MEMBER}":"${base64}"}`],
    [
      "after one of the same name deeper down",
      `{"a":{"${MEMBER}":"QQ=="},"b":[{"${MEMBER}":"QQ=="}],"${MEMBER}":"${base64}"}`,
    ],
    [
      "after braces and quotes in strings",
      String.raw`{"a":"}{][\"\\","b":["}\\"],"\"c\\":"\\","${MEMBER}":"${base64}"}`,
    ],
    [
      "after every kind of value",
      `{"a":-1.5e+3,"b":true,"c":null,"d":{},"e":[],"f":[[]],"g":"","${MEMBER}":"${base64}"}`,
    ],
    ["before more of the like", `{"${MEMBER}":"${base64}","a":{"b":["${MEMBER}"]},"c":null}`],
    ["before another of its name", `{"${MEMBER}":"${base64}","${MEMBER}":"QQ=="}`],
    ["after a name that goes on", `{"${MEMBER}s":"QQ==","${MEMBER.slice(0, -1)}":"QQ==","${MEMBER}":"${base64}"}`],
    ["after a very long name", `{"${MEMBER}${"x".repeat(2000)}":"QQ==","${MEMBER}":"${base64}"}`],
  ])("is read %s", (_how, body) => expectFile(body));

  it("is not taken for a data URL where it begins like one", () => {
    for (const text of ["d", "da", "dat", "data", "data/", "dataAAAA", "dadata"].filter(
      ({ length }) => length % 4 !== 1,
    ))
      expectFile(`{"${MEMBER}":"${text}"}`, Uint8Array.fromBase64(text));
  });

  it.each([
    [undefined, `{"${MEMBER}":"${base64}","contentType":{"contentType":"image/gif"}}`],
    ["image/jpeg", `{"contentType":"image/jpeg","${MEMBER}":"${base64}"}`],
    ["x-pdf", String.raw`{"contentType":"x\u002dpdf","${MEMBER}":"${base64}"}`],
    ["image/png", `{"contentType":"image/jpeg","${MEMBER}":"data:image/png;base64,${base64}"}`],
    ["image/jpeg", `{"contentType":"image/jpeg","${MEMBER}":"data:;base64,${base64}"}`],
    [undefined, `{"contentType":"${"x".repeat(2000)}","${MEMBER}":"${base64}"}`],
    [undefined, `{"contentType":7,"${MEMBER}":"${base64}"}`],
  ])("is stated to be %s by %s", (expected, body) => {
    expect(read(body).contentType).toBe(expected);
  });

  it("is read whatever stands around it, wherever it is cut", () => {
    const written = fc.record({
      bytes: fc.uint8Array({ maxLength: 200 }),
      alphabet: fc.constantFrom("base64" as const, "base64url" as const),
      omitPadding: fc.boolean(),
      before: fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.jsonValue()), { maxLength: 4 }),
      after: fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.jsonValue()), { maxLength: 4 }),
      head: fc.constantFrom("", "data:image/jpeg;base64,"),
      indent: fc.constantFrom(0, 3),
      disguise: fc.array(fc.constantFrom("", "", "", "escape", "break", "number"), { minLength: 1, maxLength: 50 }),
      cuts: fc.array(fc.nat(1000), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(written, ({ bytes, alphabet, omitPadding, before, after, head, indent, disguise, cuts }) => {
        const others = (pairs: [string, unknown][]) =>
          pairs.filter(([name]) => name !== MEMBER && name !== "__proto__");
        const text = [...bytes.toBase64({ alphabet, omitPadding })]
          .map((character, index) => disguised(character, disguise[index % disguise.length] ?? ""))
          .join("");
        const marked = JSON.stringify(
          Object.fromEntries([
            ...others(before).map(([name, value]) => [`1${name}`, value]),
            [MEMBER, "@data@"],
            ...others(after),
          ]),
          undefined,
          indent,
        ).replace('"@data@"', () => `"${head}${text}"`);
        const result = read(
          marked,
          cuts.sort((one, other) => one - other),
        );
        expect(result.fault).toBeUndefined();
        expect(result.bytes.toHex()).toBe(bytes.toHex());
      }),
      seeded,
    );
  });
});

function disguised(character: string, how: string): string {
  if (how === "number") return String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, "0");
  if (how === "break") return `${character}\\n `;
  return how === "escape" && character === "/" ? String.raw`\/` : character;
}

describe("what is not such a file", () => {
  it.each([
    ["member_missing", "{}"],
    ["member_missing", `{"a":{"${MEMBER}":"QQ=="},"b":"${MEMBER}"}`],
    ["member_missing", `{"${MEMBER}":null}`],
    ["not_base64", `{"${MEMBER}":true}`],
    ["not_base64", `{"${MEMBER}":{"a":1}}`],
    ["not_base64", `{"${MEMBER}":["QQ=="]}`],
    ["not_base64", `{"${MEMBER}":1}`],
    ["not_base64", `{"${MEMBER}":"Q"}`],
    ["not_base64", `{"${MEMBER}":"QUFBQ"}`],
    ["not_base64", `{"${MEMBER}":"QQ==QQ=="}`],
    ["not_base64", `{"${MEMBER}":"QU!B"}`],
    ["not_base64", `{"${MEMBER}":"QUFé"}`],
    ["not_base64", String.raw`{"${MEMBER}":"QUF\u00e9"}`],
    ["not_base64", String.raw`{"${MEMBER}":"QU\"FB"}`],
    ["not_base64", `{"${MEMBER}":"https://files.example/a"}`],
    ["not_base64", `{"${MEMBER}":"data:image/jpeg,QQ=="}`],
    ["not_base64", `{"${MEMBER}":"data:image/jpeg;base64"}`],
    ["not_base64", `{"${MEMBER}":"data:${"x".repeat(2000)};base64,QQ=="}`],
    ["not_json", "[]"],
    ["not_json", "<html>"],
    ["not_json", `"${MEMBER}"`],
    ["not_json", `{"${MEMBER}" "QQ=="}`],
    ["not_json", `{"${MEMBER}":}`],
    ["not_json", `{"a":1 2}`],
    ["not_json", `{"a":1,}`],
    ["not_json", `{,"a":1}`],
    ["not_json", `{a:1}`],
    ["not_json", `{"a\nb":1}`],
    ["not_json", `{"${MEMBER}":"QQ=="}}`],
    ["not_json", `{"${MEMBER}":"QQ=="} {}`],
    ["truncated", ""],
    ["truncated", " "],
    ["truncated", `{"${MEMBER}":"QQ=="`],
    ["truncated", `{"a":[1`],
  ])("is told apart: %s of %s", (expected, body) => {
    for (const cuts of [[], everyByte(body)]) expect(read(body, cuts).fault).toBe(expected);
  });

  it("is told apart wherever a good one is cut off", () => {
    const body = String.raw`{"a":{"b":"\\"},"${MEMBER}":"data:image/png;base64,QUFB\u002b\/==","c":[1]}`;
    for (const [cut] of everyByte(body).entries()) expect(read(body.slice(0, cut)).fault).toBe("truncated");
    expect(read(body).fault).toBeUndefined();
  });

  it("never makes the reader throw, or say more than one thing of the same bytes", () => {
    const noise = fc.array(fc.constantFrom(...'{}[]":,\\u0a /=-Q1e', `"${MEMBER}"`, "data:", ";base64,"), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(noise, fc.array(fc.nat(100)), (pieces, cuts) => {
        const body = pieces.join("");
        const cut = read(
          body,
          cuts.sort((one, other) => one - other),
        );
        const whole = read(body);
        expect(cut.fault).toBe(whole.fault);
        if (!whole.fault) expect(cut.bytes).toEqual(whole.bytes);
      }),
      { ...seeded, numRuns: 2000 },
    );
  });

  it("ends the file at once, and for good", () => {
    const decoder = createMemberDecoder(MEMBER);
    const push = (text: string) => decoder.push(new TextEncoder().encode(text));
    expect(push(`{"${MEMBER}":"QUFB`)).toHaveLength(3);
    expect(push("!")).toHaveLength(0);
    expect(decoder.fault()).toBe("not_base64");
    expect(push('QUFB"}')).toHaveLength(0);
    expect(decoder.end()).toBe("not_base64");
  });
});

describe("what is not the file's", () => {
  const surplusOf = (body: string, cuts: readonly number[] = []) => read(body, cuts).surplus;
  const large = new Uint8Array(3000).toBase64();

  it.each<[string, string, number]>([
    ["nothing of the string itself", `{"${MEMBER}":"${large}"}`, `{"${MEMBER}":"}`.length],
    ["what is before", `{"a":[{"b":"ccc"}], "${MEMBER}":"${large}"}`, `{"a":[{"b":"ccc"}], "${MEMBER}":"}`.length],
    ["what is after", `{"${MEMBER}":"${large}","a":"bbb"}  `, `{"${MEMBER}":","a":"bbb"}  `.length],
    ["all where there is no file", `{"a":"${large}"}`, `{"a":"${large}"}`.length],
    [
      "no few line breaks",
      `{"${MEMBER}":"${large.replaceAll(/.{76}/g, String.raw`$&\r\n`)}"}`,
      `{"${MEMBER}":"}`.length,
    ],
    ["white space without end", `{"${MEMBER}":"${" ".repeat(9000)}"}`, 9000 + `{"${MEMBER}":""}`.length],
    ["escapes without end", `{"${MEMBER}":"${String.raw`\n`.repeat(9000)}"}`, 18_000 + `{"${MEMBER}":""}`.length],
  ])("is counted: %s", (_what, body, expected) => {
    expect(surplusOf(body)).toBe(expected);
    expect(surplusOf(body, everyByte(body))).toBe(expected);
  });
});

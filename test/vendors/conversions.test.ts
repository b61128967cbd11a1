import { describe, expect, it } from "vitest";
import { toCountry } from "../../src/core/countries.ts";
import { toCalendarDate, toInstant } from "../../src/core/dates.ts";

describe("a country", () => {
  it("has an alpha-3 code for each of the 249 alpha-2 codes, and no two the same", () => {
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const codes = letters.flatMap((first) => letters.map((second) => toCountry(first + second)));
    const known = codes.filter((code) => code !== undefined);
    expect(known).toHaveLength(249);
    expect(new Set(known).size).toBe(249);
    expect(known.every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
  });

  it.each([
    ["US", "USA"],
    ["de", "DEU"],
    ["BRA", "BRA"],
    ["CH", "CHE"],
    ["AD", "AND"],
    ["RS", "SRB"],
    ["UA", "UKR"],
    ["AX", "ALA"],
    ["ZW", "ZWE"],
  ])("%s is %s", (code, expected) => expect(toCountry(code)).toBe(expected));

  it.each(["", "U", "XX", "XXX", "Brazil", "D", "US-FL", "ﬁ"])("is not %j", (code) =>
    expect(toCountry(code)).toBeUndefined(),
  );
});

describe("a calendar date", () => {
  it.each([
    ["1990-02-03", "1990-02-03"],
    ["1990-02-03T00:00:00.000Z", "1990-02-03"],
    ["1990-02-03T23:59:59-11:00", "1990-02-03"],
    ["2024-02-29 10:00", "2024-02-29"],
  ])("is taken from %s as written", (text, expected) => expect(toCalendarDate(text)).toBe(expected));

  it.each(["", "03/02/1990", "2023-02-29", "2023-02-31", "2023-13-01", "1990-2-3", "PASS 1", "1990-02-03x"])(
    "is not found in %j",
    (text) => expect(toCalendarDate(text)).toBeUndefined(),
  );
});

describe("an instant", () => {
  it.each([
    ["2026-02-03T10:20:30.000Z", "2026-02-03T10:20:30.000Z"],
    ["2026-02-03T10:20:30Z", "2026-02-03T10:20:30.000Z"],
    ["2026-02-03T10:20:30.123456Z", "2026-02-03T10:20:30.123Z"],
    ["2026-02-03T11:20:30+01:00", "2026-02-03T10:20:30.000Z"],
    ["2026-02-03T11:20:30+0100", "2026-02-03T10:20:30.000Z"],
    ["2026-02-03 10:20:30", "2026-02-03T10:20:30.000Z"],
    ["2026-02-03", "2026-02-03T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => expect(toInstant(text)).toBe(expected));

  it.each(["", "yesterday", "1770114030000", "2026-02-30T10:00:00Z", "2026-02-03T25:00:00Z", "PASS 1"])(
    "is not found in %j",
    (text) => expect(toInstant(text)).toBeUndefined(),
  );
});

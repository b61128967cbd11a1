/** A fault is told where it stands, and nothing is repeated that may be a secret. */
import { describe, expect, it } from "vitest";
import { Failure } from "../../src/cli/failure.ts";
import { readDocument, tellFaults, type ToldFault } from "../../src/cli/faults.ts";
import { findPlaces } from "../../src/cli/places.ts";

const TEXT = `{
  "sources": {
    "seon": {
      "vendor": "seon",
      "verify": [{ "scheme": "hmca", "secrets": ["sk_live_pasted"] }],
      "a/b~c": { "x": [1, { "deep": null }, "}\\"{"] }
    }
  }
}
`;

const place = (pointer: string) => Object.values(findPlaces(TEXT).valueAt(pointer)).join(":");

describe("the place of a value", () => {
  it.each([
    ["", "1:1"],
    ["/sources", "2:14"],
    ["/sources/seon/vendor", "4:17"],
    ["/sources/seon/verify", "5:17"],
    ["/sources/seon/verify/0/scheme", "5:30"],
    ["/sources/seon/verify/0/secrets/0", "5:50"],
    ["/sources/seon/a~1b~0c/x/0", "6:24"],
    ["/sources/seon/a~1b~0c/x/1/deep", "6:37"],
    ["/sources/seon/a~1b~0c/x/2", "6:45"],
  ])("%s is %s", (pointer, expected) => {
    expect(place(pointer)).toBe(expected);
  });

  it("of a member that is missing is the object that it is missing from", () => {
    expect(place("/sources/seon/verify/0/header/name")).toBe("5:18");
    expect(place("/subscribers")).toBe("1:1");
  });

  it("of a name is where the name stands", () => {
    expect(Object.values(findPlaces(TEXT).nameAt("/sources/seon/vendor"))).toEqual([4, 7]);
  });
});

const tell = (fault: ToldFault) =>
  tellFaults([fault], { name: "config.json", text: TEXT }, "error", (_style, text) => text)[0];

describe("a fault", () => {
  it("says where, what, what else there is, and what was nearly written", () => {
    const fault = {
      path: "/sources/seon/verify/0/scheme",
      message: "expected the name of a scheme",
      expected: ["hmac", "header"],
      suggestion: "hmac",
    };
    expect(tell(fault)).toBe(
      'config.json:5:30: error: /sources/seon/verify/0/scheme  expected the name of a scheme (hmac | header), got "hmca" (did you mean hmac?)',
    );
  });

  it("repeats nothing that is not nearly a name: it may be a secret in the wrong place", () => {
    const fault = { path: "/sources/seon/verify/0/secrets/0", message: "expected an object", expected: ["one", "two"] };
    expect(tell(fault)).toBe(
      "config.json:5:50: error: /sources/seon/verify/0/secrets/0  expected an object (one | two)",
    );
  });

  it("of a member's name points at the name, and leaves alone what stands behind it", () => {
    const fault = {
      path: "/sources/seon/vendor",
      message: "unknown key",
      expected: ["vendors"],
      suggestion: "vendors",
    };
    expect(tell(fault)).toBe("config.json:4:7: error: /sources/seon/vendor  unknown key (did you mean vendors?)");
  });

  it("lists no names twice", () => {
    const fault = { path: "/sources/seon/vendor", message: "expected one of seon, unico", expected: ["seon", "unico"] };
    expect(tell(fault)).toContain("/sources/seon/vendor  expected one of seon, unico");
    expect(tell(fault)).not.toContain("|");
  });
});

it("faults are told in the order of the document", () => {
  const paths = ["/sources/seon/verify/0/scheme", "/sources", "/sources/seon/vendor"];
  const lines = tellFaults(
    paths.map((path) => ({ path, message: "wrong" })),
    { name: "-", text: TEXT },
    "warning",
    (_style, text) => text,
  );
  expect(lines.map((line) => line.split(" ")[2])).toEqual([
    "/sources",
    "/sources/seon/vendor",
    "/sources/seon/verify/0/scheme",
  ]);
});

describe("a text that is no JSON", () => {
  const refused = (text: string): Failure => {
    try {
      readDocument({ name: "config.json", text });
    } catch (error) {
      return error as Failure;
    }
    throw new Error("it was read");
  };

  it("is refused with the place, and without a piece of it", () => {
    const error = refused('{\n  "secret": "sk_live_pasted",\n  sk_live_unquoted }');
    expect(error).toMatchObject({ exitCode: 1 });
    expect(error.message).toMatch(/^config\.json:3:3: /);
    expect(`${error.message}${error.hint}`).not.toContain("sk_live");
  });

  it("and one that ends too early is refused at its end", () => {
    expect(refused('{\n  "a": [1,\n').message).toMatch(/^config\.json:[23]:/);
  });
});

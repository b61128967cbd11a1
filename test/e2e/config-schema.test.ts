/** The schema that editors are given says what the gateway says: of names, shapes and ranges. What takes code to judge it leaves out. */
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as v from "valibot";
import { configSchema } from "../../src/config/described/schema.ts";
import { toFault } from "../../src/config/faults.ts";
import { documentSchema } from "../../src/config/schema.ts";
import { EXAMPLE } from "../config/example.ts";
import { mutate, mutationsOf } from "../config/mutations.ts";
import { RICH } from "../config/rich.ts";

// What the checks of keys need, and this Node has not; the schema says nothing of what is in a key.
const read = (encoding: "base64" | "hex") => (text: string) => Uint8Array.from(Buffer.from(text, encoding));
if (!("fromBase64" in Uint8Array)) Object.assign(Uint8Array, { fromBase64: read("base64"), fromHex: read("hex") });

const schema = JSON.parse(JSON.stringify(configSchema())) as Record<string, unknown>;
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

/** Without those that lie between members, of which no schema knows. */
const faultsOf = (document: unknown) => (v.safeParse(documentSchema, document).issues ?? []).map(toFault);

/** Faults that the schema can see. */
const OF_SHAPE =
  /^(expected an object|missing: this key is required|expected (one of|an? (object|operator|whole number)|not to be empty|at (least|most) [\d.]+|string|number|boolean|Array))/;

describe("a document", () => {
  it.each([
    ["of the documentation", EXAMPLE],
    ["with everything in it", RICH],
    ["with nothing in it", {}],
  ])("%s is valid for both", (_what, document) => {
    expect(faultsOf(document)).toEqual([]);
    expect([validate(document), validate.errors]).toEqual([true, null]);
  });

  it("that the gateway accepts is valid, and one that it refuses for its shape is not, whatever was changed", () => {
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(mutationsOf(RICH), (mutations) => {
        const text = JSON.stringify(mutate(RICH, mutations));
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text)); // The library looks past such members; a cross-check refuses them.
        const document = JSON.parse(text) as unknown;
        const faults = faultsOf(document);
        const isOfShape = faults.some(({ message }) => OF_SHAPE.test(message));
        if (faults.length === 0) expect([validate(document), validate.errors]).toEqual([true, null]);
        if (isOfShape) expect([faults, validate(document)]).toEqual([faults, false]);
        verdicts.accepted += faults.length === 0 ? 1 : 0;
        verdicts.refused += isOfShape ? 1 : 0;
      }),
      { seed: 20_261_122, numRuns: 1000 },
    );
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(100);
  });
});

describe("an editor", () => {
  interface Part {
    description?: unknown;
    properties?: Readonly<Record<string, Part>>;
    definitions?: Readonly<Record<string, Part>>;
    items?: Part;
    additionalProperties?: Part | boolean;
    anyOf?: readonly Part[];
  }
  /** Each member with its path; the fields of a filter are the event's, which has a schema of its own. */
  const membersOf = (part: Part, path: string): [string, Part][] => {
    const { properties = {}, definitions: { filter: _filter, ...definitions } = {}, items, anyOf = [] } = part;
    const values = typeof part.additionalProperties === "object" ? [part.additionalProperties] : [];
    return [
      ...Object.entries(properties).flatMap(([name, member]): [string, Part][] => [
        [`${path}/${name}`, member],
        ...membersOf(member, `${path}/${name}`),
      ]),
      ...[...Object.values(definitions), ...(items ? [items] : []), ...anyOf, ...values].flatMap((each) =>
        membersOf(each, path),
      ),
    ];
  };
  const members = membersOf(schema, "");

  it("is told what every member is for", () => {
    expect(members.length).toBeGreaterThan(80);
    expect(members.filter(([, { description }]) => typeof description !== "string").map(([path]) => path)).toEqual([]);
  });

  it("is told defaults, and the values to choose from", () => {
    const named = (name: string) => members.filter(([path]) => path.endsWith(`/${name}`)).map(([, member]) => member);
    expect(named("timeoutSeconds")).toMatchObject([{ default: 15, minimum: 1, maximum: 60 }]);
    expect(named("vendor")).toMatchObject([{ enum: expect.arrayContaining(["regula"]) as unknown }]);
    expect(named("accept")).toMatchObject([{ default: "2xx", enum: ["2xx", "success"] }]);
    expect(JSON.stringify(schema["definitions"])).toContain('"data.person.nationality"');
  });
});

/** Documents of older schemas are made newer before they are checked, and none of a schema that nobody knows is taken. */
import { describe, expect, it } from "vitest";
import { migrate, NEWEST_SCHEMA, type Migration } from "../../src/config/migrations.ts";
import { changed, EXAMPLE, faultsOf, pathsOf } from "./documents.ts";

/** Two steps as they might be: each sees only what the one before made. */
const renamed: Migration = ({ old, ...rest }) => (old === undefined ? rest : { ...rest, newer: old });
const doubled: Migration = ({ newer, ...rest }) =>
  typeof newer === "number" ? { ...rest, newest: newer * 2 } : { ...rest, ...(newer === undefined ? {} : { newer }) };
const STEPS = [renamed, doubled];

describe("a document", () => {
  it.each([
    ["that does not say its schema goes through all steps", { old: 1 }, { newest: 2 }],
    ["goes on from its own schema", { schema: 2, newer: 1 }, { schema: 2, newest: 2 }],
    ["is not taken through the steps before it", { schema: 2, old: 1 }, { schema: 2, old: 1 }],
    ["of the newest schema stays as it is", { schema: 3, newer: 1 }, { schema: 3, newer: 1 }],
    ["with a schema that is no number is left to the checks", { schema: "x", newest: 2 }, { schema: "x", newest: 2 }],
  ])("%s", (_how, before, after) => {
    expect(migrate(before, STEPS)).toEqual(after);
  });

  it.each([null, 5, "text", [], [{ old: 1 }], undefined])("that is none stays that: %j", (value) => {
    expect(migrate(value, STEPS)).toBe(value);
  });

  it("that is valid today is changed by no step there is", () => {
    expect(migrate(EXAMPLE)).toEqual(EXAMPLE);
  });

  it("may say the newest schema, and is at fault with any other that nobody knows", () => {
    expect(
      faultsOf(changed({ "/schema": NEWEST_SCHEMA, "/$schema": "https://gateway.example/schemas/config.json" })),
    ).toEqual([]);
    for (const schema of [NEWEST_SCHEMA + 1, 0, -1, 1.5, "1", null, 1e300])
      expect([...new Set(pathsOf(changed({ "/schema": schema })))], `schema ${String(schema)}`).toEqual(["/schema"]);
  });
});

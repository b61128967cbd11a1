/** What the command line says of words that it cannot use: it may end up in a log. */
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import type { World } from "../../src/cli/session.ts";

async function saidOf(words: readonly string[]): Promise<string> {
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) };
  const program = createProgram({ stdout: stream, stderr: stream } as unknown as World, "0");
  await expect(program.parseAsync(words, { from: "user" })).rejects.toThrow(/argument|command/);
  return said.join("");
}

describe("a word that cannot be used", () => {
  it("is not repeated where it is one too many: it may be the value of a secret", async () => {
    const said = await saidOf(["secrets", "set", "name", "MARKER_7F3A", "and more"]);
    expect(said).toContain("too many arguments for 'set'. Expected 1 argument.");
    expect(said).not.toContain("MARKER_7F3A");
  });

  it("moves no cursor, and loses no line", async () => {
    const said = await saidOf(["config", "pu\u001b[31msh"]);
    expect(said).not.toContain("\u001b");
    expect(said).toMatch(/unknown command.*\n/);
  });
});

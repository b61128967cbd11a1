/** Every command that is written down, in the documents and in the help itself, is one that there is, with the flags that it has. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import type { World } from "../../src/cli/session.ts";

const program = createProgram({ stdout: process.stdout, stderr: process.stderr } as unknown as World, "0");

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((each) => everyCommand(each))];
}

const helps = everyCommand(program).map((command) => command.helpInformation());
const documents = ["README.md", "docs/cli.md"].map((file) =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"),
);

/** Of a line of a shell, from the program's name to where another begins. */
const written = [...helps, ...documents]
  .flatMap((text) => [...text.matchAll(/^(?:\$ |  |.*\| )?gatepost ([a-z].*)$/gm)])
  .map(([, line = ""]) => line.replace(/\s+(?:[|<>#]|&&).*$/, ""));

/** Words as a shell would part them. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = ""]) => quoted ?? bare);

describe("every command that is written down", () => {
  it("is many", () => expect(new Set(written).size).toBeGreaterThan(30));

  it.each([...new Set(written)])("gatepost %s", (line) => {
    let command = program;
    const rest: string[] = [];
    for (const word of wordsOf(line)) {
      const next = rest.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (next) command = next;
      else rest.push(word);
    }
    expect(command, "it names a command").not.toBe(program);
    const { operands, unknown } = command.parseOptions(rest);
    const stranger = program.parseOptions(unknown);
    expect(stranger.unknown, "flags").toEqual([]);
    const needed = command.registeredArguments.filter(({ required }) => required).length;
    const most = command.registeredArguments.some(({ variadic }) => variadic)
      ? Infinity
      : command.registeredArguments.length;
    const given = operands.length + stranger.operands.length;
    expect(given, "arguments").toBeGreaterThanOrEqual(needed);
    expect(given, "arguments").toBeLessThanOrEqual(most);
  });
});

/** `gatepost help`: of a command, or what the exit codes mean. */
import type { Command } from "commander";
import { describe } from "../command.ts";
import { Misuse } from "../failure.ts";

const EXIT_CODES = `Exit codes

  0    done
  1    refused, or failed: a document with faults, no such event, no gateway at that URL.
       Also what a command was asked to find out: \`status\` of a gateway that is not ready, \`config diff --exit-code\`
       of documents that differ, \`--wait\` for a delivery that was not taken, \`sources test\` that came out otherwise than it should
  2    wrong use: an unknown command or flag, a value that cannot be meant, no token, a question that nobody is there to answer
  130  ended with Ctrl-C; long work goes on in the gateway

Data goes to stdout and everything else to stderr. With --json, stdout is one JSON text a line.`;

/** What is no command. */
const TOPICS: Readonly<Record<string, string>> = { "exit-codes": EXIT_CODES };

export function addHelp(program: Command, write: (text: string) => void): void {
  program.helpCommand(false);
  describe(program.command("help"), "explain a command, or a topic: exit-codes", [
    "help config push",
    "help exit-codes",
  ])
    .argument("[words...]", "a command, or a topic")
    .action((words: string[]) => {
      const topic = TOPICS[words[0] ?? ""];
      if (topic !== undefined) return write(`${topic}\n`);
      write(find(program, words).helpInformation());
    });
}

function find(program: Command, words: readonly string[]): Command {
  return words.reduce((command, word) => {
    const found = command.commands.find((each) => each.name() === word);
    if (!found) throw new Misuse(`there is no command or topic ${words.join(" ")}`, "gatepost help");
    return found;
  }, program);
}

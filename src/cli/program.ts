/** All commands, and what they have in common. */
import { Command } from "commander";
import { createAct } from "./command.ts";
import { addConfig } from "./commands/config.ts";
import { addDeliveries } from "./commands/deliveries.ts";
import { addEvents } from "./commands/events.ts";
import { addHelp } from "./commands/help.ts";
import { addReceipts } from "./commands/receipts.ts";
import { addReplay } from "./commands/replay.ts";
import { addSecrets } from "./commands/secrets.ts";
import { addSources } from "./commands/sources.ts";
import { addStatus } from "./commands/status.ts";
import { addSubscribers } from "./commands/subscribers.ts";
import { plain } from "./plain.ts";
import type { World } from "./session.ts";

const MORE = `
Start here:
  gatepost status
  gatepost config get > config.json
  gatepost events tail

The token comes from GATEPOST_TOKEN or --token-file, never from a flag. \`gatepost help exit-codes\` explains how commands end.`;

export function createProgram(world: World, version: string): Command {
  const { stdout, stderr } = world;
  const program = new Command("gatepost")
    .description("Look after a Gatepost: its configuration, its events, and what is owed to whom.")
    .version(version, "--version", "print the version")
    .option("--url <url>", "the gateway (or GATEPOST_URL, or url in .gatepost.json; default: http://localhost:8787)")
    .option("--token-file <file>", "read the token from a file, - for standard input (or GATEPOST_TOKEN)")
    .option("--json", "for machines: one JSON text a line")
    .option("--no-color", "no colours (or NO_COLOR)")
    .option("--no-input", "ask nothing: fail, and name the flag that answers")
    .option("--quiet", "data and errors only")
    .helpOption("-h, --help", "explain the command")
    .addHelpText("after", MORE)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(wordsOf(text)),
    });
  const act = createAct(world);
  addStatus(program, act);
  addConfig(program, act);
  addSecrets(program, act);
  addSources(program, act);
  addSubscribers(program, act);
  addEvents(program, act);
  addReplay(program, act);
  addDeliveries(program, act);
  addReceipts(program, act);
  for (const noun of program.commands) noun.helpCommand(false);
  addHelp(program, (text) => void stdout.write(text));
  return program;
}

/** What was typed in excess is not repeated: it may be a secret's value, and this may be a log. */
function wordsOf(text: string): string {
  const words = text.replace(/^error: /, "gatepost: ").replace(/ but got \d+: .*/su, ".\n");
  return words.split("\n").map(plain).join("\n");
}
